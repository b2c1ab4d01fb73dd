import ProgramFixture
import Synchronization
import Testing

@testable import ModelContextProtocol

@Suite("A server and its clients")
struct ServerTests {
  private struct Secret: Error, CustomStringConvertible { var description: String { "the password is 1234" } }

  private func server(
    _ configuration: ServerConfiguration = .plain, _ build: (inout Catalog) throws -> Void
  ) throws -> MCPServer {
    var catalog = Catalog()
    try build(&catalog)
    return MCPServer(
      configuration, catalog: catalog, logger: .silent)
  }

  private func call(_ id: Int, _ name: String, _ arguments: String = "{}") -> String {
    Say.new(id, "tools/call", #""name":"\#(name)","arguments":\#(arguments)"#)
  }

  @Test("arguments that do not fit are a failed call that says what is wrong, and the tool is not called")
  func arguments() async throws {
    let called = Mutex(0)
    let server = try server { catalog in
      let input = Schema.object([
        .init("n", .integer(1...3)), .init("s", .string(atMost: 2), isRequired: false),
      ])
      try catalog.add(
        Tool(name: "t", input: input) { _, _ in
          called.withLock { $0 += 1 }
          return ToolResult([.text("done")])
        })
    }
    try await withClient(of: server) { wire in
      let broken = [
        "{}", #"{"n":4}"#, #"{"n":1.5}"#, #"{"n":1,"x":1}"#, #"{"n":1,"s":"abc"}"#, #"{"n":null}"#,
      ]
      for (index, arguments) in broken.enumerated() {
        wire.say(call(index, "t", arguments))
        let answer = try await wire.told("id", .integer(Int64(index)))
        #expect(answer.at("result.isError") == true, "\(arguments)")
        #expect(answer.at("result.content.0.text")?.text?.contains("do not fit") == true)
      }
      #expect(called.withLock { $0 } == 0)
      wire.say(call(99, "t", #"{"n":1e0,"s":"ü😀"}"#))
      let answer = try await wire.told("id", 99)
      #expect(answer.at("result.isError") == nil)
      #expect(called.withLock { $0 } == 1)
    }
  }

  @Test("a tool's failure is told to the model; another error only that it was one; a protocol error is one")
  func failures() async throws {
    let server = try server { catalog in
      try catalog.add(Tool(name: "failure") { _, _ in throw ToolFailure("too late") })
      try catalog.add(Tool(name: "secret") { _, _ in throw Secret() })
      try catalog.add(Tool(name: "protocol") { _, _ in throw ProtocolError(code: 7, message: "seven") })
      try catalog.add(
        Tool(name: "needs") { _, context in
          try context.require(clientCapability: "sampling")
          return ToolResult()
        })
      try catalog.add(Resource(uri: "a:secret", name: "") { _ in throw Secret() })
    }
    try await withClient(of: server) { wire in
      wire.say(call(1, "failure"))
      #expect(try await wire.told("id", 1).at("result.content.0.text") == "too late")
      wire.say(call(2, "secret"))
      let secret = try await wire.told("id", 2)
      #expect(secret.at("result.isError") == true)
      #expect(!secret.encodedText.contains("1234"))
      wire.say(call(3, "protocol"))
      #expect(try await wire.told("id", 3).code == 7)
      wire.say(call(4, "needs"))
      let needs = try await wire.told("id", 4)
      #expect(needs.code == -32021)
      #expect(needs.at("error.data.requiredCapabilities") == ["sampling": [:]])
      wire.say(Say.new(5, "resources/read", #""uri":"a:secret""#))
      let resource = try await wire.told("id", 5)
      #expect(resource.code == -32603)
      #expect(!resource.encodedText.contains("1234"))
    }
  }

  @Test("a result is held against its schema, and told as the revision has it")
  func structuredResults() async throws {
    let server = try server { catalog in
      try catalog.add(
        Tool(name: "liar", output: .object([.init("x", .integer())])) { _, _ in
          ToolResult(structured: ["x": "text"])
        })
      try catalog.add(Tool(name: "forgetful", output: .object([])) { _, _ in ToolResult([.text("nothing")]) })
      try catalog.add(
        Tool(name: "list", output: .array(of: .integer())) { _, _ in ToolResult(structured: [1, 2]) })
      try catalog.add(Tool(name: "object", output: .object([])) { _, _ in ToolResult(structured: [:]) })
    }
    try await withClient(of: server) { wire in
      wire.say(Say.initialize)
      wire.say(call(1, "liar"))
      #expect(try await wire.told("id", 1).code == -32603)
      wire.say(call(2, "forgetful"))
      #expect(try await wire.told("id", 2).code == -32603)
      wire.say(call(3, "list"))
      let new = try await wire.told("id", 3)
      #expect(new.at("result.structuredContent") == [1, 2])
      #expect(new.at("result.content.0.text") == "[1,2]")
      wire.say(Say.old(4, "tools/call", #""name":"list""#))
      let old = try await wire.told("id", 4)
      #expect(old.at("result.structuredContent") == nil)
      #expect(old.at("result.content.0.text") == "[1,2]")
      wire.say(Say.old(5, "tools/call", #""name":"object""#))
      #expect(try await wire.told("id", 5).at("result.structuredContent") == [:])
    }
  }

  @Test("a resource that is not there has the error of its revision, and one of a template is read")
  func resources() async throws {
    let server = MCPServer(
      .plain, catalog: .small, logger: .silent)
    try await withClient(of: server) { wire in
      wire.say(Say.initialize)
      wire.say(Say.old(1, "resources/read", #""uri":"demo://no""#))
      #expect(try await wire.told("id", 1).code == -32002)
      wire.say(Say.new(2, "resources/read", #""uri":"demo://no""#))
      #expect(try await wire.told("id", 2).code == -32602)
      wire.say(Say.new(3, "resources/read", #""uri":"demo://of/monday""#))
      let read = try await wire.told("id", 3)
      #expect(read.at("result.contents.0.text") == "demo://of/monday")
      #expect(read.at("result.ttlMs") == 0)
      #expect(read.at("result.cacheScope") == "private")
    }
  }

  @Test("a completion has at most a hundred values, and says how many there are")
  func completion() async throws {
    let server = try server { catalog in
      let many: Completion = { typed, others in (0..<150).map { "\(typed)\(others["x"] ?? "")\($0)" } }
      try catalog.add(Prompt(name: "p", arguments: [.init("a", completion: many)]) { _, _ in [] })
    }
    try await withClient(of: server) { wire in
      let parameters =
        #""ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":"v"},"context":{"arguments":{"x":"o"}}"#
      wire.say(Say.new(1, "completion/complete", parameters))
      let completion = try await wire.told("id", 1).at("result.completion")
      #expect(completion?["values"]?.elements?.count == 100)
      #expect(completion?.at("values.0") == "vo0")
      #expect(completion?["total"] == 150)
      #expect(completion?["hasMore"] == true)
    }
  }

  @Test("a call that is cancelled is cancelled as a task, is not answered, and others go on")
  func cancellation() async throws {
    let wasCancelled = Mutex(false)
    let server = try server { catalog in
      try catalog.add(
        Tool(name: "wait") { _, context in
          await context.progress(1)
          do {
            try await Task.sleep(for: .seconds(3_600))
          } catch {
            wasCancelled.withLock { $0 = true }
            throw error
          }
          return ToolResult()
        })
      try catalog.add(Tool(name: "quick") { _, _ in ToolResult([.text("quick")]) })
    }
    try await withClient(of: server) { wire in
      wire.say(Say.new(1, "tools/call", #""name":"wait""#, meta: #""progressToken":"t""#))
      _ = try await wire.told("params.progressToken", "t")
      wire.say(Say.cancel(1))
      _ = try await eventually("the tool is cancelled", within: .seconds(60)) {
        wasCancelled.withLock { $0 } ? true : nil
      }
      wire.say(call(2, "quick"))
      _ = try await wire.told("id", 2)
      #expect(!wire.told.contains { $0["id"] == 1 })
    }
  }

  @Test("so many tools run at once, and no more")
  func concurrency() async throws {
    var configuration = ServerConfiguration.plain
    configuration.limits.running = 3
    let running = Mutex((now: 0, most: 0))
    let server = try server(configuration) { catalog in
      try catalog.add(
        Tool(name: "t") { _, _ in
          running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
          for _ in 0..<20 { await Task.yield() }
          running.withLock { $0.now -= 1 }
          return ToolResult()
        })
    }
    try await withClient(of: server) { wire in
      for id in 0..<40 { wire.say(call(id, "t")) }
      _ = try await eventually("all are answered", within: .seconds(60)) {
        wire.told.count == 40 ? true : nil
      }
    }
    let most = running.withLock { $0.most }
    #expect(most <= 3)
    #expect(most > 1, "they run beside each other")
  }

  @Test("what runs when the client has no more to say may end, and is answered")
  func endOfInput() async throws {
    var configuration = ServerConfiguration.plain
    configuration.limits.grace = .seconds(60)
    let server = try server(configuration) { catalog in
      try catalog.add(
        Tool(name: "t") { _, _ in
          for _ in 0..<50 { await Task.yield() }
          return ToolResult([.text("done")])
        })
    }
    let wire = Wire()
    wire.say(call(1, "t"))
    wire.say(Say.new(2, "subscriptions/listen", #""notifications":{"toolsListChanged":true}"#))
    wire.end()
    try await Connection(to: server).run(over: wire)
    #expect(wire.told.contains { $0.at("result.content.0.text") == "done" })
    #expect(wire.told.last?["id"] == 2, "the stream is closed last")
  }

  @Test("what does not end in time is cancelled, and the connection ends")
  func grace() async throws {
    var configuration = ServerConfiguration.plain
    configuration.limits.grace = .milliseconds(20)
    let server = try server(configuration) { catalog in
      try catalog.add(
        Tool(name: "wait") { _, _ in
          try await Task.sleep(for: .seconds(3_600))
          return ToolResult()
        })
    }
    let wire = Wire()
    for id in 0..<3 { wire.say(call(id, "wait")) }
    wire.end()
    try await Connection(to: server).run(over: wire)
    #expect(wire.told.isEmpty)
  }

  @Test("a client that does not read is not read, and goes on where it left off")
  func slowReader() async throws {
    var configuration = ServerConfiguration.plain
    configuration.limits.outgoingBytes = 2_000
    let server = MCPServer(
      configuration, catalog: .small, logger: .silent)
    try await withClient(of: server) { wire in
      wire.stall(true)
      for id in 0..<500 { wire.say(Say.new(id, "tools/list")) }
      var before = -1
      _ = try await eventually("nothing is read any more", within: .seconds(60)) {
        defer { before = wire.unread }
        try await Task.sleep(for: .milliseconds(50))
        return wire.unread < 500 && wire.unread == before ? true : nil
      }
      #expect(wire.unread > 450, "a few answers fill what may wait")
      wire.stall(false)
      _ = try await eventually("all are answered", within: .seconds(60)) {
        wire.told.count == 500 ? true : nil
      }
      #expect(wire.told.map { $0["id"] } == (0..<500).map { .integer(Int64($0)) })
    }
  }

  @Test("a change that waits already is not put in again")
  func broadcasts() async throws {
    let server = MCPServer(
      .plain, catalog: .small, logger: .silent)
    try await withClient(of: server) { wire in
      wire.say(
        Say.new(
          1, "subscriptions/listen", #""notifications":{"resourceSubscriptions":["demo://1","demo://2"]}"#))
      _ = try await wire.told("method", "notifications/subscriptions/acknowledged")
      wire.stall(true)
      for _ in 0..<1_000 {
        server.resourceUpdated("demo://1")
        server.resourceUpdated("demo://2")
      }
      wire.stall(false)
      wire.say(Say.new(2, "server/discover"))
      _ = try await wire.told("id", 2)
      let updates = wire.told.filter { $0["method"] == "notifications/resources/updated" }
      #expect(Set(updates.compactMap { $0.at("params.uri")?.text }) == ["demo://1", "demo://2"])
      #expect(updates.count <= 4, "one of each may have been under way")
    }
  }

  @Test("a change of the catalogue is told once for each list, to all clients, and not when it fails")
  func update() async throws {
    let server = MCPServer(
      .plain, catalog: .small, logger: .silent)
    try await withClient(of: server) { wire in
      let all =
        #""notifications":{"toolsListChanged":true,"resourcesListChanged":true,"promptsListChanged":true}"#
      wire.say(Say.new(1, "subscriptions/listen", all))
      _ = try await wire.told("method", "notifications/subscriptions/acknowledged")
      #expect(throws: Catalog.Unusable.self) {
        try server.update { catalog throws(Catalog.Unusable) in
          try catalog.add(Tool(name: "new") { _, _ in ToolResult() })
          try catalog.add(Tool(name: "new") { _, _ in ToolResult() })
        }
      }
      #expect(server.catalog.tools.count == 3)
      server.update { catalog in catalog.removeTool("a") }
      try server.update { catalog throws(Catalog.Unusable) in
        try catalog.add(Resource(uri: "demo://3", name: "") { _ in [] })
        try catalog.add(ResourceTemplate(pattern: "b:{x}", name: "") { _, _, _ in nil })
      }
      wire.say(Say.new(2, "server/discover"))
      _ = try await wire.told("id", 2)
      #expect(
        wire.told.compactMap { $0["method"]?.text }.dropFirst()
          == ["notifications/tools/list_changed", "notifications/resources/list_changed"])
    }
    server.update { catalog in catalog.removeTool("b") }
  }

  @Test("a transport that fails ends the connection and what runs")
  func brokenTransport() async throws {
    struct Broken: Error {}
    struct OneWay: MessageTransport {
      let wire: Wire
      func next() async throws -> Frame? { try await wire.next() }
      func write(_ message: [UInt8], about place: Outgoing.Place) async throws { throw Broken() }
    }
    let server = try server { catalog in
      try catalog.add(
        Tool(name: "wait") { _, _ in
          try await Task.sleep(for: .seconds(3_600))
          return ToolResult()
        })
    }
    let wire = Wire()
    wire.say(call(1, "wait"))
    wire.say(Say.new(2, "server/discover"))
    await #expect(throws: Broken.self) { try await Connection(to: server).run(over: OneWay(wire: wire)) }
  }

  @Test(
    "a traceparent of the right form is given to the tool",
    arguments: [
      ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
      ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
      ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
      ("00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false), ("x", false),
    ])
  func traceParent(_ text: String, _ isOne: Bool) async throws {
    let server = try server { catalog in
      try catalog.add(
        Tool(name: "trace") { _, context in ToolResult([.text(context.traceParent ?? "none")]) })
    }
    try await withClient(of: server) { wire in
      wire.say(Say.new(1, "tools/call", #""name":"trace""#, meta: #""traceparent":"\#(text)""#))
      let answer = try await wire.told("id", 1)
      #expect(answer.at("result.content.0.text")?.text == (isOne ? text : "none"))
    }
  }
}
