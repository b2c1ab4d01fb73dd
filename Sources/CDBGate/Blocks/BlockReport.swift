import CDBDomain
import CDBPipeline

/// What a block was, from its own events and from what the store has of its span. The same store gives the same report.
public struct BlockReport: Sendable {
  /// The longest time in the block without an accepted order, and the answer that holds for most of it.
  public struct Gap: Sendable, Hashable {
    public var since: EventTime
    public var until: EventTime
    public var verdict: Verdict?
    public var reason: String?
    public var nanoseconds: Int64 { until.nanoseconds &- since.nanoseconds }
  }

  /// Why nothing was traded for a part of the time: one answer, with all the time that it held.
  public struct Cause: Sendable, Hashable {
    public var verdict: Verdict
    public var layer: Layer?
    public var reason: String?
    public var seconds: Double
    public var times: Int
    /// As it was when the answer first began in the block.
    public var first: TimelineReport.Interval
  }

  public let block: Block
  public let rows: BlockRows
  public let audit: StoreAudit
  /// Nil where an amount does not fit, or the store has no configuration.
  public let equity: BlockEquity?
  public let timeline: TimelineReport
  public let deviations: [BlockDeviation]
  /// How many figures were compared for ``deviations``.
  public let compared: Int
  public let gap: Gap
  /// Those that were opened in the block, or were not closed when it began; as they stood when it ended.
  public let incidents: [Incident]
  public private(set) var findings: [BlockFinding] = []

  /// - Parameters:
  ///   - block: one that has ended.
  ///   - rows: of the time from its start to its end.
  public init(_ block: Block, _ rows: BlockRows, _ audit: StoreAudit) {
    self.block = block
    self.rows = rows
    self.audit = audit
    timeline = TimelineReport(rows.answers, since: rows.since, now: rows.until)
    gap = Self.longestGap(rows)
    var register = IncidentRegister()
    register.remember(rows.incidents, at: rows.until)
    incidents = register.incidents.filter {
      $0.state != .closed || ($0.history.last?.atNs ?? $0.openedNs) >= rows.since.nanoseconds
    }
    (compared, deviations) = BlockDeviation.compare(block, rows)
    let cash = block.figures.books?.startingCash ?? rows.configuration?.account.startingCash
    if let cash, let instruments = rows.configuration?.instruments {
      equity = try? BlockEquity(
        rows, startingCash: cash, looks: block.looks, instruments: instruments)
    } else {
      equity = nil
    }
    findings = Self.findings(self)
  }

  public var judgement: BlockJudgement {
    if findings.contains(where: { $0.rule.judgement == .critical }) { return .critical }
    return findings.isEmpty ? .ok : .partial
  }

  /// Those of the span itself.
  public var fills: some Collection<BlockRows.Fill> { rows.fills.lazy.filter { $0.time >= rows.since } }

  public var decisions: Int { rows.approved + rows.refusals.values.reduce(0, +) }

  /// Seconds.
  public var length: Double { Double(rows.until.nanoseconds &- rows.since.nanoseconds) / 1e9 }

  /// The share of the time in which such an answer held, 0…1.
  func share(_ holds: (TimelineReport.Interval) -> Bool) -> Double {
    guard length > 0 else { return 0 }
    return timeline.intervals.filter(holds).reduce(0) { $0 + $1.seconds } / length
  }

  func percent(_ share: Double) -> String { FigureText.decimal(share * 100, 1) + " %" }

  /// Why nothing was traded, the longest time first.
  public var causes: [Cause] {
    var causes: [Cause] = []
    for interval in timeline.intervals where interval.verdict != .trading {
      if let known = causes.firstIndex(where: {
        $0.verdict == interval.verdict && $0.layer == interval.layer && $0.reason == interval.reason
      }) {
        causes[known].seconds += interval.seconds
        causes[known].times += 1
      } else {
        causes.append(
          Cause(
            verdict: interval.verdict, layer: interval.layer, reason: interval.reason,
            seconds: interval.seconds, times: 1, first: interval))
      }
    }
    // Stable: of two that held equally long, the earlier one comes first.
    return causes.enumerated().sorted {
      ($1.element.seconds, $0.offset) < ($0.element.seconds, $1.offset)
    }.map(\.element)
  }

  private static func longestGap(_ rows: BlockRows) -> Gap {
    let times = [rows.since] + rows.acceptances.sorted() + [rows.until]
    var longest = Gap(since: rows.since, until: rows.since)
    for (since, until) in zip(times, times.dropFirst())
    where until.nanoseconds &- since.nanoseconds > longest.nanoseconds {
      longest = Gap(since: since, until: until)
    }
    let answers = TimelineReport(rows.answers, since: longest.since, now: longest.until).intervals
    var held: [(interval: TimelineReport.Interval, seconds: Double)] = []
    for interval in answers {
      if let known = held.firstIndex(where: {
        $0.interval.verdict == interval.verdict && $0.interval.reason == interval.reason
      }) {
        held[known].seconds += interval.seconds
      } else {
        held.append((interval, interval.seconds))
      }
    }
    let most = held.max { $0.seconds < $1.seconds }?.interval
    longest.verdict = most?.verdict
    longest.reason = most?.reason
    return longest
  }

  /// What each stage did from the first figures of the block to the last. Ledgers outlive a process.
  public var flow: [BlockFigures.Stage] {
    guard let last = block.end?.figures.stages else { return [] }
    return last.map { stage in
      guard let first = block.figures.stages.first(where: { $0.stage == stage.stage }) else { return stage }
      return BlockFigures.Stage(
        stage: stage.stage, received: stage.received &- first.received,
        emitted: stage.emitted &- first.emitted, absorbed: stage.absorbed &- first.absorbed,
        dropped: stage.dropped &- first.dropped)
    }
  }
}
