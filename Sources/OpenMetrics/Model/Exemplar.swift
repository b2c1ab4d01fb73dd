/// A reference to data outside of the metrics, usually the identifier of a trace.
///
/// Source: OpenMetrics 1.0, "Exemplars".
public struct Exemplar: Sendable, Hashable {
  /// Longest sum of code points over all label names and values.
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

  /// - Throws: as the other initializer.
  public init(labels: LabelSet, value: Double, timestamp: MetricTimestamp? = nil) throws(MetricError) {
    var codePoints = 0
    for label in labels {
      guard NameGrammar.isLabelName(label.name.utf8) else {
        throw .invalidLabelName(family: "exemplar", label: label.name)
      }
      codePoints += label.name.unicodeScalars.count + label.value.unicodeScalars.count
    }
    if let name = labels.firstDuplicateName { throw .duplicateLabel(family: "exemplar", label: name) }
    guard codePoints <= Self.maximumCodePoints else { throw .exemplarTooLong(codePoints: codePoints) }
    self.labels = labels
    self.value = value
    self.timestamp = timestamp
  }
}
