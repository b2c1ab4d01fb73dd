import OpenMetrics

/// What a user of swift-metrics asks for.
struct MetricRequest: Hashable {
  let kind: InstrumentKind
  let label: String
  let dimensions: [Label]

  init(_ kind: InstrumentKind, _ label: String, _ dimensions: [(String, String)]) {
    self.kind = kind
    self.label = label
    self.dimensions = dimensions.map { Label($0.0, $0.1) }
  }
}
