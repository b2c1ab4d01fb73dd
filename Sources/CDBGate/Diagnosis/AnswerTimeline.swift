import CDBDomain

/// Makes of many looks at a pipeline one answer for every instant: what it was, and since when.
///
/// A value: time comes with each look, and what is to be kept comes back. An answer holds from its ``Answer/since``
/// until that of the next one, so that between them there is neither a gap nor an overlap.
public struct AnswerTimeline: Sendable {
  /// How long another answer must hold before it counts, nanoseconds; what is shorter is passed over.
  public static let settling: Int64 = 1_000_000_000
  /// The longest pause between two looks in which the answer is taken to have held, nanoseconds.
  public static let longestPause: Int64 = 5_000_000_000

  /// How long a restart that was meant may take, nanoseconds; what lasts longer is a stop.
  public static let longestRestart: Int64 = 60_000_000_000

  /// What ran before this process.
  public struct Past: Sendable, Hashable {
    /// The time of the last thing that it wrote.
    public var end: EventTime
    /// Whether it ended because it was told to; nil where that is not known.
    public var wasPlanned: Bool?

    public init(end: EventTime, wasPlanned: Bool?) {
      self.end = end
      self.wasPlanned = wasPlanned
    }
  }

  /// The answer that holds; nil before the first look.
  public private(set) var current: Answer?
  private let past: Past?
  private var candidate: Answer?
  private var lastLook: EventTime?
  /// When a look last found what holds.
  private var lastFound: EventTime?

  /// - Parameter past: nil where nothing has run before.
  public init(after past: Past? = nil) { self.past = past }

  /// Of a process that looks on where another one did.
  ///
  /// - Parameter lastLook: when that one is last known to have looked; nil where none is known.
  public init(goingOnFrom lastLook: EventTime?) {
    past = nil
    self.lastLook = lastLook
  }

  /// Takes in what a look has found.
  ///
  /// - Parameter now: by the wall clock; one that was put back counts as standing still.
  /// - Returns: the answers that have begun, in their order.
  public mutating func look(_ diagnosis: Diagnosis, at now: EventTime) -> [Answer] {
    let now = max(now, lastLook ?? now)
    var begun: [Answer] = []
    if let lastLook {
      if now.nanoseconds &- lastLook.nanoseconds > Self.longestPause {
        begin(Self.notObserved(since: lastLook), &begun)
      }
    } else if let past, past.end < now {
      begin(Self.between(past, and: now), &begun)
    }
    let before = lastLook
    lastLook = now
    let found = Answer(diagnosis, since: now)
    guard current != nil, begun.isEmpty else {
      // Nothing was seen before it: it begins here.
      begin(found, &begun)
      return begun
    }
    if let before { passOver(diagnosis.gate?.stops ?? [], after: before, to: found, &begun) }
    guard let current else { return begun }
    // Whoever resumed has ended it then, whatever comes of that.
    if current.verdict == .stopped, found.verdict != .stopped,
      let until = diagnosis.gate?.stops.last?.until, until > current.since
    {
      var next = found
      next.since = min(until, now)
      begin(next, &begun)
      return begun
    }
    if current.isSame(as: found) {
      candidate = nil
      lastFound = now
    } else if let candidate, candidate.isSame(as: found) {
      if now.nanoseconds &- candidate.since.nanoseconds >= Self.settling { begin(candidate, &begun) }
    } else {
      candidate = found
      // Where the cause is known to be older than the look, so is the answer; but it does not reach behind the one
      // before it, nor takes away what was found to be wrong: only that all was well can turn out not to have been so.
      let floor =
        current.verdict.saysAllIsWell ? current.since : max(current.since, lastFound ?? current.since)
      if let known = diagnosis.sinceNs.map(EventTime.init(nanoseconds:)), known > floor, known < now {
        candidate?.since = known
        let delay = now.nanoseconds &- known.nanoseconds
        if found.verdict == .broken, delay >= Self.settling {
          candidate?.evidence.append(Self.noticed(after: delay))
        }
      }
      // Somebody has stopped, however soon it is over.
      if let candidate, found.verdict == .stopped {
        begin(candidate, &begun)
      } else if let candidate, now.nanoseconds &- candidate.since.nanoseconds >= Self.settling {
        begin(candidate, &begun)
      }
    }
    return begun
  }

  /// Stops that began and were over between two looks: each was the answer, unless what comes before a stop was.
  private mutating func passOver(
    _ stops: [GateStop], after before: EventTime, to found: Answer, _ begun: inout [Answer]
  ) {
    for stop in stops {
      guard let until = stop.until, stop.since > before, until > stop.since, let current,
        !current.comesBeforeStop
      else { continue }
      let words = GateStop.summary(actor: stop.actor, reason: stop.reason)
      begin(
        Answer(
          since: stop.since, verdict: .stopped, layer: .risk, reason: ReasonCode.killSwitch.code,
          summary: words[.en], summaryDe: words[.de]), &begun)
      var next = found
      next.since = until
      begin(next, &begun)
    }
  }

  private mutating func begin(_ answer: Answer, _ begun: inout [Answer]) {
    var answer = answer
    answer.since = max(answer.since, current?.since ?? answer.since)
    current = answer
    candidate = nil
    lastFound = lastLook
    begun.append(answer)
  }

  /// The kinds of restarts, by the reason of the answer that tells of one.
  public static let restartKinds = [
    AnswerReason.plannedRestart.rawValue: "planned", AnswerReason.unplannedRestart.rawValue: "unplanned",
    AnswerReason.restart.rawValue: "unknown",
  ]

  /// The figure that says how long after an answer began it was first found: whoever asked before was told another one.
  public static let noticedAfter = "noticed_after_seconds"

  private static func noticed(after delay: Int64) -> Evidence {
    Evidence(noticedAfter, "\((Double(delay) / 1e8).rounded() / 10)")
  }

  private static func notObserved(since: EventTime) -> Answer {
    Answer(.notObserved, .processHeldUp, since: since)
  }

  /// What it was between two processes. Who ends one and begins none for a while has stopped it; a restart is short.
  private static func between(_ past: Past, and now: EventTime) -> Answer {
    let reason: AnswerReason =
      switch past.wasPlanned {
      case true: .plannedRestart
      case false: .unplannedRestart
      case nil: .restart
      }
    let wasStopped = past.wasPlanned == true && now.nanoseconds &- past.end.nanoseconds > longestRestart
    return Answer(wasStopped ? .stopped : .restarting, reason, since: past.end)
  }
}

extension Verdict {
  /// Whether nothing is wrong by it.
  fileprivate var saysAllIsWell: Bool {
    switch self {
    case .trading, .quiet, .starting: true
    default: false
    }
  }
}

extension Answer {
  /// Whether it is broken up to risk, without which no stop can be lifted.
  fileprivate var comesBeforeStop: Bool {
    verdict == .broken && layer != .execution && layer != .database
  }

  /// Of a time in which nothing was diagnosed.
  fileprivate init(_ verdict: Verdict, _ reason: AnswerReason, since: EventTime) {
    self.init(
      since: since, verdict: verdict, layer: .system, reason: reason.rawValue, summary: reason.explanation.en,
      summaryDe: reason.explanation.de)
  }

  init(_ diagnosis: Diagnosis, since: EventTime) {
    self.init(
      since: since, verdict: diagnosis.verdict, layer: diagnosis.layer, reason: diagnosis.reason,
      summary: diagnosis.summary, summaryDe: diagnosis.summaryDe, evidence: diagnosis.evidence)
  }
}
