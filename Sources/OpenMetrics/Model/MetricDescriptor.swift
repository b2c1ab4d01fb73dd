/// The declaration of a metric family, shared by code and catalogue.
public struct MetricDescriptor: Sendable, Hashable {
  /// The OpenMetrics family name, without `_total`, `_info` and the like.
  public let name: String
  public let type: MetricType
  public let help: String
  /// Empty, or the name's last part.
  public let unit: String
  /// Label names, in the order in which values are given.
  public let labels: [String]
  /// Finite upper bounds of a histogram, ascending; `+Inf` is implied. Empty means ``defaultBuckets``.
  public let buckets: [Double]
  /// The states of a state set; at most ``maximumStates``.
  public let states: [String]
  /// Who answers for this metric; for the catalogue only.
  public let owner: String

  /// For latencies of network services, in seconds; the same as in the Prometheus client libraries.
  public static let defaultBuckets: [Double] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]

  /// A state set is one machine word, so that a scrape never sees half a transition.
  public static let maximumStates = 64

  public init(
    _ name: String, type: MetricType, help: String, unit: String = "", labels: [String] = [],
    buckets: [Double] = [], states: [String] = [], owner: String = ""
  ) {
    self.name = name
    self.type = type
    self.help = help
    self.unit = unit
    self.labels = labels
    self.buckets = buckets
    self.states = states
    self.owner = owner
  }

  /// Every name a sample of this family may have in OpenMetrics text.
  public var sampleNames: [String] { type.sampleSuffixes.map { name + $0 } }

  /// Pairs the descriptor's label names with values.
  ///
  /// - Throws: ``MetricError/labelMismatch(family:expected:actual:)`` when their numbers differ.
  public func labelSet(_ values: [String]) throws(MetricError) -> LabelSet {
    guard values.count == labels.count else {
      throw .labelMismatch(family: name, expected: labels, actual: values)
    }
    return LabelSet(zip(labels, values).map { Label($0, $1) })
  }
}
