import Testing

@testable import ModelContextProtocol

@Suite("Lists and completion")
struct ListTests {
  @Test("tools keep their order, and pages put together are the list", arguments: [true, false])
  func pages(isNew: Bool) throws {
    var exchange = Exchange()
    exchange.begin()
    var names: [String] = []
    var cursor: String?
    repeat {
      let parameters = cursor.map { "\"cursor\":\"\($0)\"" } ?? ""
      let text = isNew ? Say.new(1, "tools/list", parameters) : Say.old(1, "tools/list", parameters)
      let result = try #require(exchange.send(text).first?["result"])
      let page = try #require(result["tools"]?.elements)
      #expect(page.count <= 2)
      names += page.compactMap { $0["name"]?.text }
      cursor = result["nextCursor"]?.text
    } while cursor != nil && names.count < 10
    #expect(names == ["c", "a", "b"])
  }

  @Test("a cursor is refused by another list, when it is made up, and when its entry is gone")
  func cursors() throws {
    var exchange = Exchange()
    exchange.begin()
    let answer = exchange.send(Say.old(1, "tools/list")).first
    let cursor = try #require(answer?.at("result.nextCursor")?.text)
    #expect(exchange.send(Say.old(2, "resources/list", "\"cursor\":\"\(cursor)\"")).first?.code == -32602)
    #expect(exchange.send(Say.old(2, "tools/list", #""cursor":"YQ==""#)).first?.code == -32602)
    #expect(exchange.send(Say.old(2, "tools/list", #""cursor":"%%""#)).first?.code == -32602)
    #expect(exchange.send(Say.old(2, "tools/list", #""cursor":5"#)).first?.code == -32602)
    exchange.catalog.removeTool("a")
    #expect(exchange.send(Say.old(2, "tools/list", "\"cursor\":\"\(cursor)\"")).first?.code == -32602)
  }

  @Test("an entry that is added while a client pages is told, and none twice")
  func changingList() throws {
    var exchange = Exchange()
    exchange.begin()
    let cursor = try #require(exchange.send(Say.old(1, "tools/list")).first?.at("result.nextCursor")?.text)
    exchange.catalog.removeTool("c")
    try exchange.catalog.add(Tool(name: "d") { _, _ in ToolResult() })
    let page = exchange.send(Say.old(2, "tools/list", "\"cursor\":\"\(cursor)\"")).first?.at("result.tools")
    #expect(page?.elements?.compactMap { $0["name"]?.text } == ["b", "d"])
  }

  @Test("a list that was emptied is still there")
  func emptied() {
    var exchange = Exchange()
    exchange.begin()
    exchange.catalog.removePrompt("hello")
    #expect(exchange.send(Say.old(1, "prompts/list")).first?.at("result") == ["prompts": []])
  }

  @Test("an output schema that is no object is told to newer clients only")
  func outputSchemas() throws {
    var exchange = Exchange()
    exchange.begin()
    var catalog = Catalog()
    try catalog.add(Tool(name: "list", output: .array(of: .integer())) { _, _ in ToolResult(structured: []) })
    exchange.catalog = catalog
    #expect(exchange.send(Say.old(1, "tools/list")).first?.at("result.tools.0.outputSchema") == nil)
    #expect(exchange.send(Say.new(1, "tools/list")).first?.at("result.tools.0.outputSchema.type") == "array")
  }

  @Test("what cannot be offered is refused")
  func unusable() throws {
    var catalog = Catalog.small
    for name in ["", "a", "with space", "ü", String(repeating: "x", count: 129)] {
      #expect(throws: Catalog.Unusable.self) { try catalog.add(Tool(name: name) { _, _ in ToolResult() }) }
    }
    #expect(throws: Catalog.Unusable.self) {
      try catalog.add(Tool(name: "d", input: .any) { _, _ in ToolResult() })
    }
    #expect(throws: Catalog.Unusable.self) {
      try catalog.add(Resource(uri: "demo://1", name: "") { _ in [] })
    }
    #expect(throws: Catalog.Unusable.self) { try catalog.add(Resource(uri: "file", name: "") { _ in [] }) }
    for pattern in ["demo://of/{day}", "demo://", "a:{", "a:}", "a:{}", "a:{x}{y}", "a:{x}/{x}", "a:{+x}"] {
      #expect(throws: Catalog.Unusable.self) {
        try catalog.add(ResourceTemplate(pattern: pattern, name: "") { _, _, _ in nil })
      }
    }
    #expect(throws: Catalog.Unusable.self) { try catalog.add(Prompt(name: "hello") { _, _ in [] }) }
  }

  @Test(
    "an address follows a pattern or does not",
    arguments: [
      ("log://a/1.txt", ["service": "a", "day": "1"]),
      ("log://a b/1.2.txt", ["service": "a b", "day": "1.2"]), ("log:///1.txt", nil),
      ("log://a/.txt", nil), ("log://a/b/1.txt", nil), ("log://a/1.txt/x", nil), ("log://a", nil),
      ("xlog://a/1.txt", nil),
      ("", nil),
    ] as [(String, [String: String]?)])
  func templates(_ uri: String, _ values: [String: String]?) {
    let template = ResourceTemplate(pattern: "log://{service}/{day}.txt", name: "") { _, _, _ in nil }
    #expect(template.values(in: uri) == values)
  }

  @Test("completion is refused for what there is not, and begins a call for what there is")
  func completion() {
    var exchange = Exchange()
    exchange.begin()
    func ask(_ reference: String, _ name: String = "who") -> [JSONValue] {
      exchange.send(
        Say.old(
          1, "completion/complete", #""ref":{\#(reference)},"argument":{"name":"\#(name)","value":"m"}"#))
    }
    #expect(ask(#""type":"ref/prompt","name":"no""#).first?.code == -32602)
    #expect(ask(#""type":"ref/prompt","name":"hello""#, "no").first?.code == -32602)
    #expect(ask(#""type":"ref/resource","uri":"demo://no""#).first?.code == -32602)
    #expect(ask(#""type":"ref/resource","uri":"demo://of/{day}""#).first?.code == -32602)
    #expect(ask(#""type":"ref/other""#).first?.code == -32602)
    #expect(ask("").first?.code == -32602)
    #expect(exchange.started.isEmpty)
    #expect(ask(#""type":"ref/resource","uri":"demo://of/{day}""#, "day").isEmpty)
    #expect(exchange.started.count == 1)
  }
}
