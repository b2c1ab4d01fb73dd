import CDBDomain
import CDBGate
import CDBPipeline
import ServiceRuntime

extension GateKeeper {
  /// The gate of a pipeline, from its settings.
  init(
    _ settings: EffectiveConfiguration, _ pipeline: GuardedPipeline, _ telemetry: Telemetry,
    _ gateBoard: GateBoard,
    address: @escaping @Sendable () async -> ListenAddress?
  ) throws {
    self.init(
      policy: try GatePolicy(settings),
      incidents: IncidentRegister(tiers: ZeroActivityTiers(ofIncidents: settings)),
      evidence: EvidenceFolder(
        dataDirectory: settings.string("data_dir"), maximumBytes: settings.int("incident.evidence_bytes"),
        logFile: telemetry.logFile), thresholds: DiagnosisThresholds(settings), board: pipeline.board,
      controls: pipeline.controls, store: pipeline.store,
      checks: GateChecks(
        board: pipeline.board, controls: pipeline.controls, store: pipeline.store,
        logPath: LogPathProbe(
          path: telemetry.logFile ?? "", logger: telemetry.logger,
          window: settings.duration("gate.error_window") / .seconds(1)),
        probes: ProbeCounter(), maximumSlippage: pipeline.maximumSlippage, address: address,
        hostName: settings.list("http.allowed_hosts").first),
      gateBoard: gateBoard,
      beginning: (pipeline.beginning.continues, pipeline.beginning.process), logger: telemetry.logger)
  }
}

extension GatePolicy {
  init(_ settings: EffectiveConfiguration) throws {
    self.init()
    opensByItself = settings.string("gate.opening") == "automatic"
    validity = settings.duration("gate.validity").nanoseconds
    renewal = min(settings.duration("gate.renewal").nanoseconds, validity / 2)
    cooldown = settings.duration("gate.cooldown").nanoseconds
    for check in GateCheck.allCases {
      let own = settings.duration("gate.checks.\(check.rawValue).validity").nanoseconds
      let ownRenewal = settings.duration("gate.checks.\(check.rawValue).renewal").nanoseconds
      guard own > 0 || ownRenewal > 0 else { continue }
      let valid = own > 0 ? own : validity
      timings[check] = CheckTiming(
        validity: valid, renewal: min(ownRenewal > 0 ? ownRenewal : renewal, valid / 2))
    }
    for code in settings.list("gate.needs_person") where !code.isEmpty {
      guard let reason = ReasonCode(code: code), reason != .none else {
        throw InvalidSetting(
          key: "gate.needs_person", value: code, expected: "reason codes, as cdb reasons lists them")
      }
      needsPerson.insert(reason)
    }
  }
}

extension ZeroActivityTiers {
  /// How long a cause may last until its incident is a warning, high, or critical.
  init(ofIncidents settings: EffectiveConfiguration) {
    self.init()
    notice = 0
    warning = settings.duration("incident.warning_after").nanoseconds
    high = max(warning, settings.duration("incident.high_after").nanoseconds)
    critical = max(high, settings.duration("incident.critical_after").nanoseconds)
  }
}

extension DiagnosisThresholds {
  init(_ settings: EffectiveConfiguration) {
    self.init()
    silentFeed = settings.duration("feed.silent_after") / .seconds(1)
    frozenPrices = settings.duration("feed.frozen_after") / .seconds(1)
    zeroActivity = settings.duration("gate.zero_activity_after") / .seconds(1)
    // From the start of the process to the first market data takes a while, too.
    warmUp = settings.shortestWindow.map { $0 + startUp } ?? 0
  }
}

extension CDBConfiguration {
  /// The gate's settings.
  static let gate =
    [
      ConfigurationKey(
        "gate.mode", .choice(["auto", "enforced", "off"]), default: "auto",
        help:
          "Whether orders need an open gate; auto is enforced for everything but replays at maximum speed."),
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
        "gate.needs_person", .list, default: "",
        help: "Reason codes after which a person must open the gate, beside what was lost or wrong."),
      ConfigurationKey(
        "incident.warning_after", .duration(.seconds(1) ... .seconds(2_592_000)), default: "4h",
        help: "How long a cause may last until its incident is a warning, and needs a person."),
      ConfigurationKey(
        "incident.high_after", .duration(.seconds(1) ... .seconds(2_592_000)), default: "12h",
        help: "How long a cause may last until its incident is high."),
      ConfigurationKey(
        "incident.critical_after", .duration(.seconds(1) ... .seconds(2_592_000)), default: "24h",
        help: "How long a cause may last until its incident is critical."),
      ConfigurationKey(
        "incident.evidence_bytes", .int(0...1 << 40), default: "268435456",
        help: "How much evidence of incidents is kept as files, bytes; of later ones only the rows are kept."),
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
    + GateCheck.allCases.flatMap { check in
      [
        ConfigurationKey(
          "gate.checks.\(check.rawValue).validity", .duration(.zero ... .seconds(3_600)), default: "0s",
          help: "How long a pass of \(check.rawValue) counts; 0: as gate.validity."),
        ConfigurationKey(
          "gate.checks.\(check.rawValue).renewal", .duration(.zero ... .seconds(1_800)),
          // A log that is lost is found by this check alone, and is to be found soon; it costs next to nothing.
          default: check == .logs ? "5s" : "0s",
          help: "The age at which a pass of \(check.rawValue) is renewed; 0: as gate.renewal."),
      ]
    }
}
