import Foundation
import ProgramFixture
import Testing

@testable import ModelContextProtocol

/// Messages of both revisions, damaged in every way that a seed thinks of.
@Suite("Damaged messages")
struct FuzzTests {
  private static let seeds = [
    Say.initialize, #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, Say.old(1, "ping"),
    Say.old(
      2, "tools/call",
      #""name":"a","arguments":{"x":[1,2.5,-3e2,"\u00e9\ud83d\ude00",null,true]},"_meta":{"progressToken":7}"#
    ),
    Say.old(3, "resources/subscribe", #""uri":"demo://1""#),
    Say.old(4, "tools/list", #""cursor":"dG9vbHMgYQ==""#),
    Say.new(5, "server/discover"),
    Say.new(6, "subscriptions/listen", #""notifications":{"toolsListChanged":true}"#),
    Say.new(
      7, "completion/complete",
      #""ref":{"type":"ref/prompt","name":"hello"},"argument":{"name":"who","value":""}"#),
    Say.new(8, "prompts/get", #""name":"hello","arguments":{"who":"me"}"#), Say.cancel(2),
    #"{"jsonrpc":"2.0","id":"x","result":{}}"#,
  ]
  private static let pieces = [
    "{", "}", "[", "]", "\"", ",", ":", "\\", "\\u", "null", "-", "1e9", "9223372036854775808", "\"id\":",
    "\"method\":",
    "\"_meta\":{}", "\n", "\u{0}", "é", "{\"a\":{\"a\":",
  ]

  private static func damaged(_ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = Array(seeds.randomElement(using: &generator).map(\.utf8) ?? "".utf8)
    for _ in 0..<Int.random(in: 0...4, using: &generator) {
      let place = Int.random(in: 0...bytes.count, using: &generator)
      switch Int.random(in: 0..<6, using: &generator) {
      case 0 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &generator)
      case 1 where place < bytes.count: bytes.remove(at: place)
      case 2: bytes.insert(contentsOf: Array((pieces.randomElement(using: &generator) ?? "").utf8), at: place)
      case 3: bytes.removeSubrange(place...)
      case 4:
        let end = Int.random(in: place...bytes.count, using: &generator)
        bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
      default:
        let other = Array(seeds.randomElement(using: &generator).map(\.utf8) ?? "".utf8)
        bytes = Array(bytes[..<place]) + Array(other[min(place, other.count)...])
      }
    }
    return bytes
  }

  @Test(
    "what is taken says the same when it is written and read again, and Foundation takes it too",
    arguments: 1...4)
  func reader(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let rounds = Surroundings.isSoak ? 200_000 : 4_000
    var taken = 0
    for _ in 0..<rounds {
      let bytes = Self.damaged(&generator)
      guard let value = try? JSONReader.read(bytes, limits: JSONLimits()) else { continue }
      taken += 1
      let written = value.encoded
      #expect(try JSONReader.read(written, limits: JSONLimits()) == value)
      #expect(!written.contains { $0 < 0x20 })
      // Foundation refuses halves of pairs and numbers that are too large, which are taken here.
      let hasExponent = zip(bytes, bytes.dropFirst()).contains {
        0x30...0x39 ~= $0 && $1 | 0x20 == UInt8(ascii: "e")
      }
      if hasExponent || bytes.contains(UInt8(ascii: "\\")) { continue }
      #expect(
        (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil,
        "taken, and no JSON: \(String(decoding: bytes, as: UTF8.self))")
    }
    #expect(taken > rounds / 10)
    #expect(taken < rounds)
  }

  @Test("whatever comes: every request is answered once at most, and the bounds hold", arguments: 1...4)
  func state(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed &+ 100)
    var configuration = ServerConfiguration.plain
    configuration.limits.running = 3
    configuration.limits.waiting = 2
    configuration.limits.subscriptions = 4
    var exchange = Exchange(configuration)
    var finished = 0
    for _ in 0..<(Surroundings.isSoak ? 100_000 : 3_000) {
      let bytes = Self.damaged(&generator)
      let message = try? IncomingMessage.read(bytes, limits: JSONLimits())
      let inUse = Set(exchange.state.numbers.keys).union(exchange.state.streams.map(\.id))
      let said = exchange.note(exchange.state.receive(.message(bytes), catalog: exchange.catalog))
      #expect(said.count <= 1)
      for answer in said {
        if let id = answer["id"].flatMap(RequestID.init) {
          #expect(!inUse.contains(id), "that id is another one's")
        }
        #expect(
          (answer["result"] != nil ? 1 : 0) + (answer["error"] != nil ? 1 : 0)
            + (answer["method"] != nil ? 1 : 0) == 1)
      }
      switch message {
      case .notification, .response: #expect(said.isEmpty)
      case .request(let request) where said.isEmpty:
        #expect(exchange.state.isInUse(request.id), "a request that is not answered is under way")
      case .request, nil: break
      }
      #expect(exchange.state.running.count <= 3)
      #expect(exchange.state.waiting.count <= 2)
      #expect(exchange.state.subscriptions <= 4)
      #expect(exchange.state.active.count == exchange.state.numbers.count)
      if Bool.random(using: &generator), finished < exchange.started.count {
        let call = exchange.started[finished]
        finished += 1
        _ = exchange.note(exchange.state.finish(call.number, with: .success([:])))
      }
    }
    while finished < exchange.started.count {
      _ = exchange.note(exchange.state.finish(exchange.started[finished].number, with: .success([:])))
      finished += 1
    }
    #expect(finished > 0)
    #expect(exchange.state.running.isEmpty)
    #expect(exchange.state.waiting.isEmpty)
    #expect(exchange.state.active.isEmpty)
    #expect(exchange.state.numbers.isEmpty)
  }

  @Test("lines in damaged pieces: whole ones come out, and none is longer than it may be", arguments: 1...4)
  func framer(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed &+ 200)
    var framer = LineFramer(limit: 40)
    var bytes: [UInt8] = []
    for _ in 0..<500 {
      let length = Int.random(in: 0...60, using: &generator)
      bytes += (0..<length).map { _ in UInt8.random(in: 0x21...0xFF, using: &generator) } + [0x0A]
    }
    let expected: [Frame] = bytes.split(separator: 0x0A).map {
      $0.count > 40 ? .tooLong(limit: 40) : .message(Array($0))
    }
    var frames: [Frame] = []
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + Int.random(in: 1...90, using: &generator))
      frames += framer.take(Array(bytes[start..<end]))
      start = end
    }
    #expect(frames + framer.end() == expected)
  }
}
