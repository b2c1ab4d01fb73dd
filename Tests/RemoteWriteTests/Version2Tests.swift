import Foundation
import HTTPServerFixture
import OpenMetrics
import ProgramFixture
import Synchronization
import Testing

@testable import RemoteWrite

/// Reads a request of remote write 2.0 by the numbers of the specification.
private struct Request2 {
  struct Series: Equatable {
    var labels: [Label]
    var samples: [WriteRequest.Sample]
  }

  struct Malformed: Error {}

  var symbols: [String] = []
  var series: [Series] = []

  init(body: [UInt8]) throws {
    let bytes = try SnappyBlock.decompress(body)
    for (number, content) in try Self.fields(bytes) {
      switch number {
      case 4: symbols.append(try #require(String(validating: content, as: UTF8.self)))
      case 5: series.append(try read(content))
      default: throw Malformed()
      }
    }
  }

  private func read(_ bytes: [UInt8]) throws -> Series {
    var series = Series(labels: [], samples: [])
    for (number, content) in try Self.fields(bytes) {
      switch number {
      case 1:
        var references: [Int] = []
        var index = 0
        while index < content.count { references.append(try Self.varint(content, &index)) }
        guard references.count % 2 == 0, references.allSatisfy({ $0 < symbols.count }) else {
          throw Malformed()
        }
        for pair in stride(from: 0, to: references.count, by: 2) {
          series.labels.append(Label(symbols[references[pair]], symbols[references[pair + 1]]))
        }
      case 2:
        guard content.count > 10, content[0] == 0x09, content[9] == 0x10 else { throw Malformed() }
        let bits = (0..<8).reduce(UInt64(0)) { $0 | UInt64(content[1 + $1]) << (8 * UInt64($1)) }
        var index = 10
        series.samples.append(.init(bits: bits, time: Int64(try Self.varint(content, &index))))
      // What is said of the family; FormatTests look at it.
      case 5: break
      default: throw Malformed()
      }
    }
    return series
  }

  private static func fields(_ bytes: [UInt8]) throws -> [(Int, [UInt8])] {
    var fields: [(Int, [UInt8])] = []
    var index = 0
    while index < bytes.count {
      let tag = try varint(bytes, &index)
      guard tag & 7 == 2 else { throw Malformed() }
      let length = try varint(bytes, &index)
      guard length <= bytes.count - index else { throw Malformed() }
      fields.append((tag >> 3, Array(bytes[index..<index + length])))
      index += length
    }
    return fields
  }

  private static func varint(_ bytes: [UInt8], _ index: inout Int) throws -> Int {
    var value = 0
    for shift in 0..<9 {
      guard index < bytes.count else { throw Malformed() }
      let byte = bytes[index]
      index += 1
      value |= Int(byte & 0x7F) << (7 * shift)
      if byte < 0x80 { return value }
    }
    throw Malformed()
  }
}

@Suite("Remote write 2.0", .serialized)
struct Version2Tests {
  @Test(
    "a request holds the same series and samples as in 1.0, each text once, the first one empty",
    arguments: UInt64(1)...20)
  func transcoding(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var bytes: [UInt8] = []
    for index in 0..<Int.random(in: 0...800, using: &random) {
      var labels: SeriesLabels = ["__name__": "m\(index % 7)", "i": "\(index)"]
      for _ in 0..<Int.random(in: 0...5, using: &random) {
        labels[EncodingTests.randomText(&random)] = EncodingTests.randomText(&random)
      }
      WireWriter.encode(labels).withUnsafeBytes {
        WireWriter.appendSeries(
          labels: $0, bits: random.next(), time: Int64(index) + 1_796_000_000_000, to: &bytes)
      }
    }
    let body = SnappyBlock.compress(bytes)
    let first = try WriteRequest(body: body)
    let second = try Request2(body: try WriteRequest.version2(of: body))
    #expect(second.series.map(\.labels) == first.series.map(\.labels))
    #expect(second.series.map(\.samples) == first.series.map(\.samples))
    #expect(second.symbols.first == "")
    #expect(Set(second.symbols.map { Array($0.utf8) }).count == second.symbols.count)
    #expect(try WriteRequest.version2(of: body) == WriteRequest.version2(of: body))
  }

  @Test("what is no request of 1.0 is refused, and not turned into something else")
  func malformed() {
    #expect(throws: WriteRequest.Fault.message) {
      try WriteRequest.version2(of: SnappyBlock.compress([1, 2, 3]))
    }
    #expect(throws: WriteRequest.Fault.self) { try WriteRequest.version2(of: [9]) }
  }

