import ModelContextProtocol
import Synchronization

/// What the server offers.
enum Everything {
  /// The server that offers it, for tools that change what is offered.
  final class ServerReference: Sendable {
    private let server = Mutex<MCPServer?>(nil)
    func set(_ new: MCPServer) { server.withLock { $0 = new } }
    var current: MCPServer? { server.withLock { $0 } }
  }

  struct Unexpected: Error {}

  static let server = ServerReference()
  static let pixel: [UInt8] = [0x47, 0x49, 0x46, 0x38, 0x39, 0x61]
  static let cities = ["Berlin", "Bern", "Bergen", "Rome"]

  static func catalog() throws -> Catalog {
    var catalog = Catalog()
    for tool in simpleTools + longTools + changingTools { try catalog.add(tool) }
    for number in 1...6 {
      try catalog.add(
        Resource(uri: "demo://text/\(number)", name: "text \(number)", mimeType: "text/plain") { _ in
          [
            ResourceContents(
              uri: "demo://text/\(number)", mimeType: "text/plain", body: .text("text \(number)"))
          ]
        })
    }
    try catalog.add(
      Resource(uri: "demo://bytes", name: "bytes", title: "Bytes", mimeType: "image/gif") { _ in
        [ResourceContents(uri: "demo://bytes", mimeType: "image/gif", body: .bytes(pixel))]
      })
    try catalog.add(
      ResourceTemplate(
        pattern: "demo://weather/{city}/{day}", name: "weather", description: "The weather of a day",
        completions: ["city": { typed, _ in cities.filter { $0.hasPrefix(typed) } }]
      ) { uri, values, _ in
        guard let city = values["city"], cities.contains(city) else { return nil }
        return [ResourceContents(uri: uri, body: .text("sunny in \(city) on \(values["day"] ?? "")"))]
      })
    try catalog.add(
      Prompt(
        name: "greet", title: "A greeting", description: "Greets somebody somewhere",
        arguments: [
          .init("name", description: "Who is greeted"),
          .init("city", isRequired: false) { typed, others in
            cities.filter { $0.hasPrefix(typed) && $0 != others["name"] }
          },
          .init("number", isRequired: false) { _, _ in (1...250).map { "\($0)" } },
        ]
      ) { arguments, _ in
        [
          .init(.user, .text("Greet \(arguments["name"] ?? "") in \(arguments["city"] ?? "nowhere").")),
          .init(.assistant, .text("Good day.")),
        ]
      })
    try catalog.add(
      Prompt(name: "look") { _, _ in
        [
          .init(.user, .image(pixel, mimeType: "image/gif")),
          .init(.user, .resource(ResourceContents(uri: "demo://text/1", body: .text("text 1")))),
        ]
      })
    return catalog
  }

  private static var simpleTools: [Tool] {
    let numbers: [Schema.Property] = [.init("a", .integer(), description: "One"), .init("b", .integer())]
    return [
      Tool(
        name: "echo", title: "Echo", description: "Says what it is told",
        input: .object([.init("text", .string(atMost: 500_000))]), hints: .init(readsOnly: true)
      ) { arguments, _ in ToolResult([.text(arguments["text"]?.text ?? "")]) },
      Tool(
        name: "add", description: "Adds two whole numbers", input: .object(numbers),
        output: .object([.init("sum", .integer())])
      ) { arguments, _ in
        let (a, b) = (arguments["a"]?.whole ?? 0, arguments["b"]?.whole ?? 0)
        let (sum, isTooLarge) = a.addingReportingOverflow(b)
        guard !isTooLarge else { throw ToolFailure("the sum has more than 64 bits") }
        return ToolResult(structured: ["sum": .integer(sum)])
      },
      Tool(name: "list", description: "A list", output: .array(of: .string())) { _, _ in
        ToolResult(structured: .array(cities.map { .string($0) }))
      },
      Tool(name: "media", description: "One of each kind of content") { _, _ in
        ToolResult([
          .text("text"), .image(pixel, mimeType: "image/gif"), .audio(pixel, mimeType: "audio/wav"),
          .link(uri: "demo://bytes", name: "bytes", mimeType: "image/gif"),
          .resource(ResourceContents(uri: "demo://bytes", mimeType: "image/gif", body: .bytes(pixel))),
        ])
      },
      Tool(name: "fail", description: "Fails, and says why") { _, _ in throw ToolFailure("as it should") },
      Tool(name: "break", description: "Fails with an error that is not for strangers") { _, _ in
        throw Unexpected()
      },
      Tool(
        name: "lie", description: "Answers otherwise than it says", output: .object([.init("x", .boolean)])
      ) {
        _, _ in ToolResult(structured: ["x": 1])
      },
      Tool(name: "ask", description: "Needs a client that asks people") { _, context in
        try context.require(clientCapability: "elicitation")
        return ToolResult([.text("it could ask")])
      },
      Tool(name: "trace", description: "Which trace the call belongs to") { _, context in
        ToolResult([.text(context.traceParent ?? "none")])
      },
    ]
  }

  private static var longTools: [Tool] {
    [
      Tool(
        name: "count", description: "Counts, and says how far it is",
        input: .object([.init("to", .integer(0...1_000))])
      ) { arguments, context in
        let limit = arguments["to"]?.whole ?? 0
        for number in 0..<limit {
          try Task.checkCancellation()
          await context.progress(Double(number + 1), of: Double(limit), message: "at \(number + 1)")
        }
        return ToolResult([.text("counted to \(limit)")])
      },
      Tool(name: "log", description: "Logs at every level") { _, context in
        for level in LogLevel.allCases {
          await context.log(level, .string("a message"), logger: "everything")
        }
        return ToolResult([.text("logged")])
      },
      Tool(name: "wait", description: "Waits until it is cancelled; says so as progress") { _, context in
        await context.progress(1, message: "waits")
        do {
          while true { try await Task.sleep(for: .seconds(3_600)) }
        } catch {
          Self.server.current?.resourceUpdated("demo://text/2")
          throw error
        }
      },
    ]
  }

  private static var changingTools: [Tool] {
    [
      Tool(
        name: "touch", description: "A resource holds something else",
        input: .object([.init("uri", .string())])
      ) {
        arguments, _ in
        Self.server.current?.resourceUpdated(arguments["uri"]?.text ?? "")
        return ToolResult([.text("touched")])
      },
      Tool(name: "grow", description: "One more of each kind", input: .object([.init("name", .string())])) {
        arguments, _ in
        let name = arguments["name"]?.text ?? ""
        do {
          try Self.server.current?.update { catalog throws(Catalog.Unusable) in
            try catalog.add(Tool(name: name) { _, _ in ToolResult([.text(name)]) })
            try catalog.add(Resource(uri: "demo://new/\(name)", name: name) { _ in [] })
            try catalog.add(Prompt(name: name) { _, _ in [] })
          }
        } catch {
          throw ToolFailure("\(error)")
        }
        return ToolResult([.text("there is a tool \(name)")])
      },
    ]
  }
}
