import Foundation
import Logging
import OpenMetrics
@testable import RemoteWrite
import Testing

/// Random numbers that a seed names.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

/// Runs `body` with an empty folder of its own, which is gone afterwards.
func withTemporaryDirectory<Result>(
  isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> Result
) async throws -> Result {
  let path = FileManager.default.temporaryDirectory.path + "/remote-write-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(path)
}

/// A condition did not come true in time.
struct DeadlinePassed: Error, CustomStringConvertible {
  var description: String
}

/// Looks again and again until `condition` gives something, or `limit` is over.
func eventually<Result: Sendable>(
  _ what: String, within limit: Duration = .seconds(300), isolation: isolated (any Actor)? = #isolation,
  _ condition: () async throws -> Result?
) async throws -> Result {
  let deadline = ContinuousClock.now + limit
  var lastError: (any Error)?
  while ContinuousClock.now < deadline {
    do {
      if let found = try await condition() { return found }
      lastError = nil
    } catch {
      lastError = error
    }
    try await Task.sleep(for: .milliseconds(20))
  }
  throw DeadlinePassed(
    description: "after \(limit) still not: \(what)" + (lastError.map { "; last: \($0)" } ?? ""))
}

let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs a bridge for as long as `body` takes, and ends it as SIGTERM would.
func withBridge<Result: Sendable>(
  _ yaml: String, in directory: String, flush: Duration = .seconds(5), queueBytes: Int = 64 << 20,
  _ body: @Sendable (Bridge) async throws -> Result
) async throws -> Result {
  let bridge = try Bridge(
    configuration: PrometheusConfiguration(yaml: yaml),
    options: BridgeOptions(
      directory: directory, userAgent: "test/1", queueBytes: queueBytes, segmentBytes: 1 << 20,
      flushDeadline: flush),
    logger: silent)
  async let running: Void = bridge.run()
  do {
    let result = try await body(bridge)
    bridge.stop()
    await running
    return result
  } catch {
    bridge.stop()
    await running
    throw error
  }
}

/// What a fragment's request says, by series and in order.
func decoded(_ fragments: [Fragment]) throws -> [(series: String, sample: WriteRequest.Sample)] {
  try fragments.flatMap { fragment in
    try WriteRequest(body: fragment.body).series.flatMap { series in
      series.samples.map { (SeriesLabels(series.labels).description, $0) }
    }
  }
}
