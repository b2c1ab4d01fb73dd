import CDBDomain

// What each stage's task works with, where the pipeline starts.
extension Pipeline {
  func intakeWorker() throws -> IntakeWorker {
    try IntakeWorker(
      journal: journal, settings: IntakeWorker.Settings(options), clock: options.clock, from: start.manifest,
      above: checkpoints.barriers().last ?? 0)
  }

  func feedWorker() throws -> FeedWorker { try assembly.feed(start.feed) }
  func coreWorker() throws -> CoreWorker { try assembly.core(start.core) }
  func riskWorker() throws -> RiskWorker { try assembly.risk(start.risk) }
  func executionWorker() throws -> ExecutionWorker<Matching> { try assembly.execution(start.execution) }
  func sinkWorker() throws -> SinkWorker { try assembly.sink(position) }

  private var assembly: StageAssembly { StageAssembly(options: options, board: board, journal: journal) }
}

extension IntakeWorker.Settings {
  init(_ options: PipelineOptions) {
    self.init(
      batchRecords: options.batchRecords, tickInterval: options.tickInterval,
      barrierInterval: options.barrierInterval, barrierRecords: options.barrierRecords)
  }
}
