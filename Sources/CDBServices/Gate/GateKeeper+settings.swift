import CDBDomain
import CDBGate
import CDBPipeline
import ServiceRuntime

extension GateKeeper {
  /// The gate of a run, from its settings.
  init(
    _ settings: EffectiveConfiguration, _ pipeline: Pipeline<BookMatching>,
    _ configuration: PipelineConfiguration, _ telemetry: Telemetry, _ gateBoard: GateBoard,
    address: @escaping @Sendable () async -> ListenAddress?
  ) throws {
    self.init(
      policy: GatePolicy(settings), thresholds: DiagnosisThresholds(settings), board: pipeline.board,
      controls: pipeline.controls, store: pipeline.store,
      checks: GateChecks(
        board: pipeline.board, controls: pipeline.controls, store: pipeline.store,
        logPath: LogPathProbe(
          path: telemetry.logFile ?? "", logger: telemetry.logger,
          window: settings.duration("gate.error_window") / .seconds(1)),
        probes: ProbeCounter(), maximumSlippage: configuration.exchange.maximumSlippage, address: address,
        hostName: settings.list("http.allowed_hosts").first),
      gateBoard: gateBoard, continues: pipeline.journal.lastSequence > 0, logger: telemetry.logger)
  }
}

extension GatePolicy {
  init(_ settings: EffectiveConfiguration) {
    self.init()
    opensByItself = settings.string("gate.opening") == "automatic"
    validity = settings.duration("gate.validity").nanoseconds
    renewal = min(settings.duration("gate.renewal").nanoseconds, validity / 2)
    cooldown = settings.duration("gate.cooldown").nanoseconds
  }
}

extension DiagnosisThresholds {
  init(_ settings: EffectiveConfiguration) {
    self.init()
    silentFeed = settings.duration("feed.silent_after") / .seconds(1)
    frozenPrices = settings.duration("feed.frozen_after") / .seconds(1)
    zeroActivity = settings.duration("gate.zero_activity_after") / .seconds(1)
  }
}

extension CDBConfiguration {
  /// The gate's settings.
  static let gate = [
    ConfigurationKey(
      "gate.mode", .choice(["auto", "enforced", "off"]), default: "auto",
      help: "Whether orders need an open gate; auto is enforced for everything but replays at maximum speed."),
    ConfigurationKey(
      "gate.opening", .choice(["automatic", "manual"]), default: "automatic",
      help: "Whether five passes open the gate without anybody asking."),
    ConfigurationKey(
      "gate.validity", .duration(.seconds(5) ... .seconds(3_600)), default: "60s",
      help: "How long a check's pass counts."),
    ConfigurationKey(
      "gate.renewal", .duration(.seconds(1) ... .seconds(1_800)), default: "20s",
      help: "The age at which a pass is renewed, at most half of its validity."),
    ConfigurationKey(
      "gate.cooldown", .duration(.zero ... .seconds(3_600)), default: "3s",
      help: "How long a cause must be gone before the gate verifies again."),
    ConfigurationKey(
      "gate.error_window", .duration(.seconds(1) ... .seconds(3_600)), default: "30s",
      help: "How long an error in the log keeps the logs check from passing."),
    ConfigurationKey(
      "gate.zero_activity_after", .duration(.seconds(1) ... .seconds(604_800)), default: "1h",
      help: "How long every signal may be refused in a living market before the gate trips."),
    ConfigurationKey(
      "feed.silent_after", .duration(.seconds(1) ... .seconds(3_600)), default: "5s",
      help: "How long a feed may deliver nothing."),
    ConfigurationKey(
      "feed.frozen_after", .duration(.seconds(1) ... .seconds(3_600)), default: "8s",
      help: "How long no price of a live feed may move while frames come."),
  ]
}
