/// A format in which metrics are exposed.
public enum ExpositionFormat: String, Sendable, Hashable, CaseIterable {
  /// OpenMetrics text 1.0.
  case openMetrics1
  /// Prometheus text 0.0.4.
  case text004

  /// The value of the HTTP header `Content-Type`.
  public var contentType: String {
    switch self {
    case .openMetrics1: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    case .text004: "text/plain; version=0.0.4; charset=utf-8"
    }
  }
}
