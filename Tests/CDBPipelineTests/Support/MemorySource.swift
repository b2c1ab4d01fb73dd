import CDBDomain
import CDBPipeline
import Foundation
import Logging
import Synchronization

/// Frames from memory, with the times they were recorded at.
struct MemorySource: FrameSource {
  struct Frame: Sendable {
    var time: EventTime
    var source: UInt16
    var bytes: [UInt8]
  }

  let name = "memory"
  let isLive = false
  let frames: [Frame]
  private var position = 0
  /// Called with the number of frames delivered so far.
  var onProgress: @Sendable (Int) async -> Void = { _ in }

  init(_ frames: [Frame]) { self.frames = frames }

  mutating func resume(after count: UInt64) { position = min(frames.count, Int(count)) }

  mutating func next(maximum: Int, into batch: inout IngestBatch) async throws -> FrameSourceStatus {
    await onProgress(position)
    try Task.checkCancellation()
    guard position < frames.count else { return .ended }
    let end = min(frames.count, position + maximum)
    for frame in frames[position..<end] {
      frame.bytes.withUnsafeBytes {
        batch.append(.frame, source: frame.source, time: frame.time, payload: $0)
      }
    }
    position = end
    return .more
  }

  /// A simulated market in the profile demo.
  static func market(frames count: Int, seed: UInt64 = 7) throws -> [Frame] {
    var simulator = MarketSimulator(
      seed: seed, instruments: try Fixture.catalogue(), start: at(1_700_000_000_000_000_000), profile: .demo)
    var bytes: [UInt8] = []
    return (0..<count).map { _ in
      let (time, source) = simulator.next(into: &bytes)
      return Frame(time: time, source: source, bytes: bytes)
    }
  }
}

enum Fixture {
  static func catalogue(_ symbols: [String] = ["BTCUSDT", "ETHUSDT"]) throws -> InstrumentCatalogue {
    try InstrumentCatalogue(symbols.map(Instrument.binanceSpot))
  }

  /// Quick signals, so that a short market has orders.
  static func configuration(_ symbols: [String] = ["BTCUSDT", "ETHUSDT"]) throws -> PipelineConfiguration {
    var configuration = PipelineConfiguration(profile: "demo", instruments: try catalogue(symbols))
    configuration.momentum.window = 5_000_000_000
    configuration.momentum.threshold = Ratio(basisPoints: 3)
    configuration.momentum.cooldown = 3_000_000_000
    return configuration
  }

  static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

/// A folder that is gone when the body has ended.
func withTemporaryDirectory<T>(_ body: (String) async throws -> T) async throws -> T {
  let path = FileManager.default.temporaryDirectory.appending(path: "cdb-pipeline-\(UUID().uuidString)")
    .path()
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(path)
}
