import CDBDomain
import OpenMetrics

/// Makes what each stage's task works with, from the stage's snapshot: the same whether the stages share a process or not.
struct StageAssembly: Sendable {
  let options: PipelineOptions
  let board: PipelineBoard
  let journal: any JournalIdentity

  func feed(_ start: StageSnapshot<FeedStage>) throws -> FeedWorker {
    FeedWorker(
      try runner(start, .marketData), watermark: start.watermark, board: board,
      instruments: options.configuration.instruments)
  }

  /// - Parameter share: the partitions that the process takes; nil for all.
  func core(_ start: StageSnapshot<CoreStage>, share: PartitionShare? = nil) throws -> CoreWorker {
    CoreWorker(
      try runner(start, .signals), acceptance: acceptance(start.accepted[.marketData]), board: board,
      share: share)
  }

  func risk(_ start: StageSnapshot<RiskStage>) throws -> RiskWorker {
    RiskWorker(
      try runner(start, .orders), snapshot: start,
      partitions: options.configuration.instruments.instruments.count, board: board)
  }

  func execution<Matching: MatchingModel>(
    _ start: StageSnapshot<ExecutionStage<Matching>>
  ) throws -> ExecutionWorker<Matching> {
    ExecutionWorker(
      try runner(start, .orderResults), acceptance: acceptance(start.accepted[.orders]),
      undelivered: start.undelivered, watermark: start.watermark, board: board)
  }

  func sink(_ position: SinkPosition) throws -> SinkWorker {
    var snapshot = StageSnapshot(stages: [DBWriterStage()], outputs: 0)
    snapshot.ledger = position.ledger
    let registry = options.instrumentation.contains(.metrics) ? options.registry : nil
    return SinkWorker(
      try runner(snapshot, nil), position: position,
      age: try registry?.histogram(PipelineMetrics.rowAge).labels())
  }

  private func runner<S: Stage>(_ snapshot: StageSnapshot<S>, _ output: StreamName?) throws -> StageRunner<S>
  {
    let on = options.instrumentation
    return StageRunner(
      snapshot: snapshot, output: output, monitor: board.monitor(S.name),
      observer: try StageObserver(
        stage: S.name, registry: on.contains(.metrics) ? options.registry : nil,
        logger: on.contains(.logs) ? options.logger : nil, journal: journal, board: board,
        instruments: options.configuration.instruments),
      instrumentation: on, clock: options.clock)
  }

  private func acceptance(_ positions: [UInt64]?) -> GaplessAcceptance {
    var acceptance = GaplessAcceptance()
    for (partition, position) in (positions ?? []).enumerated() {
      acceptance.restore(position, partition: UInt16(partition))
    }
    return acceptance
  }
}
