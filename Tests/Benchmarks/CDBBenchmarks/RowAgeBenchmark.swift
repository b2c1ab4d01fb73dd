import CDBPipeline
import Foundation
import HTTPTransport
import OpenMetrics

/// How long after a frame came in a row that follows from it is committed, through five services over Redis and
/// PostgreSQL, at a steady rate of frames. As db_writer itself shows it.
struct RowAgeBenchmark {
  struct Result {
    var rows: Double
    var framesASecond: Double
    /// Seconds; interpolated within a bucket, as PromQL's `histogram_quantile` does.
    var p50: Double
    var p99: Double
  }

  let paths: [String]
  let framesAPass: Int
  /// Of one pass of the recording, as it was recorded.
  let secondsAPass: Double

  /// - Parameters:
  ///   - rate: frames a second.
  ///   - passes: of the recording.
  /// - Returns: nil where a server or the binary is missing, after saying so.
  func run(rate: Double, passes: Int) async throws -> Result? {
    let speed = rate / (Double(framesAPass) / secondsAPass)
    return try await ServiceSet.withServers { binary, redis, postgres in
      let clock = ContinuousClock()
      let start = clock.now
      let services = try ServiceSet(
        binary, redis, postgres,
        settings: [
          "feed.source=replay:" + paths.joined(separator: ","), "feed.speed=\(speed)", "feed.loops=\(passes)",
          // Strategies that ask often: what is measured is rows.
          "strategy.momentum.threshold=0.0001", "strategy.momentum.cooldown=100ms", "gate.mode=off",
        ])
      defer { services.end() }
      var newest: HistogramPoint?
      while try !services.areDone() {
        if let point = try? await rowAges(services.writerPort) { newest = point }
        try await clock.sleep(for: .milliseconds(500))
      }
      guard let newest, newest.count.doubleValue > 0 else {
        throw ServiceSet.Failure(description: "db_writer showed no age of a row")
      }
      return Result(
        rows: newest.count.doubleValue,
        framesASecond: Double(framesAPass * passes) / ((clock.now - start) / .seconds(1)),
        p50: Self.quantile(0.5, newest), p99: Self.quantile(0.99, newest))
    }
  }

  private func rowAges(_ port: UInt16) async throws -> HistogramPoint? {
    let client = HTTPClient()
    defer { client.shutdown() }
    let response = try await client.send(
      HTTPRequest(
        url: "http://127.0.0.1:\(port)/metrics", headers: [("Accept", "application/openmetrics-text")]))
    let families = try ExpositionParser(format: .openMetrics1).parse(response.body).families
    let family = families.first { $0.name == PipelineMetrics.rowAge.name }
    guard case .histogram(let point)? = family?.metrics.first?.points.first?.value else { return nil }
    return point
  }

  static func quantile(_ share: Double, _ point: HistogramPoint) -> Double {
    let wanted = share * point.count.doubleValue
    var lower = (bound: 0.0, count: 0.0)
    for bucket in point.buckets {
      let count = bucket.cumulativeCount.doubleValue
      if count >= wanted {
        guard bucket.upperBound.isFinite else { return lower.bound }
        return lower.bound + (bucket.upperBound - lower.bound) * (wanted - lower.count)
          / max(1, count - lower.count)
      }
      lower = (bucket.upperBound, count)
    }
    return lower.bound
  }
}
