import Testing

@testable import ModelContextProtocol

@Suite("Two revisions on one connection")
struct RevisionTests {
  @Test("initialize is answered with 2025-11-25, whatever revision the client names, and once")
  func initialize() throws {
    for version in ["2025-11-25", "2024-11-05", "2026-07-28", "tomorrow"] {
      var exchange = Exchange()
      let text = Say.initialize.replacing("2025-11-25", with: version)
      let answer = try #require(exchange.send(text).first)
      #expect(answer.at("result.protocolVersion") == "2025-11-25")
      #expect(answer.at("result.serverInfo") == ["name": "server", "version": "1"])
      #expect(answer.at("id") == "init")
      #expect(answer.at("result.resultType") == nil)
      #expect(exchange.send(text).first?.code == -32600)
    }
  }

  @Test(
    "an initialize that lacks something is refused, and may be said again",
    arguments: [
      "{}", #"{"protocolVersion":1,"capabilities":{},"clientInfo":{"name":"a","version":"1"}}"#,
      #"{"protocolVersion":"2025-11-25","clientInfo":{"name":"a","version":"1"}}"#,
      #"{"protocolVersion":"2025-11-25","capabilities":[],"clientInfo":{"name":"a","version":"1"}}"#,
      #"{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"a"}}"#,
    ])
  func brokenInitialize(_ parameters: String) {
    var exchange = Exchange()
    let answer = exchange.send(#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":\#(parameters)}"#)
    #expect(answer.first?.code == -32602)
    #expect(exchange.send(Say.initialize).first?.at("result") != nil)
  }

  @Test("what is offered is declared, and nothing else")
  func capabilities() {
    var exchange = Exchange()
    let all: JSONValue = [
      "tools": ["listChanged": true], "resources": ["listChanged": true, "subscribe": true],
      "prompts": ["listChanged": true], "completions": [:],
    ]
    #expect(exchange.send(Say.initialize).first?.at("result.capabilities") == all)
    #expect(exchange.send(Say.new(2, "server/discover")).first?.at("result.capabilities") == all)
    var empty = Exchange(catalog: Catalog())
    #expect(empty.send(Say.initialize).first?.at("result.capabilities") == [:])
    var configuration = ServerConfiguration.plain
    configuration.tellsLogs = true
    var logging = Exchange(configuration, catalog: Catalog())
    #expect(logging.send(Say.initialize).first?.at("result.capabilities") == ["logging": [:]])
  }

  @Test(
    "a method of what is not declared is not found",
    arguments: [
      "tools/list", "tools/call", "resources/list", "resources/templates/list", "resources/read",
      "prompts/list", "prompts/get", "completion/complete",
    ])
  func undeclared(_ method: String) {
    var exchange = Exchange(catalog: Catalog())
    exchange.begin()
    #expect(exchange.send(Say.old(1, method)).first?.code == -32601)
    #expect(exchange.send(Say.new(2, method)).first?.code == -32601)
  }

  @Test("ping is answered before initialize and after it")
  func ping() {
    var exchange = Exchange()
    #expect(exchange.send(Say.old(1, "ping")) == [["jsonrpc": "2.0", "id": 1, "result": [:]]])
    exchange.begin()
    #expect(exchange.send(Say.old(1, "ping")) == [["jsonrpc": "2.0", "id": 1, "result": [:]]])
  }

  @Test("before initialize a request without _meta is refused: -32602 where 2026-07-28 has its method")
  func beforeInitialize() {
    var exchange = Exchange()
    #expect(exchange.send(Say.old(1, "tools/list")).first?.code == -32602)
    #expect(exchange.send(Say.old(1, "resources/subscribe", #""uri":"demo://1""#)).first?.code == -32600)
    #expect(exchange.send(Say.old(1, "no/such")).first?.code == -32601)
    exchange.begin()
    #expect(exchange.send(Say.old(1, "tools/list")).first?.at("result.tools") != nil)
  }

  @Test(
    "2026-07-28 refuses a _meta without protocolVersion or clientCapabilities with -32602, in a session too")
  func missingMeta() {
    var exchange = Exchange()
    exchange.begin()
    for meta in [
      #""io.modelcontextprotocol/protocolVersion":"2026-07-28""#,
      #""io.modelcontextprotocol/clientCapabilities":{}"#,
      #""io.modelcontextprotocol/protocolVersion":1,"io.modelcontextprotocol/clientCapabilities":{}"#,
      #""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":[]"#,
    ] {
      #expect(exchange.send(Say.old(1, "tools/list", "\"_meta\":{\(meta)}")).first?.code == -32602)
    }
    #expect(exchange.send(Say.old(1, "server/discover")).first?.code == -32602)
    #expect(exchange.send(Say.old(1, "subscriptions/listen", #""notifications":{}"#)).first?.code == -32602)
    for meta in [
      #""io.modelcontextprotocol/clientInfo":{"name":"a"}"#, #""io.modelcontextprotocol/logLevel":"loud""#,
    ] {
      #expect(exchange.send(Say.new(1, "tools/list", meta: meta)).first?.code == -32602)
    }
  }

  @Test("another revision is refused with -32022 and those that are spoken")
  func unsupportedVersion() throws {
    var exchange = Exchange()
    let answer = try #require(
      exchange.send(Say.new(1, "server/discover").replacing("2026-07-28", with: "1900-01-01")).first)
    #expect(answer.code == -32022)
    #expect(answer.at("error.data.requested") == "1900-01-01")
    #expect(answer.at("error.data.supported") == ["2026-07-28", "2025-11-25"])
  }

