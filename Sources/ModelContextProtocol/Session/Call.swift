/// A request whose answer takes work.
struct Call: Sendable {
  enum Operation: Sendable {
    case callTool(Tool, arguments: JSONObject)
    case readResource(uri: String)
    case getPrompt(Prompt, arguments: [String: String])
    case complete(Completion?, typed: String, others: [String: String])
  }

  /// Unlike the request's own name it is never used again.
  let number: UInt64
  let id: RequestID
  let client: ClientDeclaration
  let meta: JSONObject
  let operation: Operation
}

/// What somebody says while a call is under way.
enum CallEvent: Sendable {
  case progress(Double, total: Double?, message: String?)
  case log(LogLevel, JSONValue, logger: String?)
}

/// What is to be done next.
enum Action: Sendable {
  case send(Outgoing)
  /// Begin the work of a call, and tell ``ConnectionState/finish(_:with:)`` when it has ended.
  case start(Call)
  /// The answer of a call that runs is not wanted any more.
  case cancel(UInt64)
}

/// What a transport reads.
public enum Frame: Sendable, Equatable {
  /// The bytes of one message.
  case message([UInt8])
  /// There was one that is longer than it may be; its bytes are gone.
  case tooLong(limit: Int)
}

/// Something that clients may want to know.
enum Change: Sendable, Equatable {
  case list(Catalog.List)
  case resource(uri: String)

  var method: String {
    switch self {
    case .list(.tools): "notifications/tools/list_changed"
    case .list(.resources), .list(.templates): "notifications/resources/list_changed"
    case .list(.prompts): "notifications/prompts/list_changed"
    case .resource: "notifications/resources/updated"
    }
  }

  var parameters: JSONObject {
    if case .resource(let uri) = self { ["uri": .string(uri)] } else { [:] }
  }
}
