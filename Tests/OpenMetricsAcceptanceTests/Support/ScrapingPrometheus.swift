import Foundation
import LoopbackPorts

/// Runs a Prometheus of Debian's that scrapes one target every second, for as long as `body` takes.
func withPrometheus(scraping target: UInt16, _ body: (PrometheusAPI) async throws -> Void) async throws {
  let configuration = """
    global: {scrape_interval: 1s, scrape_timeout: 1s}
    scrape_configs:
      - job_name: samples
        static_configs: [{targets: ["127.0.0.1:\(target)"]}]

    """
  try await withTemporaryDirectory { folder in
    try configuration.write(toFile: folder + "/prometheus.yml", atomically: false, encoding: .utf8)
    let port = try FreePort.next()
    let prometheus = try Program(
      "prometheus",
      [
        "--config.file=prometheus.yml", "--storage.tsdb.path=tsdb", "--web.listen-address=127.0.0.1:\(port)",
        "--log.level=warn", "--enable-feature=native-histograms,exemplar-storage",
      ], in: folder)
    do {
      try await body(PrometheusAPI(port: port))
    } catch {
      await prometheus.end()
      throw DeadlinePassed(description: "\(error); Prometheus says: \(prometheus.errors.suffix(1000))")
    }
    await prometheus.end()
  }
}
