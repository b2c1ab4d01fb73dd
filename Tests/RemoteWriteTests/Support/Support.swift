import Foundation
import Logging
import OpenMetrics
@testable import RemoteWrite
import Testing

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
