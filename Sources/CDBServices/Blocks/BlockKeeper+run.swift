import CDBDomain
import CDBGate
import CDBPipeline
import ServiceRuntime

extension BlockKeeper {
  /// The blocks of a pipeline, from its settings.
  init(
    _ plan: BlockPlan, _ settings: EffectiveConfiguration, _ pipeline: GuardedPipeline,
    _ telemetry: Telemetry, _ gateBoard: GateBoard, _ board: BlockBoard
  ) {
    let controls = pipeline.controls
    self.init(
      plan: plan,
      surroundings: Surroundings(
        now: { ProcessClock.wall() },
        figures: { [board = pipeline.board] in BlockFigures(board.status()) },
        gate: { gateBoard.report }, incidents: { gateBoard.incidents.incidents },
        submit: { controls.submit($0) },
        journaled: { await controls.journaled($0, within: GateKeeper.stopDeadline) }),
      store: pipeline.store, dataDirectory: settings.string("data_dir"),
      maximumSlippage: pipeline.maximumSlippage, board: board, beginning: pipeline.beginning,
      logger: telemetry.logger)
  }
}

extension BlockFigures {
  /// What a running pipeline says of itself.
  init(_ status: PipelineStatus) {
    self.init(
      books: status.account.map(Books.init),
      stages: status.stages.map { stage in
        let total = stage.total
        return Stage(
          stage: stage.stage, received: Int64(clamping: total.received),
          emitted: Int64(clamping: total.emittedByKind.total),
          absorbed: Int64(clamping: total.absorbed.total), dropped: Int64(clamping: total.dropped.total))
      },
      barrier: Int64(clamping: status.flow?.barrier ?? 0),
      imbalances: (status.flow?.imbalances ?? []).map(\.description), gate: status.gate?.state)
  }
}

extension BlockFigures.Books {
  init(_ account: AccountStatus) {
    self.init(
      account: account.name, fills: account.fills, startingCash: account.startingCash, cash: account.cash,
      fees: account.fees, equity: account.equity,
      positions: account.positions.map { .init(symbol: $0.symbol, quantity: $0.quantity) })
  }
}
