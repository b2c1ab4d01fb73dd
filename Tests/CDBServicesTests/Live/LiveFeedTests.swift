import CDBDomain
import CDBPipeline
import Foundation
import HTTPTransport
import Testing
import WebSocketTransport

@testable import CDBServices

@Suite("A live feed from a simulated exchange", .serialized, .timeLimit(.minutes(10)))
struct LiveFeedTests {
  private static let speed = 20.0

  private func stage(
    _ change: (inout ExchangeOptions) -> Void = { _ in },
    client: (inout LiveFeedOptions) -> Void = { _ in }
  ) async throws -> LiveStage {
    let exchange = try await LiveStage.exchange(seed: 4, speed: Self.speed, change)
    var options = try LiveStage.options(exchange, base: 6, speed: Self.speed)
    client(&options)
    return try LiveStage(exchange, options: options, oracle: try BookOracle(seed: 4))
  }

  @Test("it subscribes, gets its books by REST, and sees every message once")
  func plain() async throws {
    let stage = try await stage()
    try await stage.during {
      try await eventually("500 frames and books") {
        stage.seen.count > 500 && stage.areBooksSynchronised
      }
      let status = stage.feed.connection
      #expect(status.isStreaming && status.failure == nil && status.attempts == 1)
      #expect(status.snapshots >= 2 && status.failedSnapshots == 0)
    }
    let seen = stage.seen
    #expect(seen.mismatches == [])
    #expect(seen.checks > 50)
    #expect(seen.sources == [6, 7])
    #expect(seen.outcomes.keys.allSatisfy { if case .dropped = $0 { false } else { true } })
    #expect(seen.feed.statistics.instruments.allSatisfy { $0.tradeGaps == 0 && $0.bookGaps == 0 })
  }

  /// Faults, and what the client has to have noticed of each once it is over.
  private static let cases: [(Fault, String)] = [
    (Fault(.close), "closed"), (Fault(.reset), "lost"), (Fault(.shutdown), "shutdown_announced"),
    (Fault(.silence, for: 130), "silence"), (Fault(.invalidText, for: 2, every: 50), "invalid_text"),
    (Fault(.oversized, for: 1, every: 60), "oversized_message"),
    (Fault(.gap, for: 5, every: 20), ""), (Fault(.truncate, for: 5, every: 20), ""),
    (Fault(.duplicate, for: 5, every: 5), ""), (Fault(.reorder, for: 5, every: 20), ""),
    (Fault(.garbage, for: 5, every: 20), ""), (Fault(.binary, for: 5, every: 20), ""),
    (Fault(.slow, for: 5, amount: 2), ""), (Fault(.skew, for: 5, amount: 3), ""),
    (Fault(.freeze, for: 5), ""), (Fault(.noPong, for: 5), ""),
  ]

  @Test(
    "after each fault it streams again, its books are the exchange's, and what was missed is a gap",
    arguments: 0..<16)
  func faults(index: Int) async throws {
    let (fault, reason) = Self.cases[index]
    let stage = try await stage()
    try await stage.during {
      try await eventually("books") { stage.seen.count > 200 && stage.areBooksSynchronised }
      stage.exchange.inject([fault])
      let end = stage.exchange.elapsed + fault.duration
      if !reason.isEmpty {
        try await eventually("\(reason), it has \(stage.feed.connection.reconnects)") {
          stage.feed.connection.reconnects[reason] ?? 0 > 0
        }
      }
      try await eventually("the fault is over") { stage.exchange.elapsed > end + 1 }
      let count = stage.seen.count
      try await eventually("it goes on: \(stage.feed.connection)") {
        stage.seen.count > count + 200 && stage.areBooksSynchronised && stage.feed.connection.isStreaming
      }
    }
    let seen = stage.seen
    #expect(seen.mismatches == [])
    for (id, trades) in seen.trades.enumerated() {
      #expect(zip(trades, trades.dropFirst()).allSatisfy { $0 < $1 })
      let missing = (trades.last ?? 0) - (trades.first ?? 0) + 1 - Int64(trades.count)
      #expect(seen.feed.statistics.instruments[id].missingTrades == missing)
    }
    let ledger = stage.exchange.ledger
    #expect(ledger.violations == 0)
    func outcome(_ reason: ReasonCode) -> Int { seen.outcomes[.dropped(reason)] ?? 0 }
    switch fault.kind {
    case .garbage, .binary, .truncate, .invalidText: #expect(outcome(.malformedFrame) > 0)
    case .oversized: #expect(stage.feed.connection.discarded["oversized_frame"] ?? 0 > 0)
    case .duplicate, .freeze: #expect(outcome(.bookGap) == 0 && outcome(.malformedFrame) == 0)
    case .shutdown:
      // The other one had data before it was left: nothing is missing.
      #expect(seen.feed.statistics.instruments.allSatisfy { $0.tradeGaps == 0 && $0.bookGaps == 0 })
      #expect(seen.feed.statistics.shutdownAnnouncements > 0)
    case .gap:
      #expect(outcome(.bookGap) + Int(seen.feed.statistics.instruments.map(\.missingTrades).reduce(0, +)) > 0)
    default: break
    }
  }

