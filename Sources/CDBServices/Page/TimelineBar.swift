import CDBDomain
import CDBGate

/// A day of answers as a row of cells that one can see: each cell shows the gravest answer that it holds, so that a
/// minute of trouble is not lost among hours of rest.
struct TimelineBar: Sendable, Hashable {
  /// Nanoseconds of a cell.
  static let cell: Int64 = 120_000_000_000
  static let cells = 720

  /// Consecutive cells of the same answer.
  struct Run: Sendable, Hashable {
    var start: Int
    var length: Int
    var verdict: Verdict
  }

  /// The time of the first cell's beginning; cells begin at whole multiples, so that the picture stands still.
  var start: EventTime
  var runs: [Run] = []

  init(_ report: TimelineReport) {
    let end = (report.asOfNs / Self.cell + 1) * Self.cell
    start = EventTime(nanoseconds: end - Int64(Self.cells) * Self.cell)
    var verdicts = [Verdict?](repeating: nil, count: Self.cells)
    for interval in report.intervals {
      let first = Int(clamping: (interval.sinceNs &- start.nanoseconds) / Self.cell)
      // An interval ends before its end: what begins there has the cell for itself.
      let last = Int(
        clamping: (max(interval.sinceNs, interval.untilNs &- 1) &- start.nanoseconds) / Self.cell)
      guard last >= 0, first < Self.cells else { continue }
      for index in max(0, first)...min(Self.cells - 1, max(first, last)) {
        if let known = verdicts[index], known.gravity >= interval.verdict.gravity { continue }
        verdicts[index] = interval.verdict
      }
    }
    for (index, verdict) in verdicts.enumerated() {
      guard let verdict else { continue }
      if let last = runs.last, last.verdict == verdict, last.start + last.length == index {
        runs[runs.count - 1].length += 1
      } else {
        runs.append(Run(start: index, length: 1, verdict: verdict))
      }
    }
  }
}

extension Verdict {
  /// How much it asks for attention.
  var gravity: Int {
    switch self {
    case .broken: 9
    case .stopped: 8
    case .blocked: 7
    case .gated: 6
    case .notObserved: 5
    case .restarting: 4
    case .starting: 3
    case .ended: 2
    case .quiet: 1
    case .trading: 0
    }
  }
}
