/// A format that targets are asked for, by the name that it has in `scrape_protocols`.
public enum ScrapeProtocol: String, Sendable, Equatable, CaseIterable {
  case protobuf = "PrometheusProto"
  case openMetrics1 = "OpenMetricsText1.0.0"
  case openMetrics0 = "OpenMetricsText0.0.1"
  case text1 = "PrometheusText1.0.0"
  case text0 = "PrometheusText0.0.4"

  static let standard: [ScrapeProtocol] = [.openMetrics1, .openMetrics0, .text0]

  private var mediaType: String {
    switch self {
    case .protobuf:
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
    case .openMetrics1: "application/openmetrics-text;version=1.0.0"
    case .openMetrics0: "application/openmetrics-text;version=0.0.1"
    case .text1: "text/plain;version=1.0.0"
    case .text0: "text/plain;version=0.0.4"
    }
  }

  /// The header `Accept`: each wanted less than the one before, and anything else least of all.
  static func accept(_ protocols: [ScrapeProtocol]) -> String {
    let types = protocols.enumerated().map { "\($1.mediaType);q=0.\(protocols.count + 2 - $0)" }
    return (types + ["*/*;q=0.2"]).joined(separator: ",")
  }
}
