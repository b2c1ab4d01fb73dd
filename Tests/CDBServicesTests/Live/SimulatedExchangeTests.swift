import CDBDomain
import Foundation
import HTTPTransport
import Synchronization
import Testing
import WebSocketTransport

@testable import CDBServices

@Suite("A simulated exchange", .serialized, .timeLimit(.minutes(10)))
struct SimulatedExchangeTests {
  private func during(
    _ exchange: SimulatedExchange, _ body: () async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await exchange.run() }
      try await body()
      group.cancelAll()
    }
  }

  private func get(_ exchange: SimulatedExchange, _ path: String) async throws -> (Int, String) {
    let answer = try await HTTPClient().send(HTTPRequest(url: exchange.restURL + path))
    return (answer.status, String(decoding: answer.body, as: UTF8.self))
  }

  /// The first messages of a connection that sends these requests.
  private func messages(
    _ exchange: SimulatedExchange, _ target: String, sending requests: [String] = [], count: Int
  ) async throws -> [String] {
    let endpoint = try WebSocketEndpoint(url: exchange.webSocketURL + target)
    return try await WebSocketClient().withConnection(to: endpoint) { connection in
      for request in requests { try await connection.send(text: request) }
      var messages: [String] = []
      for try await event in connection.events {
        if case .text(let bytes) = event { messages.append(String(decoding: bytes, as: UTF8.self)) }
        if messages.count == count { break }
      }
      return messages
    }
  }

  @Test("combined streams are wrapped, raw ones are not, and only what was asked for comes")
  func streams() async throws {
    let exchange = try await LiveStage.exchange(speed: 20)
    try await during(exchange) {
      let combined = try await messages(exchange, "/stream?streams=btcusdt@trade/ethusdt@trade", count: 20)
      let openings = ["btc", "eth"].map { #"{"stream":"\#($0)usdt@trade","data":{"# }
      #expect(combined.allSatisfy { openings.contains(String($0.prefix(openings[0].count))) })
      let raw = try await messages(exchange, "/ws/ethusdt@bookTicker", count: 20)
      #expect(raw.allSatisfy { $0.hasPrefix(#"{"u":"#) && $0.hasSuffix("\"}") })
      #expect(raw.allSatisfy { $0.contains(#""s":"ETHUSDT""#) })
      let asked = try await messages(
        exchange, "/ws", sending: [#"{"method":"SUBSCRIBE","params":["btcusdt@depth@100ms"],"id":4}"#],
        count: 5)
      #expect(asked.first == #"{"result":null,"id":4}"#)
      #expect(asked.dropFirst().allSatisfy { $0.hasPrefix(#"{"e":"depthUpdate","#) })
    }
  }

  @Test("requests are answered as the exchange does, errors included")
  func requests() async throws {
    let exchange = try await LiveStage.exchange()
    try await during(exchange) {
      let answers = try await messages(
        exchange, "/ws",
        sending: [
          #"{"method":"SUBSCRIBE","params":["a@trade","b@trade"],"id":1}"#,
          #"{"method":"UNSUBSCRIBE","params":["a@trade"],"id":2}"#,
          #"{"method":"LIST_SUBSCRIPTIONS","id":3}"#, #"{"method":"DANCE","id":4}"#, "{",
        ], count: 5)
      #expect(
        answers == [
          #"{"result":null,"id":1}"#, #"{"result":null,"id":2}"#, #"{"result":["b@trade"],"id":3}"#,
          #"{"error":{"code":2,"msg":"Invalid request: unknown method"},"id":4}"#,
          #"{"error":{"code":3,"msg":"Invalid JSON"},"id":null}"#,
        ])
    }
  }

  @Test("a sixth request in a second ends the connection, and is counted")
  func limit() async throws {
    let exchange = try await LiveStage.exchange()
    try await during(exchange) {
      let requests = (1...6).map { #"{"method":"LIST_SUBSCRIPTIONS","id":\#($0)}"# }
      let answers = try await messages(exchange, "/ws", sending: requests, count: 100)
      #expect(answers.count <= 5)
      #expect(exchange.ledger.violations == 1)
    }
  }

  @Test("REST: time, the symbols, books, and what is wrong with a request")
  func rest() async throws {
    let exchange = try await LiveStage.exchange()
    try await during(exchange) {
      #expect(try await get(exchange, "/api/v3/time").1.hasPrefix(#"{"serverTime":"#))
      #expect(try await get(exchange, "/api/v3/exchangeInfo").1.contains(#""symbol":"ETHUSDT""#))
      let (status, book) = try await get(exchange, "/api/v3/depth?symbol=BTCUSDT&limit=3")
      #expect(status == 200 && FrameNumbers.isSnapshot(Array(book.utf8)))
      #expect(book.split(separator: "],[").count == 5)
      #expect(try await get(exchange, "/api/v3/depth?symbol=NONE").0 == 400)
      #expect(try await get(exchange, "/elsewhere").0 == 404)
      let foreign = HTTPRequest(
        method: "POST", url: exchange.restURL + "/faults", headers: [("Origin", "http://evil.example")],
        body: Array("[]".utf8))
      #expect(try await HTTPClient().send(foreign).status == 403)
    }
  }

  @Test("faults come by POST, and what they did is told exactly by GET")
  func faults() async throws {
    let exchange = try await LiveStage.exchange(speed: 20)
    try await during(exchange) {
      let bad = HTTPRequest(method: "POST", url: exchange.restURL + "/faults", body: Array("{".utf8))
      #expect(try await HTTPClient().send(bad).status == 400)
      let unknown = HTTPRequest(
        method: "POST", url: exchange.restURL + "/faults", body: Array(#"[{"kind":"\"gaps"}]"#.utf8))
      let refusal = try await HTTPClient().send(unknown)
      #expect(refusal.status == 400)
      struct Refusal: Decodable { var msg: String }
      let words = try JSONDecoder().decode(Refusal.self, from: Data(refusal.body)).msg
      #expect(
        words.hasPrefix(#"there is no fault "gaps; did you mean gap?"#) && words.contains("stale_snapshot"))
      _ = try await messages(exchange, "/ws/btcusdt@trade", count: 1)
      let faults = HTTPRequest(
        method: "POST", url: exchange.restURL + "/faults",
        body: Array(#"[{"kind":"gap","duration":1000,"every":3}]"#.utf8))
      #expect(try await HTTPClient().send(faults).status == 200)
      let trades = try await messages(exchange, "/ws/btcusdt@trade", count: 60)
      let ids = try trades.map { text in
        try #require(Array(text.utf8).withUnsafeBytes { FrameNumbers($0) }).first
      }
      let answer = try await HTTPClient().send(HTTPRequest(url: exchange.restURL + "/faults"))
      let ledger = try JSONDecoder().decode(ExchangeLedger.self, from: Data(answer.body))
      let suppressed = Set(ledger.suppressed.filter { $0.connection == 2 && $0.fault == "gap" }.map(\.first))
      let missing = Set(ids[0]...ids[59]).subtracting(ids)
      #expect(missing.count >= 19)
      #expect(missing == suppressed.filter { $0 > ids[0] && $0 < ids[59] })
      let connection = try #require(ledger.connections.first { $0.number == 2 })
      #expect(connection.sent >= 60 && connection.suppressed["gap"] ?? 0 >= 19)
    }
  }

  @Test("who does not answer pings is left")
  func noPong() async throws {
    let exchange = try await LiveStage.exchange {
      $0.pingInterval = .milliseconds(20)
      $0.pongTimeout = .milliseconds(100)
    }
    try await during(exchange) {
      // A client that opens the connection and then does nothing: bytes over a bare socket.
      let socket = try RawSocket(port: exchange.port)
      try socket.send(
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
      )
      try await eventually("it is left") { exchange.ledger.connections.first?.ending == "no pong" }
      // This one answers, and stays.
      let endpoint = try WebSocketEndpoint(url: exchange.webSocketURL + "/ws")
      let pings = try await WebSocketClient().withConnection(to: endpoint) { connection in
        var pings = 0
        for try await event in connection.events {
          if case .ping = event { pings += 1 }
          if pings == 20 { break }
        }
        return pings
      }
      #expect(pings == 20)
    }
  }

  @Test("several clients see one market")
  func oneMarket() async throws {
    let exchange = try await LiveStage.exchange(speed: 20)
    try await during(exchange) {
      async let first = messages(exchange, "/ws/btcusdt@trade", count: 80)
      async let second = messages(exchange, "/stream?streams=btcusdt@trade", count: 80)
      let (a, b) = try await (Set(first), Set(second.map { String($0.dropFirst(33).dropLast()) }))
      #expect(a.intersection(b).count > 40)
    }
  }
}