  private static func yaml(_ target: String, _ url: String) -> String {
    bridgeYAML([target], [url]).replacing(
      "{name: e0,", with: "{name: e0, protobuf_message: io.prometheus.write.v2.Request,")
  }

  /// A receiver of 2.0 that answers by `answer`, and what it got.
  private final class Receiver2: Sendable {
    private final class Memory: Sendable {
      let requests = Mutex<[HTTPServer.Request]>([])
    }

    private let memory = Memory()
    private let server: HTTPServer
    var url: String { server.url }
    var requests: [HTTPServer.Request] { memory.requests.withLock { $0 } }

    init(_ answer: @escaping @Sendable (Int, HTTPServer.Request) -> HTTPServer.Answer) throws {
      server = try HTTPServer { [memory] request in
        let number = memory.requests.withLock { requests in
          requests.append(request)
          return requests.count - 1
        }
        return answer(number, request)
      }
    }

    func stop() { server.stop() }
  }

  @Test("a receiver that says what it has written gets 2.0, and is told apart by its headers")
  func understood() async throws {
    let target = try CountingTarget()
    let receiver = try Receiver2 { _, request in
      let count = (try? Request2(body: request.body))?.series.count ?? 0
      return .status(204, "", ["X-Prometheus-Remote-Write-Samples-Written": "\(count)"])
    }
    defer {
      target.stop()
      receiver.stop()
    }
    try await withTemporaryDirectory { folder in
      try await withBridge(Self.yaml(target.address, receiver.url), in: folder) { bridge in
        _ = try await eventually("some") { bridge.statistics.endpoints[0].ledger.delivered > 50 ? true : nil }
        #expect(bridge.statistics.endpoints[0].unwritten == 0)
      }
    }
    for request in receiver.requests {
      #expect(
        request.headers["content-type"] == "application/x-protobuf;proto=io.prometheus.write.v2.Request")
      #expect(request.headers["x-prometheus-remote-write-version"] == "2.0.0")
    }
    let values = try receiver.requests.flatMap { try Request2(body: $0.body).series }
      .filter { $0.labels.contains(Label("__name__", "scrapes_total")) }.flatMap(\.samples).map(\.value)
    #expect(values == (1...values.count).map(Double.init))
  }

  @Test(
    "a receiver that does not understand 2.0 gets the same batch in 1.0, and the next ones too, over a restart",
    arguments: [415, 400, 204])
  func fallback(status: Int) async throws {
    let target = try CountingTarget()
    let receiver = try Receiver2 { _, request in
      request.headers["x-prometheus-remote-write-version"] == "2.0.0" ? .status(status) : .status(204)
    }
    defer {
      target.stop()
      receiver.stop()
    }
    try await withTemporaryDirectory { folder in
      for _ in 0..<2 {
        let before = receiver.requests.count
        try await withBridge(Self.yaml(target.address, receiver.url), in: folder) { _ in
          _ = try await eventually("some") { receiver.requests.count >= before + 5 ? true : nil }
        }
      }
    }
    let versions = receiver.requests.map { $0.headers["x-prometheus-remote-write-version"] ?? "" }
    #expect(versions.first == "2.0.0" && versions.dropFirst().allSatisfy { $0 == "0.1.0" })
    #expect(try WriteRequest.version2(of: receiver.requests[1].body) == receiver.requests[0].body)
    #expect(receiver.requests[1].headers["content-type"] == "application/x-protobuf")
  }

  @Test("400 from a receiver that has understood 2.0 before is a refusal")
  func refusedIn2() async throws {
    let target = try CountingTarget()
    let receiver = try Receiver2 { number, _ in
      number == 1 ? .status(400, "no") : .status(204, "", ["X-Prometheus-Remote-Write-Samples-Written": "1"])
    }
    defer {
      target.stop()
      receiver.stop()
    }
    try await withTemporaryDirectory { folder in
      try await withBridge(Self.yaml(target.address, receiver.url), in: folder) { bridge in
        _ = try await eventually("refused") { bridge.statistics.endpoints[0].ledger.refused > 0 ? true : nil }
        // Of the first batch it said that it has written one sample.
        #expect(bridge.statistics.endpoints[0].unwritten > 0)
      }
      #expect(try readDeadLetters(folder + "/endpoints/e0/dead-letters").map(\.letter.words) == ["no"])
    }
    #expect(receiver.requests.allSatisfy { $0.headers["x-prometheus-remote-write-version"] == "2.0.0" })
  }
}
