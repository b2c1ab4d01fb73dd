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

  /// - Parameter past: nil where nothing has run before.
  public init(after past: Past? = nil) { self.past = past }

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
      begin(Self.restarting(past), &begun)
    }
    lastLook = now
    let found = Answer(diagnosis, since: now)
    guard let current, begun.isEmpty else {
      // Nothing was seen before it: it begins here.
      begin(found, &begun)
      return begun
    }
    if current.isSame(as: found) {
      candidate = nil
    } else if let candidate, candidate.isSame(as: found) {
      if now.nanoseconds &- candidate.since.nanoseconds >= Self.settling { begin(candidate, &begun) }
    } else {
      candidate = found
      // Where the cause is known to be older than the look, so is the answer; but it does not reach behind the one
      // before it.
      if let known = diagnosis.sinceNs.map(EventTime.init(nanoseconds:)), known > current.since, known < now {
        candidate?.since = known
      }
      if let candidate, now.nanoseconds &- candidate.since.nanoseconds >= Self.settling {
        begin(candidate, &begun)
      }
    }
    return begun
  }

  private mutating func begin(_ answer: Answer, _ begun: inout [Answer]) {
    var answer = answer
    answer.since = max(answer.since, current?.since ?? answer.since)
    current = answer
    candidate = nil
    begun.append(answer)
  }

  /// The kinds of restarts, by the reason of the answer that tells of one.
  public static let restartKinds = [
    "planned_restart": "planned", "unplanned_restart": "unplanned", "restart": "unknown",
  ]

  private static func notObserved(since: EventTime) -> Answer {
    Answer(
      since: since, verdict: .notObserved, layer: .system, reason: "process_held_up",
      summary: "nobody looked: the process was held up, the machine slept, or the clock was put forward",
      summaryDe:
        "niemand hat geschaut: der Prozess stand, die Maschine schlief, oder die Uhr sprang vor")
  }

  private static func restarting(_ past: Past) -> Answer {
    let (reason, en, de) =
      switch past.wasPlanned {
      case true:
        ("planned_restart", "stopped in order, and started again", "geordnet beendet und neu gestartet")
      case false: ("unplanned_restart", "it died, and was started again", "gestorben und neu gestartet")
      case nil:
        (
          "restart", "it ended in an unknown way, and was started again",
          "auf unbekannte Weise beendet und neu gestartet"
        )
      }
    return Answer(
      since: past.end, verdict: .restarting, layer: .system, reason: reason, summary: en, summaryDe: de)
  }
}

extension Answer {
  init(_ diagnosis: Diagnosis, since: EventTime) {
    self.init(
      since: since, verdict: diagnosis.verdict, layer: diagnosis.layer, reason: diagnosis.reason,
      summary: diagnosis.summary, summaryDe: diagnosis.summaryDe, evidence: diagnosis.evidence)
  }
}
