import Logging
import Testing

@testable import ModelContextProtocol

/// A state without tasks, and what it answers.
struct Exchange {
  var state: ConnectionState
  var catalog: Catalog
  /// Calls that are to run, oldest first.
  var started: [Call] = []
  /// Calls that are to end, oldest first.
  var cancelled: [UInt64] = []

  init(_ configuration: ServerConfiguration = .plain, catalog: Catalog = .small) {
    state = ConnectionState(configuration)
    self.catalog = catalog
  }

  /// Sends one message, and gives what is said at once.
  mutating func send(_ text: String) -> [JSONValue] {
    note(state.receive(.message(Array(text.utf8)), catalog: catalog))
  }

  mutating func note(_ actions: [Action]) -> [JSONValue] {
    var said: [JSONValue] = []
    for action in actions {
      switch action {
      case .send(let message): said.append(message.message.json)
      case .start(let call): started.append(call)
      case .cancel(let number): cancelled.append(number)
      }
    }
    return said
  }

  /// Begins a session of 2025-11-25.
  mutating func begin() {
    _ = send(Say.initialize)
    _ = send(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
  }
}

/// Messages of a client.
enum Say {
  static let initialize =
    #"{"jsonrpc":"2.0","id":"init","method":"initialize","params":{"protocolVersion":"2025-11-25","#
    + #""capabilities":{},"clientInfo":{"name":"test","version":"1"}}}"#

  /// A request of revision 2025-11-25.
  static func old(_ id: Int, _ method: String, _ parameters: String = "") -> String {
    #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":{\#(parameters)}}"#
  }

  /// A request of revision 2026-07-28.
  static func new(_ id: Int, _ method: String, _ parameters: String = "", meta: String = "") -> String {
    let all =
      #""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","#
      + #""io.modelcontextprotocol/clientCapabilities":{}\#(meta.isEmpty ? "" : "," + meta)}"#
    return
      #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":{\#(all)\#(parameters.isEmpty ? "" : ",")\#(parameters)}}"#
  }

  static func cancel(_ id: Int) -> String {
    #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":\#(id)}}"#
  }
}

extension ServerConfiguration {
  static var plain: Self {
    var configuration = ServerConfiguration(name: "server", version: "1")
    configuration.pageSize = 2
    return configuration
  }
}

extension Catalog {
  /// Three tools, two resources, a template and a prompt.
  static var small: Self {
    var catalog = Catalog()
    do {
      for name in ["c", "a", "b"] {
        try catalog.add(Tool(name: name, input: .object([])) { _, _ in ToolResult([.text(name)]) })
      }
      for uri in ["demo://1", "demo://2"] {
        try catalog.add(
          Resource(uri: uri, name: uri) { _ in [ResourceContents(uri: uri, body: .text(uri))] })
      }
      try catalog.add(
        ResourceTemplate(
          pattern: "demo://of/{day}", name: "days", completions: ["day": { _, _ in ["monday"] }]
        ) {
          uri, _, _ in [ResourceContents(uri: uri, body: .text(uri))]
        })
      try catalog.add(Prompt(name: "hello", arguments: [.init("who")]) { _, _ in [] })
    } catch {
      Issue.record(error)
    }
    return catalog
  }
}

extension JSONValue {
  /// A member of members, by a path such as `error.data.uri`. Names with dots in them cannot be reached.
  func at(_ path: String) -> JSONValue? {
    path.split(separator: ".").reduce(self as JSONValue?) { value, name in
      if let elements = value?.elements, let index = Int(name) {
        return elements.indices.contains(index) ? elements[index] : nil
      }
      return value?[String(name)]
    }
  }

  var code: Int64? { at("error.code")?.whole }

  /// What text says, for expected values.
  static func read(_ text: String) throws -> JSONValue {
    try JSONReader.read(Array(text.utf8), limits: JSONLimits())
  }
}

extension Logger {
  static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
