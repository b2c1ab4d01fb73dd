import CDBDomain

// What each stage's task works with, where the pipeline starts.
extension Pipeline {
  func intakeWorker() throws -> IntakeWorker {
    try IntakeWorker(
      journal: journal,
      settings: .init(
        batchRecords: options.batchRecords, tickInterval: options.tickInterval,
        barrierInterval: options.barrierInterval, barrierRecords: options.barrierRecords),
      clock: options.clock, from: start.manifest)
  }

  func feedWorker() throws -> FeedWorker {
    FeedWorker(
      try runner(start.feed, .marketData), watermark: start.feed.watermark, board: board,
      instruments: options.configuration.instruments)
  }

  func coreWorker() throws -> CoreWorker {
    CoreWorker(
      try runner(start.core, .signals), acceptance: acceptance(start.core.accepted[.marketData]), board: board
    )
  }

  func riskWorker() throws -> RiskWorker {
    RiskWorker(
      try runner(start.risk, .orders), snapshot: start.risk,
      partitions: options.configuration.instruments.instruments.count, board: board)
  }

  func executionWorker() throws -> ExecutionWorker<Matching> {
    ExecutionWorker(
      try runner(start.execution, .orderResults), acceptance: acceptance(start.execution.accepted[.orders]),
      undelivered: start.execution.undelivered, watermark: start.execution.watermark, board: board)
  }

  func sinkWorker() throws -> SinkWorker {
    var snapshot = StageSnapshot(stages: [DBWriterStage()], outputs: 0)
    snapshot.ledger = position.ledger
    return SinkWorker(try runner(snapshot, nil), position: position)
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
