import CDBDomain
import CDBPipeline
import CDBServices
import Foundation
import ServiceRuntime

/// The recording, looped, through all five stages into SQLite.
struct PipelineBenchmark {
  struct Result {
    var report: ReplayReport
    var cpuSeconds: Double
    var peakMemory: Double
  }

  let paths: [String]
  let loops: Int

  func run(_ instrumentation: Instrumentation) async throws -> Result {
    let directory = FileManager.default.temporaryDirectory
      .appending(path: "cdb-bench-\(ProcessInfo.processInfo.processIdentifier)").path()
    try? FileManager.default.removeItem(atPath: directory)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let settings = try CDBConfiguration.load(
      file: nil, environment: [:],
      flags: [
        "feed.source": "replay:" + paths.joined(separator: ","), "feed.speed": "max",
        "feed.loops": "\(loops)", "data_dir": directory,
      ])
    Machine.resetPeakMemory()
    let cpu = Machine.cpuSeconds
    let outcome = try await ReplayService(settings: settings, instrumentation: instrumentation).run(
      keeping: true)
    return Result(
      report: outcome.report, cpuSeconds: Machine.cpuSeconds - cpu, peakMemory: Machine.peakMemory)
  }

  /// Reading and merging the recording and nothing else: what no replay of it can be faster than.
  func readOnly() throws -> (frames: Int, seconds: Double) {
    var recording = try MergedRecording(paths: paths, loops: loops)
    var buffer = FrameBuffer()
    let start = ContinuousClock.now
    var frames = 0
    while true {
      buffer.removeAll()
      let count = try recording.read(maximum: 512, into: &buffer)
      if count == 0 { break }
      frames += count
    }
    return (frames, (ContinuousClock.now - start) / .seconds(1))
  }

  /// Reading, merging and decoding, on one thread.
  func decodeOnly() throws -> (frames: Int, seconds: Double) {
    let catalogue = try InstrumentCatalogue(["BTCUSDT", "ETHUSDT"].map(Instrument.binanceSpot))
    var recording = try MergedRecording(paths: paths, loops: loops)
    var feed = BinanceFeed(instruments: catalogue, rules: FeedRules())
    var buffer = FrameBuffer()
    let start = ContinuousClock.now
    var frames = 0
    var events = 0
    while true {
      buffer.removeAll()
      let count = try recording.read(maximum: 512, into: &buffer)
      if count == 0 { break }
      frames += count
      buffer.forEach { frame in
        _ = feed.decode(frame.bytes, source: frame.source, at: EventTime(nanoseconds: frame.time)) { _ in
          events += 1
        }
      }
    }
    return (events > 0 ? frames : 0, (ContinuousClock.now - start) / .seconds(1))
  }
}
