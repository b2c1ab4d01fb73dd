import CDBDomain
import DurableQueue
import OpenMetrics

/// Shows the board as metrics. Counters are views of the ledgers, counted since the process began.
struct PipelineCollector: MetricCollector {
  let board: PipelineBoard
  let journal: Journal?
  let feed: String
  /// The stages of this process.
  var stages = StageName.allCases

  var descriptors: [MetricDescriptor] { PipelineMetrics.collected }

  func collect() throws -> [MetricFamily] {
    let status = board.status()
    // What others know they say themselves.
    return try stageFamilies(status) + (stages.contains(.ws) ? feed(status) : [])
      + (stages.contains(.dbWriter) ? orderPath(status) : []) + account(status) + risk(status)
      + storage(status)
  }

  private func stageFamilies(_ status: PipelineStatus) throws -> [MetricFamily] {
    let stages = status.stages.filter { self.stages.contains($0.stage) }
    func each<T>(_ value: (StageStatus) -> T) -> [([String], T)] {
      stages.map { ([$0.stage.rawValue], value($0)) }
    }
    func reasons(_ counts: (NodeLedger) -> ReasonCounts) -> [([String], UInt64)] {
      stages.flatMap { stage in
        counts(stage.sinceStart).byReason.map { ([stage.stage.rawValue, $0.reason.code], $0.count) }
      }
    }
    let received = stages.map { ([$0.stage.rawValue, $0.stage.inputName], $0.sinceStart.received) }
    let emitted = stages.compactMap { stage in
      stage.stage.output.map { ([stage.stage.rawValue, $0.rawValue], stage.sinceStart.emittedByKind.total) }
    }
    return [
      try .counter(PipelineMetrics.eventsReceived, counts: received),
      try .counter(PipelineMetrics.eventsEmitted, counts: emitted),
      try .counter(PipelineMetrics.eventsActed, counts: each(\.sinceStart.acted)),
      try .counter(PipelineMetrics.eventsAbsorbed, counts: reasons(\.absorbed)),
      try .counter(PipelineMetrics.eventsDropped, counts: reasons(\.dropped)),
      try .counter(PipelineMetrics.redeliveries, counts: each(\.sinceStart.redeliveries)),
      try .gauge(PipelineMetrics.inFlight, each { Double($0.inFlight) }),
      try .gauge(
        PipelineMetrics.backlog,
        stages.map { ([$0.stage.inputName, $0.stage.rawValue], Double($0.backlog)) }),
      try .counter(PipelineMetrics.cpu, each { Double($0.cpuNanoseconds) / 1e9 }),
      try .gauge(
        PipelineMetrics.lastEvent,
        stages.compactMap { stage in stage.lastEventWall.map { ([stage.stage.rawValue], $0.seconds) } }),
      try .gauge(
        PipelineMetrics.lastCanary,
        stages.compactMap { stage in stage.lastBarrierWall.map { ([stage.stage.rawValue], $0.seconds) } }),
      try .stateSet(PipelineMetrics.health, each { [$0.health.rawValue] }),
      try .gauge(PipelineMetrics.imbalance, imbalances(status)),
    ]
  }

  private func imbalances(_ status: PipelineStatus) -> [([String], Double)] {
    guard let flow = status.flow else { return [] }
    return StreamName.allCases.map { stream in
      let events = flow.imbalances.reduce(Int64(0)) { sum, imbalance in
        if case .edge(stream, _, let events) = imbalance { return sum + events }
        return sum
      }
      return ([stream.ends.from.rawValue, stream.ends.to.rawValue], Double(events))
    }
  }

  private func feed(_ status: PipelineStatus) throws -> [MetricFamily] {
    let gaps =
      status.feed.tradeGaps.map { ([feed, $0.key, "trade_gap"], $0.value) }
      + status.feed.bookGaps.map { ([feed, $0.key, "book_gap"], $0.value) }
    let undecodable = (status.stage(.ws)?.sinceStart.dropped.byReason ?? []).map {
      ([feed, $0.reason.code], $0.count)
    }
    let connection = status.feed.connection
    let isConnected = connection?.isStreaming ?? status.feed.isConnected
    return try self.connection(connection) + [
      try .gauge(PipelineMetrics.feedConnected, [([feed], isConnected ? 1 : 0)]),
      try .counter(PipelineMetrics.feedFrames, counts: [([feed], status.feed.frames)]),
      try .gauge(PipelineMetrics.feedSkew, [([feed], Double(status.feed.skewNanoseconds) / 1e9)]),
      try .counter(PipelineMetrics.feedGaps, counts: gaps),
      try .counter(PipelineMetrics.feedUndecodable, counts: undecodable),
    ]
  }

