import CDBDomain
import Foundation

/// A recording of the simulated market, for machines that have no real one.
enum SimulatedRecording {
  /// - Returns: how long it takes from its first frame to its last, seconds.
  static func write(frames: Int, to path: String) throws -> Double {
    let catalogue = try InstrumentCatalogue(["BTCUSDT", "ETHUSDT"].map(Instrument.binanceSpot))
    var simulator = MarketSimulator(
      seed: 1, instruments: catalogue, start: EventTime(nanoseconds: 1_700_000_000_000_000_000),
      profile: .normal)
    var text: [UInt8] = []
    var frame: [UInt8] = []
    var times: (first: EventTime, last: EventTime)?
    for _ in 0..<frames {
      let (time, _) = simulator.next(into: &frame)
      times = (times?.first ?? time, time)
      text += Array("\(time.nanoseconds) ".utf8)
      text += frame
      text.append(UInt8(ascii: "\n"))
    }
    try Data(text).write(to: URL(filePath: path))
    return times.map { Double($0.last.nanoseconds - $0.first.nanoseconds) / 1e9 } ?? 0
  }
}
