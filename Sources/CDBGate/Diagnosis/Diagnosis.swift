import CDBDomain
import CDBPipeline

/// One stage in an answer: what it passed, when, and what it refused.
public struct StageReport: Sendable, Hashable, Codable {
  public var stage: String
  public var health: String
  public var received: UInt64
  public var emitted: UInt64
  /// Dropped events by reason.
  public var dropped: [String: UInt64]
  /// Seconds since it last worked on an event.
  public var ageSeconds: Double?
  public var failure: String?
  /// Seconds since a process of it began anew, from when it counts; nil where that is a minute or longer ago.
  public var beganAnewSeconds: Double?
  /// Of ws: the share of the last minute's input that could not be used, 0…1; nil where that is nothing noteworthy.
  public var unusableShare: Double?

  enum CodingKeys: String, CodingKey {
    case stage, health, received, emitted, dropped, failure
    case ageSeconds = "age_seconds"
    case beganAnewSeconds = "began_anew_seconds"
    case unusableShare = "unusable_share"
  }
}

/// What is broken behind a stop, and will be the answer once somebody resumes.
public struct BrokenBehind: Sendable, Hashable, Codable {
  public var layer: Layer
  /// A reason code, or a health.
  public var reason: String
  /// One sentence, in English and in German.
  public var summary: String
  public var summaryDe: String
  /// Since when, nanoseconds since the epoch; nil where that is not known.
  public var sinceNs: Int64?
  public var isCauseKnown: Bool
  public var evidence: [Evidence]

  enum CodingKeys: String, CodingKey {
    case layer, reason, summary, evidence
    case summaryDe = "summary_de"
    case sinceNs = "since_ns"
    case isCauseKnown = "cause_known"
  }

  /// The sentence in a language.
  public func summary(in language: Language) -> String { language == .de ? summaryDe : summary }
}

/// The answer to *is it trading, and if not, why not?*
public struct Diagnosis: Sendable, Hashable, Codable {
  public var trading: Bool
  public var verdict: Verdict
  /// One sentence, in English and in German.
  public var summary: String
  public var summaryDe: String
  /// The first layer that broke; nil where none did.
  public var layer: Layer?
  /// A reason code, an ``AnswerReason``, or a health.
  public var reason: String?
  /// Since when, nanoseconds since the epoch; nil where that is not known.
  public var sinceNs: Int64?
  public var evidence: [Evidence]
  /// Whether the reason says why, and not only where; true where nothing is wrong.
  public var isCauseKnown = true
  /// Why, where what was met says it: one sentence, in English and in German; nil where the reason says it already, or nothing
  /// does.
  public var cause: String?
  public var causeDe: String?
  /// What may be behind it, the likeliest first; at most three.
  public var hypotheses: [Hypothesis] = []
  /// Where the answer is a stop: what is broken behind it, in the order of the layers.
  public var behind: [BrokenBehind] = []
  /// What keeps it from nothing, and somebody should know of.
  public var remarks: [Remark] = []
  /// The six layers in their order: what each consumed, produced and refused.
  public var layers: [LayerReport] = []
  public var stages: [StageReport]
  /// Refused signals by reason, since the process began.
  public var refusals: [String: UInt64]
  public var profile: String
  /// The gate; nil where there is none.
  public var gate: GateReport?
  /// How long nothing has happened; nil where nobody counts it.
  public var zeroActivity: ZeroActivityReport?
  /// The incidents that are not closed, the worst first.
  public var incidents: [IncidentReference] = []
  public var asOfNs: Int64

  /// The sentence in a language.
  public func summary(in language: Language) -> String { language == .de ? summaryDe : summary }

  /// Why, in a language; nil where the reason says it already, or nothing does.
  public func cause(in language: Language) -> String? { language == .de ? causeDe : cause }

  /// What a person does about the reason, where it is known.
  public func remedy(in language: Language) -> String? {
    guard !trading, let reason else { return nil }
    return ReasonCode(code: reason)?.remedy(in: language)
      ?? AnswerReason(rawValue: reason)?.remedy[language]
  }

  /// The page that says step by step what to do, from the repository's root; nil where the reason has none.
  public func playbook(in language: Language) -> String? {
    trading ? nil : reason.flatMap { Self.playbook(ofReason: $0, in: language) }
  }

  /// The page about a reason, from the repository's root; nil where there is none.
  public static func playbook(ofReason reason: String, in language: Language) -> String? {
    guard let page = playbookName(ofReason: reason) else { return nil }
    let folder = language == .de ? "playbooks/de" : "playbooks"
    return "docs/04_incident-management/\(folder)/\(page).md"
  }

  /// The page about a reason by its name, such as `silent_feed`; nil where there is none.
  public static func playbookName(ofReason reason: String) -> String? {
    ReasonCode(code: reason)?.playbook ?? AnswerReason(rawValue: reason)?.playbook
  }

  enum CodingKeys: String, CodingKey {
    case trading, verdict, summary, layer, reason, evidence, stages, refusals, profile, gate
    case hypotheses, layers, incidents, behind, remarks, cause
    case causeDe = "cause_de"
    case isCauseKnown = "cause_known"
    case summaryDe = "summary_de"
    case sinceNs = "since_ns"
    case zeroActivity = "zero_activity"
    case asOfNs = "as_of_ns"
  }
}
