import CDBDomain
import CDBGate
import CDBPipeline
import OpenMetrics
import ServiceLifecycle
import ServiceRuntime

/// What people and programs see of a pipeline and ask of it, and the keepers of its gate: the same wherever its stages run.
struct OperatorSurface: Sendable {
  let gateBoard: GateBoard
  let endpoint: ServiceEndpoint
  let page: StatusPage
  let triggers: StopTriggers
  /// What keeps the answers, the gate and the blocks, in the order in which they begin; each only where there is one.
  let keepers: [any Service]

  /// What there is to keep.
  struct Scope: Sendable {
    var hasGate: Bool
    var keepsAnswers: Bool
  }

  /// - Parameters:
  ///   - plan: of the blocks.
  ///   - components: what `/healthz` tells beside the pipeline and its gate.
  init(
    _ settings: EffectiveConfiguration, of pipeline: GuardedPipeline, _ scope: Scope, plan: BlockPlan,
    listen: ListenAddress, telemetry: Telemetry,
    components: @escaping @Sendable () -> [HealthReport.Component] = { [] }
  ) throws {
    let board = pipeline.board
    let gateBoard = GateBoard(thresholds: DiagnosisThresholds(settings))
    let address = EndpointAddress()
    let gate =
      scope.hasGate
      ? try GateKeeper(settings, pipeline, telemetry, gateBoard) { await address.value } : nil
    if gate != nil { try telemetry.registry.register(gateBoard) }
    let answers =
      scope.keepsAnswers
      ? AnswerKeeper(
        of: pipeline, tiers: ZeroActivityTiers(settings), gateBoard: gateBoard, logger: telemetry.logger)
      : nil
    if answers != nil { try telemetry.registry.register(ActivityCollector(board: gateBoard)) }
    let blockBoard = BlockBoard { board.runs(block: $0) }
    let blocks =
      scope.hasGate ? BlockKeeper(plan, settings, pipeline, telemetry, gateBoard, blockBoard) : nil
    if blocks != nil { try telemetry.registry.register(blockBoard) }
    let stop = EmergencyStop(board: board, controls: pipeline.controls, gate: gate)
    let stopFile = MarkerFile(path: settings.string("data_dir") + "/" + StopTriggers.fileName)
    let scrapes = ScrapeHandler(registry: telemetry.registry)
    let requests = try telemetry.registry.histogram(SuiteMetrics.httpRequests)
    let operations = try RunOperations.catalogue(
      RunOperations.Surroundings(
        board: board, controls: pipeline.controls, store: pipeline.store, gateBoard: gateBoard, stop: stop,
        stopFile: stopFile, answers: answers, blocks: blocks, settings: settings))
    page = StatusPage(
      StatusPage.Sources(
        board: board, gateBoard: gateBoard, answers: answers, store: pipeline.store, stopFile: stopFile,
        blocks: blocks == nil ? nil : blockBoard),
      document: PageDocument(operations, revision: BuildRevision.current))
    let endpoint = ServiceEndpoint(
      configuration: EndpointConfiguration(
        listen: listen, allowedHosts: settings.list("http.allowed_hosts"),
        token: AccessToken.source(settings)),
      operations: operations,
      metrics: { EndpointResponse(await scrapes.answer(ScrapeRequest($0))) },
      health: {
        let status = board.status()
        let report = HealthReport(
          status, gateBoard.diagnosis(of: status), now: ProcessClock.wall().nanoseconds)
        return HealthReport(components: report.components + components())
      },
      readiness: {
        HealthReport(components: [
          board.status().feed.frames > 0
            ? .init(name: "pipeline", healthy: true)
            : .init(name: "pipeline", healthy: false, reason: "no frame yet")
        ])
      },
      routes: page.routes,
      observer: { request in
        try? requests.labels(request.template, request.method, "\(request.status)").observe(request.seconds)
      },
      logger: telemetry.logger)
    address.resolve { try? await endpoint.address }
    self.gateBoard = gateBoard
    self.endpoint = endpoint
    triggers = StopTriggers(file: stopFile, stop: stop, logger: telemetry.logger)
    var keepers: [any Service] = []
    if let answers { keepers.append(answers) }
    if let gate { keepers.append(gate) }
    if let blocks { keepers.append(blocks) }
    self.keepers = keepers
  }
}
