import CDBDomain

@testable import CDBServices

/// The other end of the feed: a seeded market, and what goes wrong on the way from it.
struct SimulatedExchange {
  /// What is wrong at the edge.
  struct Faults: Hashable {
    var isCut = false
    var isSilent = false
    var isFrozen = false
    var isGarbled = false
    var namesAreOthers = false
    /// How far the exchange's clock is off, milliseconds.
    var skew: Int64 = 0
  }

  var faults = Faults()
  private var market: MarketSimulator
  private var random: RandomSource
  /// The newest quote of each instrument, for one that stands still.
  private var quotes: [UInt16: [UInt8]] = [:]

  init(seed: UInt64, instruments: InstrumentCatalogue, profile: MarketSimulator.Profile) {
    market = MarketSimulator(
      seed: seed, instruments: instruments, start: SimulatedClock.origin, profile: profile)
    random = RandomSource(seed: seed ^ 0xFEED)
  }

  /// What the exchange sends in the `step` nanoseconds that end at an instant.
  mutating func frames(until now: EventTime, step: Int64, wall: EventTime) -> [SimulatedConnection.Frame] {
    var sent: [SimulatedConnection.Frame] = []
    if faults.isFrozen {
      market.delay(by: step)
      sent = quotes.sorted { $0.key < $1.key }.map { .init(instrument: $0.key, time: wall, bytes: $0.value) }
    }
    var bytes: [UInt8] = []
    while market.due <= now {
      let (_, source) = market.next(into: &bytes)
      // Snapshots of books come by REST alone.
      guard bytes.starts(with: #"{"stream""#.utf8) else { continue }
      if bytes.count < 200, Self.isQuote(bytes) { quotes[source] = bytes }
      sent.append(.init(instrument: source, time: wall, bytes: bytes))
    }
    guard !faults.isCut, !faults.isSilent else { return [] }
    for index in sent.indices { spoil(&sent[index]) }
    return sent
  }

  /// The market's character changes; what it has begun to do goes on for a while.
  mutating func become(_ profile: MarketSimulator.Profile) { market.become(profile) }

  /// A book as REST gives it; nil where the exchange cannot be reached.
  func snapshot(of instrument: InstrumentID) -> [UInt8]? {
    guard !faults.isCut else { return nil }
    var bytes: [UInt8] = []
    market.snapshot(of: instrument, limit: 100, into: &bytes)
    return bytes
  }

  private static let quoteStream = Array("@bookTicker".utf8)

  private static func isQuote(_ bytes: [UInt8]) -> Bool {
    bytes.prefix(40).firstRange(of: quoteStream) != nil
  }

  private mutating func spoil(_ frame: inout SimulatedConnection.Frame) {
    if faults.skew != 0 {
      frame.bytes.withUnsafeMutableBytes { ExchangeTimeShift.move($0, byMilliseconds: faults.skew) }
    }
    if faults.namesAreOthers { Self.rename(&frame.bytes) }
    if faults.isGarbled {
      for index in frame.bytes.indices { frame.bytes[index] = UInt8(random.integer(in: 0x20...0x7E)) }
    }
  }

  /// `BTCUSDT` becomes `BTCUSDC`: a name that nobody was configured for.
  private static func rename(_ bytes: inout [UInt8]) {
    for (old, new) in [("USDT", "USDC"), ("usdt", "usdc")] {
      let (old, new) = (Array(old.utf8), Array(new.utf8))
      for range in bytes.ranges(of: old) { bytes.replaceSubrange(range, with: new) }
    }
  }
}
