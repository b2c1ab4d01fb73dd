import CDBDomain
import CDBPipeline
import DurableQueue
import Foundation
import Logging
import OpenMetrics
import Testing
import WebSocketTransport

@testable import CDBServices

/// Ten minutes of an exchange that does everything wrong that it can, in half a minute; at full length where
/// `CDB_SOAK` is set.
@Suite("A campaign of faults", .serialized, .timeLimit(.minutes(30)))
struct CampaignTests {
  private static let seed: UInt64 = 11
  private static let isSoak = ProcessInfo.processInfo.environment["CDB_SOAK"] == "1"

  @Test("no gap goes unnoticed, no frame is lost from the books, and every book is the exchange's")
  func campaign() async throws {
    let speed = Self.isSoak ? 1.0 : 20.0
    let length = 600.0
    let folder = FileManager.default.temporaryDirectory.appending(path: "cdb-campaign-\(UUID().uuidString)")
      .path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let exchange = try await LiveStage.exchange(seed: Self.seed, speed: speed) {
      $0.plan = FaultPlan(seed: Self.seed, duration: length)
    }
    let kinds = Set(exchange.options.plan.faults.map(\.kind))
    #expect(kinds.count == Fault.Kind.allCases.count - 1, "the campaign is too short for all kinds")

    let logger = Logger(label: "campaign") { _ in SwiftLogNoOpLogHandler() }
    var options = PipelineOptions(
      dataDirectory: folder,
      configuration: PipelineConfiguration(profile: "demo", instruments: try LiveStage.catalogue()),
      logger: logger)
    options.feedName = "campaign"
    let pipeline = try await Pipeline(options: options, matching: BookMatching())
    let board = pipeline.board
    let feed = try LiveFeed(
      try LiveStage.options(exchange, speed: speed), logger: logger,
      unsynchronised: { board.unsynchronisedSymbols })

    var warm = 0
    var end = 0
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await exchange.run() }
      group.addTask { try await feed.run() }
      group.addTask { try await pipeline.run(feed.source) }
      let limit = Duration.seconds(length / speed * 2 + 300)
      try await eventually("a third is over", within: limit) { exchange.elapsed > length / 3 }
      warm = try Self.residentBytes()
      try await eventually("all is over", within: limit) { exchange.elapsed > length }
      end = try Self.residentBytes()
      // Once calm, it streams, with its books.
      try await eventually("it streams: \(feed.connection)", within: limit) {
        feed.connection.isStreaming && board.unsynchronisedSymbols.isEmpty
      }
      try await eventually("some more data", within: limit) { exchange.elapsed > length + 20 }
      pipeline.controls.stop()
      // The pipeline is the one that ends by itself.
      _ = try await group.next()
      group.cancelAll()
    }
    try check(pipeline.board.status(), feed.connection, exchange.ledger, folder)
    #expect(end - warm < 64 << 20, "resident memory went from \(warm >> 20) to \(end >> 20) MiB")
    print("campaign: resident \(warm >> 20) MiB after a third, \(end >> 20) MiB at the end")
  }

  private func check(
    _ status: PipelineStatus, _ connection: FeedConnection, _ ledger: ExchangeLedger, _ folder: String
  ) throws {
    // The pipeline's own books: every frame has one outcome, and every barrier balances.
    let ws = try #require(status.stage(.ws))
    #expect(
      ws.sinceStart.received
        == ws.sinceStart.acted + ws.sinceStart.absorbed.total + ws.sinceStart.dropped.total)
    #expect(status.flow?.isBalanced == true)
    #expect(status.stages.allSatisfy { $0.failure == nil })

    let journal = try JournaledFrames(folder)
    #expect(journal.frames == Int(status.feed.frames))

    // Frames: what the exchange sent is journaled or counted, or was on its way when a connection broke.
    let sent = ledger.connections.reduce(0) { $0 + Int($1.sent) }
    let discarded = connection.discarded.values.reduce(0) { $0 + Int($1) }
    let snapshots = Int(connection.snapshots)
    let lost = sent - (journal.frames - snapshots) - discarded
    let broken = ledger.connections.count { $0.ending != nil && $0.ending != "close" }
    #expect(lost >= 0, "more frames were journaled than were sent")
    #expect(broken > 0 || lost == 0)

    // Numbers: whatever did not become market data is a counted gap.
    for (id, trades) in journal.trades.enumerated() {
      let symbol = LiveStage.symbols[id]
      #expect(
        zip(trades, trades.dropFirst()).allSatisfy { $0 < $1 }, "\(symbol) has trades twice or in disorder")
      let (first, last) = (try #require(trades.first), try #require(trades.last))
      let missing = Set(first...last).subtracting(trades)
      let statistics = journal.feed.statistics.instruments[id]
      #expect(Int(statistics.missingTrades) == missing.count)
      #expect(status.feed.tradeGaps[symbol] == UInt64(statistics.tradeGaps))
      let suppressed = ledger.suppressed.filter { $0.symbol == symbol && $0.kind == .trade }.map(\.first)
      let unseen = Set(suppressed).intersection(first...last).subtracting(trades)
      #expect(unseen.isSubset(of: missing))
      #expect(!unseen.isEmpty)
      // The rest was on its way when a connection broke, or came behind a later one.
      let unexplained = missing.subtracting(suppressed)
      let late = ledger.connections.reduce(0) { $0 + Int($1.faulty["reorder"] ?? 0) }
      #expect(
        unexplained.count <= lost + late,
        "\(unexplained.count) trades of \(symbol) are missing without a reason")
      print(
        "campaign: \(symbol) \(trades.count) trades, \(missing.count) missing in \(statistics.tradeGaps) gaps, "
          + "\(unexplained.count) of them in flight or late; \(statistics.bookGaps) book gaps")
    }

    // Books: every one, after every update, is the one of a market that nothing went wrong with.
    let oracle = try BookOracle(seed: Self.seed)
    let different = journal.books.filter { !oracle.agrees($0.book, instrument: $0.instrument) }
    #expect(different.isEmpty, "\(different.count) of \(journal.books.count) books differ")
    #expect(journal.books.count > 1_000)
    let synchronised = journal.feed.statistics.instruments.map(\.isBookSynchronised)
    #expect(synchronised == [true, true])

    // No storm: every kind of ending happened, and attempts are few.
    #expect(connection.attempts <= 120, "\(connection.attempts) attempts")
    #expect(ledger.violations == 0)
    let reasons = connection.reconnects.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    print(
      "campaign: \(sent) messages sent, \(journal.frames) journaled with \(snapshots) snapshots, \(discarded) counted, "
        + "\(lost) lost in flight; \(connection.attempts) attempts; ended: \(reasons.joined(separator: ", ")); "
        + "\(journal.books.count) books compared, \(journal.resyncs) resyncs, \(connection.failedSnapshots) snapshots failed"
    )
  }

  private static func residentBytes() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    return try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) }) * 4_096
  }
}

