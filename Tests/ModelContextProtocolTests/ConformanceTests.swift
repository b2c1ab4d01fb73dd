import Foundation
import ProgramFixture
import Testing

@testable import ModelContextProtocol

@Suite("What the official client says", .needsSchemas, .needsPython("jsonschema"))
struct ConformanceTests {
  @Test(
    "the official Python client drives the server, and every message of both fits the schema of its revision",
    .needsPython("mcp"), arguments: ["legacy", "auto", "2026-07-28"])
  func officialClient(_ mode: String) async throws {
    try await withTemporaryDirectory { folder in
      let log = folder + "/wire.log"
      let driven = try await Ended.running(
        Around.python,
        [
          "-W", "ignore", Around.scripts + "/client.py", mode, Around.python, Around.scripts + "/tee.py", log,
          Around.server,
        ], in: folder)
      #expect(driven.status == 0, "\(driven.errors.suffix(3_000))")
      #expect(driven.output == "all as it should be\n")
      let checked = try await validate(log, in: folder)
      let revision = mode == "legacy" ? "2025-11-25" : "2026-07-28"
      for name in [
        "CallToolResult", "ListToolsResult", "ReadResourceResult", "CompleteResult", "ProgressNotification",
      ] {
        #expect(checked.output.contains(" \(revision) \(name)\n"))
      }
    }
  }

  @Test("errors and answers to both revisions on one connection fit their schemas")
  func bothRevisions() async throws {
    try await withTemporaryDirectory { folder in
      let said = [
        Say.new(1, "server/discover"), Say.new(2, "tools/call", #""name":"ask","arguments":{}"#),
        Say.new(3, "subscriptions/listen", #""notifications":{"toolsListChanged":true}"#),
        Say.new(4, "resources/read", #""uri":"demo://no""#), Say.new(5, "tools/call", #""name":"lie""#),
        Say.new(6, "tools/list").replacing("2026-07-28", with: "1900-01-01"), Say.initialize,
        #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, Say.old(7, "tools/list"),
        Say.old(8, "tools/call", #""name":"list""#), Say.old(9, "tools/call", #""name":"media""#),
        Say.old(10, "resources/read", #""uri":"demo://no""#),
      ]
      let log = folder + "/wire.log"
      let ended = try await Ended.running(
        Around.python, [Around.scripts + "/tee.py", log, Around.server],
        input: Array(said.map { $0 + "\n" }.joined().utf8), in: folder)
      #expect(ended.status == 0, "\(ended.errors)")
      let checked = try await validate(log, in: folder)
      for name in [
        "2026-07-28 SubscriptionsListenResult", "2026-07-28 MissingRequiredClientCapabilityError",
        "2026-07-28 UnsupportedProtocolVersionError", "2026-07-28 InternalError",
        "2025-11-25 InitializeResult",
        "2025-11-25 JSONRPCErrorResponse",
      ] {
        #expect(checked.output.contains(" \(name)\n"), "\(name)")
      }
    }
  }

  @Test(
    "a message that does not fit is found",
    arguments: [
      (#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a"}]}}"#, "inputSchema"),
      (#"{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":""}}"#, "is not of type"),
      (#"{"jsonrpc":"2.0","id":7,"method":"roots/list"}"#, "asks nothing"),
      (#"{"jsonrpc":"2.0","id":7,"result":{}}"#, "nobody asked"),
    ])
  func validator(_ answer: String, _ fault: String) async throws {
    try await withTemporaryDirectory { folder in
      let entries: [JSONValue] = [
        ["from": "client", "line": .string(Say.old(1, "tools/list"))],
        ["from": "server", "line": .string(answer)],
      ]
      let log = folder + "/wire.log"
      try Data(entries.map { $0.encodedText + "\n" }.joined().utf8).write(to: URL(filePath: log))
      let ended = try await Ended.running(
        Around.python, [Around.scripts + "/validate.py", Around.schemas, log], in: folder)
      #expect(ended.status == 1)
      #expect(ended.errors.contains(fault), "\(ended.errors)")
    }
  }

  private func validate(_ log: String, in folder: String) async throws -> Ended {
    let ended = try await Ended.running(
      Around.python, [Around.scripts + "/validate.py", Around.schemas, log], in: folder)
    #expect(ended.status == 0, "\(ended.errors)")
    return ended
  }
}
