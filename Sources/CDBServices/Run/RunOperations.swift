import CDBDomain
import CDBGate
import CDBPipeline
import ServiceRuntime

/// What a running pipeline can be asked, declared once for the command line, HTTP and MCP.
public enum RunOperations {
  public struct StopInput: Codable, Sendable {
    public var reason: String
    public init(reason: String) { self.reason = reason }
  }

  public struct ResumeInput: Codable, Sendable {
    public var justification: String
    public init(justification: String) { self.justification = justification }
  }

  public struct ProbeInput: Codable, Sendable {
    /// The newest where it is missing.
    public var number: UInt64?
  }

  public struct OpenInput: Codable, Sendable {
    public var justification: String
    public init(justification: String) { self.justification = justification }
  }

  public struct HistoryInput: Codable, Sendable {
    public var limit: Int?
  }

  public struct History: Codable, Sendable {
    public var entries: [GateHistoryEntry]
  }

  public struct TimelineInput: Codable, Sendable {
    /// How far back, such as `24h`; a day where it is missing.
    public var since: String?
  }

  /// What the operations need of a running pipeline.
  struct Surroundings: Sendable {
    var board: PipelineBoard
    var controls: IntakeControls
    var store: any StoreView
    var gateBoard: GateBoard
    var stop: EmergencyStop
    /// While it is there, nothing resumes.
    var stopFile: MarkerFile
    /// Nil where nothing guards the pipeline.
    var gate: GateKeeper? { stop.gate }
    /// Nil where the answers are not kept.
    var answers: AnswerKeeper?
    /// Nil where nothing guards the pipeline.
    var blocks: BlockKeeper?
    var settings: EffectiveConfiguration
  }

  static func catalogue(_ run: Surroundings) throws -> OperationCatalogue {
    try OperationCatalogue(reading(run) + changing(run) + incidents(run) + blocks(run))
  }