/// A journal's frames, decoded once more by themselves.
private struct JournaledFrames {
  let frames: Int
  let feed: BinanceFeed
  let trades: [[Int64]]
  let books: [(instrument: Int, book: OrderBook)]
  let resyncs: Int

  init(_ folder: String) throws {
    let instruments = try LiveStage.catalogue()
    var feed = BinanceFeed(instruments: instruments, rules: FeedRules())
    var trades: [[Int64]] = instruments.instruments.map { _ in [] }
    var current = instruments.instruments.map { _ in OrderBook() }
    var (frames, resyncs) = (0, 0)
    var books: [(instrument: Int, book: OrderBook)] = []
    let reader = JournalReader(try DurableQueue.openForReading(directory: folder + "/journal").makeReader())
    while true {
      let batch = try reader.read(maximum: 4_096)
      if batch.isEmpty { break }
      batch.bytes.withUnsafeBytes { bytes in
        for record in batch.records where record.kind == .frame {
          frames += 1
          let frame = UnsafeRawBufferPointer(rebasing: bytes[record.offset..<record.offset + record.count])
          var events: [Event] = []
          _ = feed.decode(frame, source: record.source, at: record.time) { events.append($0) }
          for event in events {
            switch event {
            case .trade(let trade): trades[Int(trade.instrument.index)].append(trade.tradeID)
            case .book(let update):
              let index = Int(update.instrument.index)
              current[index].apply(update)
              resyncs += update.isSnapshot ? 1 : 0
              books.append((index, current[index]))
            default: break
            }
          }
        }
      }
    }
    self.frames = frames
    self.resyncs = resyncs
    self.feed = feed
    self.trades = trades
    self.books = books
  }
}
