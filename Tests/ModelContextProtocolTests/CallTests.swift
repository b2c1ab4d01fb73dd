import Testing

@testable import ModelContextProtocol

@Suite("Calls that are under way")
struct CallTests {
  private func limited(running: Int, waiting: Int) -> Exchange {
    var configuration = ServerConfiguration.plain
    configuration.limits.running = running
    configuration.limits.waiting = waiting
    configuration.tellsLogs = true
    var exchange = Exchange(configuration)
    exchange.begin()
    return exchange
  }

  private func call(_ id: Int, token: String? = nil) -> String {
    let meta = token.map { #","_meta":{"progressToken":"\#($0)"}"# } ?? ""
    return Say.old(id, "tools/call", #""name":"a","arguments":{}\#(meta)"#)
  }

  @Test("so many run, so many wait, and more are refused; who waits runs when one has ended")
  func limits() throws {
    var exchange = limited(running: 2, waiting: 1)
    for id in 1...3 { #expect(exchange.send(call(id)).isEmpty) }
    #expect(exchange.started.map(\.id) == [.integer(1), .integer(2)])
    #expect(exchange.send(call(4)).first?.code == 429)
    #expect(
      exchange.send(Say.old(5, "tools/list")).first?.at("result") != nil, "what takes no work is answered")
    let said = exchange.note(exchange.state.finish(exchange.started[1].number, with: .success(["x": 1])))
    #expect(said == [["jsonrpc": "2.0", "id": 2, "result": ["x": 1]]])
    #expect(exchange.started.map(\.id) == [.integer(1), .integer(2), .integer(3)])
    #expect(exchange.send(call(4)).isEmpty)
    #expect(exchange.started.count == 3)
  }

  @Test("an id that is in use is refused without one, and may be used again afterwards")
  func idInUse() {
    var exchange = limited(running: 2, waiting: 1)
    _ = exchange.send(call(1))
    let refused = exchange.send(Say.old(1, "ping")).first
    #expect(refused?.code == -32600)
    #expect(refused?["id"] == nil)
    let broken = exchange.send(#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#).first
    #expect(broken?.code == -32600)
    #expect(broken?["id"] == nil, "or the call would be taken for answered")
    _ = exchange.note(exchange.state.finish(exchange.started[0].number, with: .success([:])))
    #expect(exchange.send(Say.old(1, "ping")).first?["id"] == 1)
    #expect(exchange.send(#"{"jsonrpc":"2.0","id":"1","method":"ping"}"#).first?["id"] == "1")
  }

  @Test("a cancelled call is to end, and nothing more is said of it; its place is taken until it has ended")
  func cancel() {
    var exchange = limited(running: 1, waiting: 1)
    _ = exchange.send(call(1, token: "t"))
    let number = exchange.started[0].number
    _ = exchange.send(call(2))
    #expect(exchange.send(Say.cancel(1)).isEmpty)
    #expect(exchange.cancelled == [number])
    #expect(exchange.note(exchange.state.tell(.progress(1, total: nil, message: nil), of: number)).isEmpty)
    #expect(exchange.started.count == 1)
    #expect(exchange.send(call(3)).first?.code == 429)
    #expect(exchange.note(exchange.state.finish(number, with: .success([:]))).isEmpty)
    #expect(exchange.started.map(\.id) == [.integer(1), .integer(2)])
  }

  @Test("a call that waits and is cancelled never runs")
  func cancelWaiting() {
    var exchange = limited(running: 1, waiting: 2)
    for id in 1...3 { _ = exchange.send(call(id)) }
    _ = exchange.send(Say.cancel(2))
    #expect(exchange.cancelled.isEmpty)
    _ = exchange.note(exchange.state.finish(exchange.started[0].number, with: nil))
    #expect(exchange.started.map(\.id) == [.integer(1), .integer(3)])
  }

  @Test(
    "the id of a cancelled call may be used again at once, and the old call's answer is not the new one's")
  func reuse() {
    var exchange = limited(running: 2, waiting: 1)
    _ = exchange.send(call(1))
    _ = exchange.send(Say.cancel(1))
    _ = exchange.send(call(1))
    #expect(
      exchange.note(exchange.state.finish(exchange.started[0].number, with: .success(["old": 1]))).isEmpty)
    let said = exchange.note(exchange.state.finish(exchange.started[1].number, with: .success(["new": 1])))
    #expect(said.first?.at("result.new") == 1)
  }

  @Test(
    "a cancellation of nothing is passed over",
    arguments: [
      Say.cancel(9), #"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#,
      #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":null}}"#,
    ])
  func cancelNothing(_ text: String) {
    var exchange = limited(running: 1, waiting: 1)
    _ = exchange.send(call(1))
    #expect(exchange.send(text).isEmpty)
    #expect(exchange.cancelled.isEmpty)
    #expect(exchange.note(exchange.state.finish(exchange.started[0].number, with: .success([:]))).count == 1)
  }

  @Test("progress is told with the token, grows, and is not told without one")
  func progress() {
    var exchange = limited(running: 2, waiting: 1)
    _ = exchange.send(call(1, token: "t"))
    _ = exchange.send(call(2))
    func tell(_ value: Double, _ call: Int = 0) -> JSONValue? {
      exchange.note(
        exchange.state.tell(.progress(value, total: 4, message: "m"), of: exchange.started[call].number)
      )
      .first
    }
    #expect(
      tell(0.5) == [
        "jsonrpc": "2.0", "method": "notifications/progress",
        "params": [
          "progressToken": "t", "progress": .decimal(JSONDecimal(checked: "0.5")), "total": 4, "message": "m",
        ],
      ])
    #expect(tell(0.5) == nil)
    #expect(tell(0.25) == nil)
    #expect(tell(.nan) == nil)
    #expect(tell(.infinity) == nil)
    #expect(tell(2)?.at("params.progress") == 2)
    #expect(tell(3, 1) == nil)
  }

  @Test("log messages of a session: none before logging/setLevel, then from its level on")
  func sessionLogs() {
    var exchange = limited(running: 2, waiting: 1)
    _ = exchange.send(call(1))
    func tell(_ level: LogLevel) -> JSONValue? {
      exchange.note(exchange.state.tell(.log(level, ["k": 1], logger: "l"), of: exchange.started[0].number))
        .first
    }
    #expect(tell(.emergency) == nil)
    #expect(exchange.send(Say.old(2, "logging/setLevel", #""level":"warning""#)).first?["result"] == [:])
    #expect(tell(.notice) == nil)
    #expect(
      tell(.warning) == [
        "jsonrpc": "2.0", "method": "notifications/message",
        "params": ["level": "warning", "logger": "l", "data": ["k": 1]],
      ])
    #expect(exchange.send(Say.old(2, "logging/setLevel", #""level":"loud""#)).first?.code == -32602)
    #expect(exchange.send(Say.old(2, "logging/setLevel")).first?.code == -32602)
  }

