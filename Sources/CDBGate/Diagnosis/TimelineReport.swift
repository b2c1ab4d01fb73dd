import CDBDomain

/// What the answers were over a span of time, oldest first, without a gap.
public struct TimelineReport: Sendable, Hashable, Codable {
  public struct Interval: Sendable, Hashable, Codable {
    public var sinceNs: Int64
    /// Where the next one begins; of the last one, the time of the report.
    public var untilNs: Int64
    public var verdict: Verdict
    public var layer: Layer?
    public var reason: String?
    public var summary: String
    public var summaryDe: String
    /// As it was when the interval began.
    public var evidence: [Evidence]

    public var seconds: Double { Double(untilNs &- sinceNs) / 1e9 }

    /// What it was, in words: of a stop who stopped and why, else what the reason means.
    public func words(in language: Language) -> String {
      let summary = language == .de ? summaryDe : summary
      guard verdict != .stopped else { return summary }
      return reason.flatMap(ReasonCode.init(code:))?.explanation(in: language) ?? summary
    }

    /// How long after it began it was noticed, in words: `cdb why` said something else until then. Nil where it was at once.
    public func noticed(in language: Language) -> String? {
      guard let seconds = evidence.first(where: { $0.name == AnswerTimeline.noticedAfter })?.value else {
        return nil
      }
      let text = DecimalText.localized(seconds, in: language)
      return Translation(en: "noticed \(text) s later", de: "\(text) s später bemerkt")[language]
    }

    enum CodingKeys: String, CodingKey {
      case verdict, layer, reason, summary, evidence
      case sinceNs = "since_ns"
      case untilNs = "until_ns"
      case summaryDe = "summary_de"
    }
  }

  public var sinceNs: Int64
  public var asOfNs: Int64
  public var intervals: [Interval]
  /// Whether older intervals of the span were left out, because there are too many.
  public var isCut: Bool
  /// Why the store could not be read, so that only what this process knows is here; nil where it could.
  public var storeFailure: String?

  enum CodingKeys: String, CodingKey {
    case intervals
    case sinceNs = "since_ns"
    case asOfNs = "as_of_ns"
    case isCut = "cut"
    case storeFailure = "store_failure"
  }

  /// - Parameters:
  ///   - answers: in the order in which they began; one that began before the span and reaches into it is cut to it,
  ///     and of two that begin at the same time the later counts.
  ///   - since: where the span begins; it ends now.
  public init(
    _ answers: [Answer], since: EventTime, now: EventTime, isCut: Bool = false, storeFailure: String? = nil
  ) {
    sinceNs = since.nanoseconds
    asOfNs = max(now, since).nanoseconds
    self.isCut = isCut
    self.storeFailure = storeFailure
    intervals = []
    for (position, answer) in answers.enumerated() {
      let next = position + 1 < answers.count ? answers[position + 1].since.nanoseconds : asOfNs
      let start = max(answer.since.nanoseconds, sinceNs)
      let end = min(next, asOfNs)
      guard end > start || (position + 1 == answers.count && start <= asOfNs) else { continue }
      if var last = intervals.last, last.verdict == answer.verdict, last.layer == answer.layer,
        last.reason == answer.reason, last.untilNs == start
      {
        last.untilNs = max(end, start)
        intervals[intervals.count - 1] = last
        continue
      }
      intervals.append(
        Interval(
          sinceNs: start, untilNs: max(end, start), verdict: answer.verdict, layer: answer.layer,
          reason: answer.reason, summary: answer.summary, summaryDe: answer.summaryDe,
          evidence: answer.evidence)
      )
    }
  }

  /// Whether it trades now.
  public var isTrading: Bool { intervals.last?.verdict == .trading }

  /// How much of the time each answer had, seconds; the longest first.
  public var shares: [(verdict: Verdict, seconds: Double)] {
    Dictionary(intervals.map { ($0.verdict, $0.seconds) }, uniquingKeysWith: +)
      .map { (verdict: $0.key, seconds: $0.value) }
      .sorted { ($1.seconds, $0.verdict.rawValue) < ($0.seconds, $1.verdict.rawValue) }
  }
}
