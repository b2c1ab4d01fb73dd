/// A reference to data outside of the metrics, usually the identifier of a trace.
///
/// Source: OpenMetrics 1.0, "Exemplars".
public struct Exemplar: Sendable, Hashable {
  /// Longest sum of code points over all label names and values in OpenMetrics 1.0 text. Other formats have no limit.
  public static let maximumCodePoints = 128

  public let labels: LabelSet
  public let value: Double
  public let timestamp: MetricTimestamp?

  /// - Throws: ``MetricError/exemplarTooLong(codePoints:)``, ``MetricError/invalidLabelName(family:label:)`` or
  ///   ``MetricError/duplicateLabel(family:label:)``.
  public init(
    labels: [(String, String)], value: Double, timestamp: MetricTimestamp? = nil
  ) throws(MetricError) {
    try self.init(labels: LabelSet(labels), value: value, timestamp: timestamp)
  }

  /// - Parameters:
  ///   - labels: what it refers to, such as `trace_id`; may be empty.
  ///   - value: the value of the observation, or the amount of the increment.
  ///   - timestamp: when that was.
  ///   - maximumCodePoints: `nil` for formats without a limit.
  /// - Throws: as the other initializer.
  public init(
    labels: LabelSet, value: Double, timestamp: MetricTimestamp? = nil,
    maximumCodePoints: Int? = Exemplar.maximumCodePoints
  ) throws(MetricError) {
    for label in labels where label.name.isEmpty {
      throw .invalidLabelName(family: "exemplar", label: label.name)
    }
    if let name = labels.firstDuplicateName { throw .duplicateLabel(family: "exemplar", label: name) }
    if let maximumCodePoints, labels.codePoints > maximumCodePoints {
      throw .exemplarTooLong(codePoints: labels.codePoints)
    }
    self.labels = labels
    self.value = value
    self.timestamp = timestamp
  }
}

extension LabelSet {
  /// Of all names and values together.
  var codePoints: Int {
    reduce(0) { $0 + $1.name.unicodeScalars.count + $1.value.unicodeScalars.count }
  }
}
