/// A reference to data outside of the metrics, usually the identifier of a trace.
///
/// Source: OpenMetrics 1.0, "Exemplars".
public struct Exemplar: Sendable, Hashable {
  /// Longest sum of code points over all label names and values in OpenMetrics 1.0 text. Other formats have no limit.
  public static let maximumCodePoints = 128

  public let labels: LabelSet
  public let value: Double
  public let timestamp: MetricTimestamp?

  /// - Throws: ``MetricError/exemplarTooLong(codePoints:)``, ``MetricError/invalidLabelName(family:label:)``,
  ///   ``MetricError/reservedLabel(family:label:)``, ``MetricError/reservedLabelWhenEscaped(family:label:)`` or
  ///   ``MetricError/duplicateLabel(family:label:)``, also for names that become one when they are escaped.
  public init(
    labels: [(String, String)], value: Double, timestamp: MetricTimestamp? = nil
  ) throws(MetricError) {
    try self.init(labels: LabelSet(labels), value: value, timestamp: timestamp)
  }

  /// - Parameters:
  ///   - labels: what it refers to, such as `trace_id`; may be empty. With a NUL in it, only protobuf shows the
  ///     exemplar: Prometheus 2 refuses a whole scrape of OpenMetrics text for one.
  ///   - value: the value of the observation, or the amount of the increment.
  ///   - timestamp: when that was.
  ///   - maximumCodePoints: `nil` for formats without a limit.
  /// - Throws: as the other initializer.
  public init(
    labels: LabelSet, value: Double, timestamp: MetricTimestamp? = nil,
    maximumCodePoints: Int? = Exemplar.maximumCodePoints
  ) throws(MetricError) {
    try self.init(read: labels, value: value, timestamp: timestamp)
    for label in labels {
      if let error = label.reservation(family: "exemplar") { throw error }
    }
    for escaping in EscapingScheme.joining {
      guard let name = labels.shown(by: escaping).firstDuplicateName else { continue }
      throw .duplicateLabel(family: "exemplar", label: name)
    }
    if let maximumCodePoints, labels.codePoints > maximumCodePoints {
      throw .exemplarTooLong(codePoints: labels.codePoints)
    }
  }

  /// What someone else has exposed, whose names need not suit every scheme of escaping.
  init(read labels: LabelSet, value: Double, timestamp: MetricTimestamp?) throws(MetricError) {
    for label in labels where label.name.isEmpty {
      throw .invalidLabelName(family: "exemplar", label: label.name)
    }
    if let name = labels.firstDuplicateName { throw .duplicateLabel(family: "exemplar", label: name) }
    self.labels = labels
    self.value = value
    self.timestamp = timestamp
  }
}

extension Exemplar {
  /// Whether the format can show it with names escaped like this. What cannot be shown is left out.
  func isShown(in format: ExpositionFormat, _ escaping: EscapingScheme) -> Bool {
    let shown = labels.shown(by: escaping)
    guard shown.firstDuplicateName == nil else { return false }
    if format == .protobuf { return true }
    if format == .openMetrics1, shown.codePoints > Self.maximumCodePoints { return false }
    return shown.allSatisfy {
      $0.name.utf8.first != UInt8(ascii: "_") && !$0.name.utf8.contains(0) && !$0.value.utf8.contains(0)
    }
  }
}

extension Label {
  /// Why this name is not for users: to every reader, or to those that get names escaped.
  func reservation(family: String) -> MetricError? {
    if name.utf8.first == UInt8(ascii: "_") { return .reservedLabel(family: family, label: name) }
    return EscapingScheme.underscores.escapeLabel(name).utf8.first == UInt8(ascii: "_")
      ? .reservedLabelWhenEscaped(family: family, label: name) : nil
  }
}

extension LabelSet {
  /// With the names that a reader of this scheme gets.
  func shown(by escaping: EscapingScheme) -> LabelSet {
    if escaping == .allowUTF8 { return self }
    if case .text = storage, escaping != .dots { return self }
    return LabelSet(map { Label(escaping.escapeLabel($0.name), $0.value) })
  }

  /// Of all names and values together.
  var codePoints: Int {
    reduce(0) { $0 + $1.name.unicodeScalars.count + $1.value.unicodeScalars.count }
  }
}
