import OpenMetrics

/// What `cdb metrics check` says of an exposition.
public enum ExpositionCheck: Sendable, CustomStringConvertible {
  public enum Format: String, Sendable, CaseIterable {
    case openmetrics
    case text
  }

  case accepted(families: Int, metrics: Int)
  case refused(ParseError)

  public static func check(_ bytes: [UInt8], format: Format) -> ExpositionCheck {
    do throws(ParseError) {
      let families =
        switch format {
        case .openmetrics: try OpenMetricsParser.parse(bytes)
        case .text: try PrometheusTextParser.parse(bytes)
        }
      return .accepted(families: families.count, metrics: families.reduce(0) { $0 + $1.metrics.count })
    } catch {
      return .refused(error)
    }
  }

  public var description: String {
    switch self {
    case .accepted(let families, let metrics): "\(families) families, \(metrics) metrics"
    case .refused(let error): "\(error)"
    }
  }
}