  @Test("log messages of 2026-07-28: only for a request that asks for them, from its level on")
  func requestLogs() {
    var exchange = limited(running: 3, waiting: 1)
    _ = exchange.send(Say.old(9, "logging/setLevel", #""level":"debug""#))
    _ = exchange.send(Say.new(1, "tools/call", #""name":"a""#))
    _ = exchange.send(
      Say.new(2, "tools/call", #""name":"a""#, meta: #""io.modelcontextprotocol/logLevel":"error""#))
    func tell(_ level: LogLevel, _ call: Int) -> Bool {
      !exchange.note(exchange.state.tell(.log(level, nil, logger: nil), of: exchange.started[call].number))
        .isEmpty
    }
    #expect(!tell(.emergency, 0))
    #expect(!tell(.warning, 1))
    #expect(tell(.error, 1))
  }

  @Test("without the capability there is no logging, whatever a client asks for")
  func noLogging() {
    var exchange = Exchange()
    exchange.begin()
    #expect(exchange.send(Say.old(1, "logging/setLevel", #""level":"debug""#)).first?.code == -32601)
    _ = exchange.send(
      Say.new(2, "tools/call", #""name":"a""#, meta: #""io.modelcontextprotocol/logLevel":"debug""#))
    let told = exchange.state.tell(.log(.alert, nil, logger: nil), of: exchange.started[0].number)
    #expect(exchange.note(told).isEmpty)
  }

  @Test("what a call needs is checked before it runs")
  func parameters() {
    var exchange = limited(running: 1, waiting: 1)
    for text in [
      Say.old(1, "tools/call"), Say.old(1, "tools/call", #""name":"no""#),
      Say.old(1, "tools/call", #""name":1"#),
      Say.old(1, "tools/call", #""name":"a","arguments":[]"#), Say.old(1, "resources/read"),
      Say.old(1, "prompts/get", #""name":"no""#), Say.old(1, "prompts/get", #""name":"hello""#),
      Say.old(1, "prompts/get", #""name":"hello","arguments":{"who":1}"#),
      Say.old(1, "prompts/get", #""name":"hello","arguments":{"who":"a","what":"b"}"#),
    ] {
      #expect(exchange.send(text).first?.code == -32602, "\(text)")
    }
    #expect(exchange.started.isEmpty)
  }
}
