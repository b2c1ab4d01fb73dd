/// The layers that a diagnosis walks, in order: the first that broke is the answer.
public enum Layer: String, Sendable, Hashable, CaseIterable, Codable {
  case system
  case marketData = "market_data"
  case signal
  case risk
  case execution
  case database
}

/// What an answer is. Different answers ask for different deeds.
public enum Verdict: String, Sendable, Hashable, CaseIterable, Codable {
  /// Orders are filled.
  case trading
  /// Everything works, and no strategy has reason to act.
  case quiet
  /// Signals come, and all are refused.
  case blocked
  /// A layer does not do its work.
  case broken
  /// Somebody engaged the kill switch.
  case stopped
  /// Everything works, and the gate is not open.
  case gated
  /// The pipeline has only begun.
  case starting
  /// The input has ended.
  case ended
  /// No process of the pipeline ran: it was stopped, or died, and was started again.
  case restarting
  /// The process ran, and nobody could look: it was held up, or the machine slept.
  case notObserved = "not_observed"
}

/// A figure that the answer rests on.
public struct Evidence: Sendable, Hashable, Codable {
  public var name: String
  public var value: String
  /// How old the figure is, seconds; nil where it has no age.
  public var ageSeconds: Double?

  enum CodingKeys: String, CodingKey {
    case name, value
    case ageSeconds = "age_seconds"
  }

  public init(_ name: String, _ value: String, ageSeconds: Double? = nil) {
    self.name = name
    self.value = value
    self.ageSeconds = ageSeconds
  }
}

/// What the answer to *is it trading, and if not, why not?* was from an instant on, until the next one began.
public struct Answer: Sendable, Hashable, Codable {
  /// By the wall clock. Never before the answer that came before it.
  public var since: EventTime
  public var verdict: Verdict
  /// The first layer that broke; nil where none did.
  public var layer: Layer?
  /// A reason code, an ``AnswerReason``, or a health.
  public var reason: String?
  /// One sentence, in English and in German.
  public var summary: String
  public var summaryDe: String
  /// The figures as they were when it began.
  public var evidence: [Evidence]

  enum CodingKeys: String, CodingKey {
    case verdict, layer, reason, summary, evidence
    case since = "since_ns"
    case summaryDe = "summary_de"
  }

  public init(
    since: EventTime, verdict: Verdict, layer: Layer? = nil, reason: String? = nil, summary: String,
    summaryDe: String, evidence: [Evidence] = []
  ) {
    self.since = since
    self.verdict = verdict
    self.layer = layer
    self.reason = reason
    self.summary = summary
    self.summaryDe = summaryDe
    self.evidence = evidence
  }

  /// Whether it says the same, whatever the figures are.
  public func isSame(as other: Answer) -> Bool {
    verdict == other.verdict && layer == other.layer && reason == other.reason
  }

  /// The sentence in a language.
  public func summary(in language: Language) -> String { language == .de ? summaryDe : summary }
}
