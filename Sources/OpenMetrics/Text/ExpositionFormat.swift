/// A format in which metrics are exposed.
public enum ExpositionFormat: String, Sendable, Hashable, CaseIterable {
  /// OpenMetrics text 1.0.
  case openMetrics1
  /// OpenMetrics text 2.0, a release candidate of March 2026: only for a reader that asks for it by its version.
  case openMetrics2
  /// Prometheus text 0.0.4. Its specification has no names in quotes; a reader that asks for `escaping=allow-utf-8` gets
  /// them all the same.
  case text004
  /// Prometheus text 1.0.0: as 0.0.4, and names in quotes are part of it. Without `escaping=allow-utf-8` names are escaped
  /// here too.
  case text100
  /// Messages `io.prometheus.client.MetricFamily`, each after its length.
  case protobuf

  /// The value of the HTTP header `Content-Type`, without the escaping.
  public var contentType: String {
    switch self {
    case .openMetrics1: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    case .openMetrics2: "application/openmetrics-text; version=2.0.0; charset=utf-8"
    case .text004: "text/plain; version=0.0.4; charset=utf-8"
    case .text100: "text/plain; version=1.0.0; charset=utf-8"
    case .protobuf:
      "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
    }
  }
}