  @Test(
    "no snapshot: limited, failed, stale or never answered; each is said, and tried again",
    arguments: [
      Fault(.limited, for: 40, amount: 1), Fault(.banned, for: 40, amount: 1), Fault(.serverError, for: 40),
      Fault(.hang, for: 40), Fault(.staleSnapshot, for: 40),
    ])
  func snapshots(fault: Fault) async throws {
    let stage = try await stage()
    try await stage.during {
      try await eventually("books") { stage.seen.count > 200 && stage.areBooksSynchronised }
      stage.exchange.inject([fault, Fault(.gap, for: 1, every: 1)])
      try await eventually("a book is lost") { !stage.areBooksSynchronised }
      if fault.kind == .staleSnapshot {
        try await eventually("a stale one is refused") { stage.seen.outcomes[.dropped(.bookGap)] ?? 0 > 2 }
      } else {
        try await eventually("it is said") { stage.feed.connection.failure?.contains("no snapshot") == true }
        #expect(stage.feed.connection.failedSnapshots > 0)
      }
      try await eventually("books again") { stage.areBooksSynchronised }
      try await eventually("nothing is wrong") { stage.feed.connection.failure == nil }
    }
    #expect(stage.seen.mismatches == [])
  }

  @Test("refused connections are tried again, ever later, and the trouble is named")
  func refused() async throws {
    let stage = try await stage { $0.plan = FaultPlan([Fault(.refuse, for: 1)]) }
    try await stage.during {
      // Time begins with the first subscription, so it refuses until the plan is changed.
      try await eventually("it says why: \(stage.feed.connection)") {
        stage.feed.connection.failure?.contains("503") == true
      }
      #expect(!stage.feed.connection.isStreaming)
      stage.exchange.update { $0.plan = FaultPlan() }
      try await eventually("it streams") { stage.feed.connection.isStreaming && stage.seen.count > 100 }
      #expect(stage.feed.connection.reconnects["refused"] ?? 0 >= 2)
      #expect(stage.feed.connection.failure == nil)
    }
  }

  @Test("a connection that gets old is replaced without a gap, again and again")
  func age() async throws {
    let stage = try await stage(client: { options in
      options.timing.age = .milliseconds(400)
      options.timing.ageSpread = .milliseconds(50)
      options.timing.healthy = .milliseconds(100)
    })
    try await stage.during {
      try await eventually("five connections") {
        stage.feed.connection.reconnects["age"] ?? 0 >= 5
      }
    }
    let seen = stage.seen
    #expect(seen.mismatches == [])
    #expect(seen.feed.statistics.instruments.allSatisfy { $0.tradeGaps == 0 && $0.bookGaps == 0 })
    #expect(seen.feed.statistics.instruments.allSatisfy { $0.trades > 0 })
  }

  @Test("nobody listens: the feed says so and goes on trying; the source gives nothing and lets time pass")
  func nobody() async throws {
    let exchange = try await LiveStage.exchange()
    var options = try LiveStage.options(exchange, speed: Self.speed)
    options.webSocketURL = "ws://127.0.0.1:1"
    let stage = try LiveStage(exchange, options: options)
    try await stage.during {
      try await eventually("it says so") { stage.feed.connection.failure?.contains("cannot connect") == true }
      try await eventually("it tries") { stage.feed.connection.attempts >= 3 }
    }
    #expect(stage.seen.count == 0)
  }

  @Test(
    "source numbers go on behind those of the last process, and begin at zero again behind the last",
    arguments: [
      (nil, 2, 0), (0, 2, 2), (1, 2, 2), (6, 2, 8), (65_535, 2, 0), (65_534, 2, 0), (65_533, 2, 65_534),
      (65_534, 3, 0), (65_531, 3, 65_532), (4_095, 4_096, 4_096), (65_535, 4_096, 0),
    ] as [(UInt16?, Int, UInt16)])
  func sourceBase(last: UInt16?, instruments: Int, base: UInt16) {
    #expect(LiveFeedOptions.sourceBase(after: last, instruments: instruments) == base)
  }
}