  private func connection(_ connection: FeedConnection?) throws -> [MetricFamily] {
    guard let connection else { return [] }
    return [
      try .counter(PipelineMetrics.feedAttempts, counts: [([feed], connection.attempts)]),
      try .counter(
        PipelineMetrics.feedReconnects, counts: connection.reconnects.map { ([feed, $0.key], $0.value) }),
      try .counter(
        PipelineMetrics.feedSnapshots,
        counts: [([feed, "ok"], connection.snapshots), ([feed, "failed"], connection.failedSnapshots)]),
      try .counter(
        PipelineMetrics.feedDiscarded, counts: connection.discarded.map { ([feed, $0.key], $0.value) }),
      try .gauge(
        PipelineMetrics.feedLastMessage, connection.lastMessage.map { [([feed], $0.seconds)] } ?? []),
    ]
  }

  private func orderPath(_ status: PipelineStatus) throws -> [MetricFamily] {
    let tally = status.tally
    func symbol(_ id: InstrumentID) -> String {
      Int(id.index) < status.symbols.count ? status.symbols[Int(id.index)] : "\(id.index)"
    }
    return [
      try .counter(
        PipelineMetrics.signals,
        counts: tally.signals.map {
          ([symbol($0.key.instrument), $0.key.side.code, $0.key.strategy], $0.value)
        }),
      try .counter(
        PipelineMetrics.decisions,
        counts: tally.decisions.map {
          ([$0.key.approved ? "approved" : "refused", $0.key.reason.code], $0.value)
        }),
      try .counter(
        PipelineMetrics.orders,
        counts: tally.orders.map { ([symbol($0.key.instrument), $0.key.side.code], $0.value) }),
      try .counter(
        PipelineMetrics.fills,
        counts: tally.fills.map { ([symbol($0.key.instrument), $0.key.side.code], $0.value) }),
      try .counter(PipelineMetrics.fees, tally.fees.approximate),
      try .counter(
        PipelineMetrics.alerts,
        counts: tally.incidents.map { ([$0.key.incidentLayer, $0.key.code], $0.value) }),
    ]
  }

  private func account(_ status: PipelineStatus) throws -> [MetricFamily] {
    guard let account = status.account else { return [] }
    let label = [account.name]
    let equity = account.equity.approximate
    let peak = account.peakEquity.approximate
    return [
      try .gauge(PipelineMetrics.equity, [(label, equity)]),
      try .gauge(PipelineMetrics.drawdown, [(label, peak > 0 ? max(0, 1 - equity / peak) : 0)]),
      try .gauge(PipelineMetrics.exposure, [(label, equity > 0 ? account.exposure.approximate / equity : 0)]),
      try .gauge(
        PipelineMetrics.position,
        account.positions.map { ([account.name, $0.symbol], $0.approximate) }),
    ]
  }

  private func storage(_ status: PipelineStatus) throws -> [MetricFamily] {
    var families: [MetricFamily] = []
    if let statistics = journal?.queue.statistics {
      families.append(try .gauge(PipelineMetrics.journalBytes, Double(statistics.bytes)))
      families.append(try .counter(PipelineMetrics.journalRecords, counts: [([], statistics.appended)]))
    }
    if let checkpoint = status.checkpoint {
      families.append(try .gauge(PipelineMetrics.checkpoint, Double(checkpoint.barrier)))
    }
    return families
  }
}

extension StageName {
  /// The stream that the stage takes from; ws takes from the journal.
  var inputName: String {
    StreamName.allCases.first { $0.ends.to == self && $0 != .feedback }?.rawValue ?? "journal"
  }

  /// The stream that the stage emits into.
  var output: StreamName? { StreamName.allCases.first { $0.ends.from == self && $0 != .feedback } }
}

extension ReasonCode {
  /// The layer of the pipeline that an incident with this reason belongs to.
  fileprivate var incidentLayer: String {
    ReasonCatalogue[self].area == .risk ? StageName.risk.rawValue : StageName.execution.rawValue
  }
}

extension EventTime {
  var seconds: Double { Double(nanoseconds) / 1e9 }
}

extension Money {
  /// For gauges and pictures; never for books.
  public var approximate: Double { Double(mantissa) / 1e8 }
}
