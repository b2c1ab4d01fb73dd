import CDBDomain
import CDBPipeline

/// The seeded market as a live feed: frames when they are due by the wall clock, with the receive times of
/// this machine.
public struct SimulatorSource: FrameSource {
  public let name = "sim"
  public let isLive = true
  private var simulator: MarketSimulator
  private var pending: (time: EventTime, source: UInt16)?
  private var frame: [UInt8] = []
  /// A source number higher than any before marks a new connection, whose numbering starts afresh.
  private let sourceBase: UInt16
  private let instruments: Int

  /// - Parameters:
  ///   - start: when the simulated market begins, which is now.
  ///   - connection: counts the connections of this data directory, so that each has its own sources.
  public init(
    seed: UInt64, instruments: InstrumentCatalogue, start: EventTime, profile: MarketSimulator.Profile,
    connection: UInt64
  ) {
    self.instruments = instruments.instruments.count
    simulator = MarketSimulator(seed: seed, instruments: instruments, start: start, profile: profile)
    let connections = UInt64(Int(UInt16.max) / max(1, self.instruments))
    sourceBase = UInt16(connection % max(1, connections)) * UInt16(self.instruments)
  }

  /// A live market does not deliver again what it has delivered.
  public func resume(after frames: UInt64) {}

  public mutating func next(maximum: Int, into batch: inout IngestBatch) async throws -> FrameSourceStatus {
    if pending == nil { advance() }
    guard let first = pending else { return .ended }
    let wait = first.time.nanoseconds - ProcessClock.wall().nanoseconds
    if wait > 0 { try await Task.sleep(for: .nanoseconds(min(wait, 250_000_000))) }
    let now = ProcessClock.wall()
    while batch.count < maximum, let due = pending, due.time <= now {
      frame.withUnsafeBytes {
        batch.append(.frame, source: sourceBase &+ due.source, time: now, payload: $0)
      }
      advance()
    }
    return .more
  }

  private mutating func advance() { pending = simulator.next(into: &frame) }
}
