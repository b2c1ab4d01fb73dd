import CDBDomain
import CDBGate
import CDBPipeline
import ServiceRuntime

/// What a running pipeline can be asked, declared once for the command line, HTTP and MCP.
public enum RunOperations {
  public struct StopInput: Codable, Sendable {
    public var reason: String
  }

  public struct ResumeInput: Codable, Sendable {
    public var justification: String
  }

  public struct Accepted: Codable, Sendable {
    public var accepted: Bool
  }

  private static func submit(_ control: Control, to controls: IntakeControls) throws -> Accepted {
    guard controls.submit(control) else {
      throw OperationError.conflict("the input takes no commands: it is a journal's, or it is ending")
    }
    return Accepted(accepted: true)
  }

  static func catalogue(
    board: PipelineBoard, controls: IntakeControls, settings: EffectiveConfiguration
  ) throws -> OperationCatalogue {
    try OperationCatalogue([
      AnyOperation(
        Operation<NoInput, Diagnosis>(
          name: "why", summary: "Whether it is trading, and if not, which layer broke first and why."
        ) { _, _ in Diagnostician(board.status(), at: ProcessClock.wall()).diagnose() }),
      AnyOperation(
        Operation<NoInput, PipelineStatus>(
          name: "status", summary: "Every stage, the feed, the account and the order path, as figures."
        ) { _, _ in board.status() }),
      AnyOperation(
        Operation<NoInput, ConfigurationListing>(
          name: "config",
          summary: "The effective configuration, with the origin of each value; secrets redacted."
        ) { _, _ in ConfigurationListing(settings) }),
      AnyOperation(
        Operation<StopInput, Accepted>(
          name: "stop", summary: "Engages the kill switch: every order is refused until resume.",
          effect: .change, permission: "trade.stop", examples: [#"{"reason":"I do not trust this market"}"#]
        ) { input, _ in
          try submit(.stop(reason: input.reason), to: controls)
        }),
      AnyOperation(
        Operation<ResumeInput, Accepted>(
          name: "resume", summary: "Releases the kill switch; needs a justification.", effect: .change,
          permission: "trade.resume", examples: [#"{"justification":"the feed is back and checked"}"#]
        ) { input, _ in
          guard input.justification.contains(where: { !$0.isWhitespace }) else {
            throw OperationError.invalidInput("a justification is needed to resume")
          }
          return try submit(.resume(justification: input.justification), to: controls)
        }),
    ])
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
