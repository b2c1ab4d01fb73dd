import CDBDomain
import CDBPipeline
import Foundation
import Testing
import WebSocketTransport

@testable import CDBServices

@Suite("Recorded frames over a live connection", .serialized, .timeLimit(.minutes(10)))
struct RecordedLiveFeedTests {
  /// What the recordings hold, in the order of their times.
  private func recorded() throws -> (frames: [[UInt8]], snapshots: Int, feed: BinanceFeed, books: [OrderBook])
  {
    let instruments = try LiveStage.catalogue()
    var recording = try MergedRecording(paths: RecordedData.binance2024)
    var feed = BinanceFeed(instruments: instruments, rules: FeedRules())
    var books = instruments.instruments.map { _ in OrderBook() }
    var frames: [[UInt8]] = []
    var snapshots = 0
    var buffer = FrameBuffer()
    while try recording.read(maximum: 4_096, into: &buffer) > 0 {
      buffer.forEach { frame in
        _ = feed.decode(frame.bytes, source: frame.source, at: EventTime(nanoseconds: frame.time)) {
          if case .book(let update) = $0 { books[Int(update.instrument.index)].apply(update) }
        }
        let bytes = Array(frame.bytes)
        if FrameNumbers.isSnapshot(bytes) { snapshots += 1 } else { frames.append(bytes) }
      }
      buffer.removeAll()
    }
    return (frames, snapshots, feed, books)
  }

  @Test(
    "all 74,867 frames of the recording arrive as they are and in order, and decode as in the recording",
    .enabled(if: RecordedData.isExpected, RecordedData.absence))
  func everyFrame() async throws {
    let recorded = try recorded()
    #expect(recorded.frames.count + recorded.snapshots == 74_867)
    var options = ExchangeOptions(
      market: .recorded(RecordedData.binance2024, loops: 1), instruments: try LiveStage.catalogue())
    options.speed = .infinity
    let exchange = try await SimulatedExchange.bind(options)
    var client = try LiveStage.options(exchange)
    // As many as the recorded snapshots have, so that the books can be compared to their ends.
    client.snapshotLevels = 5_000
    let stage = try LiveStage(exchange, options: client, keepsFrames: true)
    let clock = ContinuousClock()
    let start = clock.now
    try await stage.during {
      try await eventually("the last frame, of \(stage.seen.count)") {
        // With the answer to the one request, and a snapshot of each book at least.
        stage.exchange.hasEnded && stage.seen.count >= recorded.frames.count + 3 && stage.areBooksSynchronised
      }
    }
    print("recorded frames over a live connection: \(recorded.frames.count) in \(clock.now - start)")
    let seen = stage.seen
    let market = seen.frames.filter { frame in frame.withUnsafeBytes { FrameNumbers($0) != nil } }
    #expect(market == recorded.frames, "\(market.count) frames came, or in another order")
    #expect(seen.acknowledged == 1)
    // Nothing else came: the answer, and what was asked for by REST.
    #expect(UInt64(seen.count - market.count) == 1 + stage.feed.connection.snapshots)
    for (id, statistics) in seen.feed.statistics.instruments.enumerated() {
      let expected = recorded.feed.statistics.instruments[id]
      #expect(statistics.trades == expected.trades && statistics.quotes == expected.quotes)
      #expect(statistics.bookUpdates == expected.bookUpdates)
      #expect(statistics.tradeGaps == 0 && statistics.missingTrades == 0)
      #expect(seen.trades[id].count == Int(expected.trades))
      #expect(seen.books[id] == recorded.books[id], "another book of \(LiveStage.symbols[id])")
    }
    let ledger = stage.exchange.ledger
    #expect(ledger.connections.map(\.sent) == [UInt64(recorded.frames.count) + 1])
    #expect(ledger.suppressed.isEmpty)
  }
}

@Suite("A live feed over TLS", .timeLimit(.minutes(10)))
struct LiveTLSTests {
  /// A certificate that signs itself, made by openssl.
  private struct Certificate {
    let folder: URL
    var certificate: String { folder.appending(path: "certificate.pem").path }
    var key: String { folder.appending(path: "key.pem").path }

    init(names: String) throws {
      folder = FileManager.default.temporaryDirectory.appending(path: "cdb-tls-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let openssl = Process()
      openssl.executableURL = URL(filePath: "/usr/bin/env")
      openssl.arguments = [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=test", "-addext",
        "subjectAltName=\(names)",
      ]
      openssl.standardError = FileHandle.nullDevice
      try openssl.run()
      openssl.waitUntilExit()
      try #require(openssl.terminationStatus == 0)
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }
  }

  private func stage(_ certificate: Certificate, trusting file: String) async throws -> LiveStage {
    let exchange = try await LiveStage.exchange(speed: 20) {
      $0.tls = .init(certificate: certificate.certificate, privateKey: certificate.key)
    }
    var options = try LiveStage.options(exchange, speed: 20)
    options.authoritiesFile = file
    return try LiveStage(exchange, options: options)
  }

  @Test("streams and snapshots come over TLS from a server whose certificate is trusted")
  func trusted() async throws {
    let certificate = try Certificate(names: "IP:127.0.0.1")
    defer { certificate.remove() }
    let stage = try await stage(certificate, trusting: certificate.certificate)
    #expect(stage.feed.options.webSocketURL.hasPrefix("wss://"))
    try await stage.during {
      try await eventually("frames and books") { stage.seen.count > 200 && stage.areBooksSynchronised }
    }
  }

  @Test(
    "a certificate of another host, or of nobody who is trusted, is refused and named",
    arguments: [true, false])
  func refused(isOfAnotherHost: Bool) async throws {
    let certificate = try Certificate(names: isOfAnotherHost ? "DNS:other.example" : "IP:127.0.0.1")
    let stranger = try Certificate(names: "IP:127.0.0.1")
    defer { for certificate in [certificate, stranger] { certificate.remove() } }
    let stage = try await stage(
      certificate, trusting: isOfAnotherHost ? certificate.certificate : stranger.certificate)
    try await stage.during {
      try await eventually("it is said: \(stage.feed.connection)") {
        stage.feed.connection.failure?.hasPrefix("TLS: ") == true
      }
      // While it runs: an attempt that the end of the test cuts off ends otherwise.
      #expect(Set(stage.feed.connection.reconnects.keys) == ["tls"])
    }
    #expect(stage.seen.count == 0)
  }
}
