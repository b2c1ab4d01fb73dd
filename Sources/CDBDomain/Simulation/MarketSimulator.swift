/// A market made of a seed: it produces the frames that Binance would send, and always the same ones.
///
/// Integer arithmetic and a generator of its own make it the same on every machine; its coded form goes on
/// where it was. It knows no clock: each frame says when it is due, from the start time on.
public struct MarketSimulator: Sendable, Hashable, Codable {
  /// From the exchange to here, nanoseconds.
  static let latency: Int64 = 8_000_000

  private var profile: Profile
  private var markets: [SimulatedInstrument]
  private let writers: [BinanceFrameWriter]

  /// - Parameter numberedFrom: what the market's own numbers of trades and updates begin above, up to 2^60: a
  ///   market that is to look like the continuation of another begins above the other's.
  public init(
    seed: UInt64, instruments: InstrumentCatalogue, start: EventTime, profile: Profile,
    numberedFrom: Int64 = 0
  ) {
    self.profile = profile
    // Each instrument has its own numbers, so that adding one does not change the others.
    var seeds = RandomSource(seed: seed)
    markets = instruments.instruments.enumerated().map { index, instrument in
      SimulatedInstrument(
        instrument, index: index, seed: seeds.next(), start: start, profile: profile,
        numberedFrom: min(max(0, numberedFrom), 1 << 60))
    }
    writers = instruments.instruments.map(BinanceFrameWriter.init)
  }

  /// Puts the next frame into `frame`, instead of what is there.
  ///
  /// Times never decrease. The source is the instrument's index: the first frames of each are a quote and a
  /// depth snapshot, which names no symbol.
  public mutating func next(into frame: inout [UInt8]) -> (time: EventTime, source: UInt16) {
    var earliest = 0
    for index in markets.indices where markets[index].due < markets[earliest].due { earliest = index }
    let (time, message) = markets[earliest].next(profile: profile)
    frame.removeAll(keepingCapacity: true)
    writers[earliest].write(message, at: time.advanced(by: -Self.latency), into: &frame)
    return (time, UInt16(earliest))
  }

  /// When the next frame is due.
  public var due: EventTime { markets.lazy.map(\.due).min() ?? .distantFuture }

  /// Lets the market stand still for a while: everything that is to come comes that much later.
  public mutating func delay(by nanoseconds: Int64) {
    for index in markets.indices { markets[index].delay(by: nanoseconds) }
  }

  /// Changes the market's character, as with the hours of a day: regimes go on with their new behaviour.
  public mutating func become(_ profile: Profile) { self.profile = profile }

  /// The instrument's book as far as it was published, in the form of REST's `depth`: what the updates that
  /// are still to come follow from.
  ///
  /// - Parameter limit: levels a side, from 1 on.
  public func snapshot(of instrument: InstrumentID, limit: Int, into frame: inout [UInt8]) {
    let index = Int(instrument.index)
    frame.removeAll(keepingCapacity: true)
    writers[index].write(
      markets[index].book.snapshot(limit: limit), at: markets[index].due, into: &frame)
  }

  /// What an instrument's market is doing.
  public func regime(of instrument: InstrumentID) -> Regime { markets[Int(instrument.index)].regime }
}
