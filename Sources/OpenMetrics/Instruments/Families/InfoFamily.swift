import Synchronization

/// Text that does not change while the process runs, such as its version.
public final class InfoFamily: Sendable {
  public let descriptor: MetricDescriptor
  private let information = Mutex<LabelSet?>(nil)

  init(_ descriptor: MetricDescriptor) { self.descriptor = descriptor }

  /// Replaces the information. Nothing is exposed before the first call.
  ///
  /// - Throws: ``MetricError/labelMismatch(family:expected:actual:)`` unless the names are those of the descriptor, in
  ///   any order; they are exposed in the descriptor's.
  public func set(_ labels: [(String, String)]) throws(MetricError) {
    let given = LabelSet(labels)
    if let name = given.firstDuplicateName { throw .duplicateLabel(family: descriptor.name, label: name) }
    var values: [String] = []
    for name in descriptor.labels {
      if let value = given[name] { values.append(value) }
    }
    guard values.count == descriptor.labels.count, given.count == values.count else {
      throw .labelMismatch(
        family: descriptor.name, expected: descriptor.labels, actual: given.map(\.name))
    }
    let ordered = try descriptor.labelSet(values)
    information.withLock { $0 = ordered }
  }

  /// - Throws: as the other form.
  public func set(_ labels: (String, String)...) throws(MetricError) { try set(labels) }

  public func clear() { information.withLock { $0 = nil } }
}

extension InfoFamily: FamilySource {
  static var instrument: String { "info" }
  static var labelling: String { "labels as text" }

  var options: InstrumentOptions { .none }

  func family() -> MetricFamily {
    let metrics = information.withLock { $0 }.map { [Metric(labels: $0, .info(.empty))] } ?? []
    return MetricFamily(descriptor, metrics: metrics)
  }
}