  @Test("server/discover says what is spoken and offered, and needs nothing before it")
  func discover() throws {
    var configuration = ServerConfiguration.plain
    configuration.instructions = "Ask."
    configuration.timeToLive = 5_000
    configuration.cacheScope = .public
    var exchange = Exchange(configuration)
    let result = try #require(exchange.send(Say.new(1, "server/discover")).first?["result"])
    #expect(result.at("supportedVersions") == ["2026-07-28", "2025-11-25"])
    #expect(result.at("instructions") == "Ask.")
    #expect(result.at("resultType") == "complete")
    #expect(result.at("ttlMs") == 5_000)
    #expect(result.at("cacheScope") == "public")
    #expect(result["_meta"]?["io.modelcontextprotocol/serverInfo"] == ["name": "server", "version": "1"])
  }

  @Test("a time to live is never below nothing")
  func timeToLive() {
    var configuration = ServerConfiguration.plain
    configuration.timeToLive = -1
    var exchange = Exchange(configuration)
    #expect(exchange.send(Say.new(1, "tools/list")).first?.at("result.ttlMs") == 0)
  }

  @Test(
    "methods of the one revision are not found in the other",
    arguments: ["ping", "initialize", "resources/subscribe", "resources/unsubscribe", "logging/setLevel"])
  func otherRevision(_ method: String) {
    var exchange = Exchange()
    #expect(exchange.send(Say.new(1, method)).first?.code == -32601)
  }

  @Test("an unknown method is not found, and an answer of the client is passed over")
  func unknown() {
    var exchange = Exchange()
    #expect(exchange.send(Say.new(1, "tasks/list")).first?.code == -32601)
    exchange.begin()
    #expect(exchange.send(Say.old(1, "tasks/list")).first?.code == -32601)
    #expect(exchange.send(#"{"jsonrpc":"2.0","id":1,"result":{}}"#).isEmpty)
    #expect(exchange.send(#"{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}"#).isEmpty)
    #expect(exchange.send(#"{"jsonrpc":"2.0","method":"no/such"}"#).isEmpty)
  }

  @Test("both revisions are answered on one connection, each in its own form")
  func both() {
    var exchange = Exchange()
    exchange.begin()
    let new = exchange.send(Say.new(1, "prompts/list")).first
    let old = exchange.send(Say.old(2, "prompts/list")).first
    #expect(new?.at("result.prompts") == old?.at("result.prompts"))
    #expect(new?.at("result.resultType") == "complete")
    #expect(old?.at("result")?.members?.members.map(\.name) == ["prompts"])
  }

  @Test("a message that is too long is answered without an id")
  func tooLong() {
    var exchange = Exchange()
    let said = exchange.note(exchange.state.receive(.tooLong(limit: 10), catalog: exchange.catalog))
    #expect(said.first?.code == -32600)
    #expect(said.first?["id"] == nil)
  }
}