  private static func reading(_ run: Surroundings) -> [AnyOperation] {
    [
      AnyOperation(
        Operation<NoInput, Diagnosis>(
          name: "why", summary: "Whether it is trading, and if not, which layer broke first and why."
        ) { _, _ in run.gateBoard.diagnosis(of: run.board.status()) }),
      AnyOperation(
        Operation<TimelineInput, TimelineReport>(
          name: "why.timeline", summary: "What the answers to why were, interval by interval, oldest first.",
          examples: [#"{"since":"24h"}"#]
        ) { input, _ in try await timeline(input, run) }),
      AnyOperation(
        Operation<NoInput, PipelineStatus>(
          name: "status", summary: "Every stage, the feed, the account and the order path, as figures."
        ) { _, _ in run.board.status() }),
      AnyOperation(
        Operation<NoInput, ConfigurationListing>(
          name: "config",
          summary: "The effective configuration, with the origin of each value; secrets redacted."
        ) { _, _ in ConfigurationListing(run.settings) }),
      AnyOperation(
        Operation<NoInput, GateReport>(
          name: "gate.status", summary: "The gate's state, since when and why, and its five checks."
        ) { _, _ in try report(run) }),
      AnyOperation(
        Operation<HistoryInput, History>(
          name: "gate.history", summary: "The gate's transitions and verdicts, newest first.",
          examples: [#"{"limit":20}"#]
        ) { input, _ in
          let limit = input.limit ?? 50
          guard (1...1_000).contains(limit) else {
            throw OperationError.invalidInput("limit is 1 to 1000, and not \(limit)")
          }
          let records = try await run.store.controls(
            ["gate", "verdict", "incident", "stop", "resume"], limit: limit)
          return History(entries: records.map(GateHistoryEntry.init))
        }),
      AnyOperation(
        Operation<NoInput, GatePolicyReport>(
          name: "gate.policy",
          summary: "Which checks are renewed when, what the gate may do by itself, and what needs a person."
        ) { _, _ in
          _ = try report(run)
          return GatePolicyReport(try GatePolicy(run.settings))
        }),
      AnyOperation(
        Operation<ProbeInput, ProbeAnswer>(
          name: "probe", summary: "What became of a probe order, as the store has it.",
          examples: [#"{"number":1795507200123456}"#]
        ) { input, _ in ProbeAnswer(probe: try await run.store.probe(input.number)) }),
    ]
  }

  private static func changing(_ run: Surroundings) -> [AnyOperation] {
    [
      AnyOperation(
        Operation<StopInput, StopReport>(
          name: "stop",
          summary: "The emergency stop: every order is refused until resume; proved by a probe.",
          effect: .change, permission: "trade.stop", examples: [#"{"reason":"I do not trust this market"}"#],
          isDoneLate: true
        ) { input, context in
          let words = try bounded(input.reason)
          let actor = operatorName(context)
          guard let report = await run.stop(actor: actor, reason: words) else { throw takesNoCommands }
          return report
        }),
      AnyOperation(
        Operation<ResumeInput, GateChangeReport>(
          name: "resume", summary: "Ends the emergency stop; needs a justification.", effect: .change,
          permission: "trade.resume", examples: [#"{"justification":"the feed is back and checked"}"#]
        ) { input, context in
          let words = try justified(input.justification)
          let actor = operatorName(context)
          guard !run.stopFile.exists else {
            throw OperationError.conflict(
              "\(run.stopFile.path) is there, and keeps the stop in force: remove it first")
          }
          guard let gate = run.gate else {
            guard run.board.status().account?.killSwitch != nil else { throw nothingToResume }
            let isJournaled = try await journaled(.resume(justification: words, actor: actor), run)
            return GateChangeReport(gate: nil, isJournaled: isJournaled)
          }
          return try await gate.resume(actor: actor, justification: words)
        }),
      AnyOperation(
        Operation<OpenInput, GateChangeReport>(
          name: "gate.open", summary: "Begins the verification; five passes open the gate.", effect: .change,
          permission: "gate.open", examples: [#"{"justification":"the cause is found and mended"}"#]
        ) { input, context in
          let words = try justified(input.justification)
          return try await guarded(run).open(actor: operatorName(context), reason: words)
        }),
      AnyOperation(
        Operation<StopInput, GateChangeReport>(
          name: "gate.close", summary: "Closes the gate and leaves it closed until somebody opens it.",
          effect: .change, permission: "gate.close", examples: [#"{"reason":"maintenance"}"#],
          isDoneLate: true
        ) { input, context in
          try await guarded(run).close(actor: operatorName(context), reason: try bounded(input.reason))
        }),
    ]
  }

  private static func timeline(_ input: TimelineInput, _ run: Surroundings) async throws -> TimelineReport {
    guard let answers = run.answers else {
      throw OperationError.notFound("this run keeps no answers: a recording is replayed at maximum speed")
    }
    guard let span = DurationText.parse(input.since ?? "24h"), span > .zero else {
      throw OperationError.invalidInput(
        "since is a duration such as 90m, 24h or 7d, and not \(input.since ?? "")")
    }
    return await answers.report(since: ProcessClock.wall().advanced(by: -span.nanoseconds))
  }

  private static func report(_ run: Surroundings) throws -> GateReport {
    guard let report = run.gateBoard.report else {
      throw OperationError.notFound(
        "this run has no gate: gate.mode is off, or a recording is replayed at maximum speed")
    }
    return report
  }

  static func guarded(_ run: Surroundings) throws -> GateKeeper {
    guard let gate = run.gate else {
      throw OperationError.conflict(
        "this run has no gate: gate.mode is off, or a recording is replayed at maximum speed")
    }
    return gate
  }

  /// Who asked, as the history names him.
  static func operatorName(_ context: OperationContext) -> String { "operator:\(context.caller)" }

  private static func justified(_ words: String) throws -> String {
    guard words.contains(where: { !$0.isWhitespace }) else {
      throw OperationError.invalidInput("a justification is needed")
    }
    return try bounded(words)
  }

  /// Words go into the journal, the store, the log and every answer of why.
  static func bounded(_ words: String) throws -> String {
    guard words.utf8.count <= EmergencyStop.longestReason else {
      throw OperationError.invalidInput("a reason has at most \(EmergencyStop.longestReason) bytes")
    }
    return words
  }

  static var nothingToResume: OperationError {
    .conflict("no emergency stop is in force, so there is nothing to resume: cdb why says what holds")
  }

  private static var takesNoCommands: OperationError {
    .conflict("the input takes no commands: it is a journal's, or it is ending")
  }

  /// Puts a command into the input; false where the journal has not taken it within a second.
  private static func journaled(_ control: Control, _ run: Surroundings) async throws -> Bool {
    guard let command = run.controls.submit(control) else { throw takesNoCommands }
    return await run.controls.journaled(command, within: GateKeeper.stopDeadline)
  }
}

/// What became of a change that was asked of the gate.
public struct GateChangeReport: Codable, Sendable {
  /// The gate after it; nil where there is no gate.
  public var gate: GateReport?
  /// Whether the journal has it, so that a crash does not lose it.
  public var isJournaled: Bool

  enum CodingKeys: String, CodingKey {
    case gate
    case isJournaled = "journaled"
  }
}

/// The effective configuration as a value that can be sent.
public struct ConfigurationListing: Codable, Sendable {
  public struct Entry: Codable, Sendable {
    public var key: String
    public var value: String
    public var origin: String
    public var help: String
  }
  public var entries: [Entry]
  public var fingerprint: String

  public init(_ settings: EffectiveConfiguration) {
    entries = settings.entries.map {
      Entry(key: $0.key, value: $0.value, origin: $0.origin.description, help: $0.help)
    }
    fingerprint = settings.fingerprint
  }
}
