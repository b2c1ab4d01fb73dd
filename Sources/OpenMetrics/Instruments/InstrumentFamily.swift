import Synchronization

public typealias CounterFamily = InstrumentFamily<Counter>
public typealias GaugeFamily = InstrumentFamily<Gauge>
public typealias HistogramFamily = InstrumentFamily<Histogram>
public typealias StateSetFamily = InstrumentFamily<StateSet>

/// The children of one metric family, one for each list of label values.
///
/// ``labels(_:)-(String...)`` takes a lock; on a hot path, ask once and keep the child. A family without labels has
/// its one child from the start, so that its series exists before the first event.
public final class InstrumentFamily<Child: Instrument>: Sendable {
  public let descriptor: MetricDescriptor
  let statistics: RegistryStatistics
  let unlabelled: Child?
  private let limit: Int
  private let children: Mutex<[[String]: Entry]>
  private let kind: InstrumentKind<Child>

  private struct Entry: Sendable {
    let labels: LabelSet
    let child: Child
  }

  init(
    _ descriptor: MetricDescriptor, statistics: RegistryStatistics, limit: Int, kind: InstrumentKind<Child>
  ) {
    self.descriptor = descriptor
    self.statistics = statistics
    self.limit = limit
    self.kind = kind
    unlabelled = descriptor.labels.isEmpty ? kind.make() : nil
    children = Mutex([:])
  }

  /// The child for these label values, made on first use.
  ///
  /// - Throws: ``MetricError/labelMismatch(family:expected:actual:)`` or, when the family is full,
  ///   ``MetricError/tooManyChildren(family:limit:)``.
  public func labels(_ values: String...) throws(MetricError) -> Child { try labels(values) }

  /// - Throws: as the other form.
  public func labels(_ values: [String]) throws(MetricError) -> Child {
    if values.isEmpty, let unlabelled { return unlabelled }
    return try children.withLock { (children) throws(MetricError) -> Child in
      if let entry = children[values] { return entry.child }
      let labels = try descriptor.labelSet(values)
      guard children.count < limit else { throw .tooManyChildren(family: descriptor.name, limit: limit) }
      let entry = Entry(labels: labels, child: kind.make())
      children[values] = entry
      return entry.child
    }
  }

  /// The only child of a family without labels.
  ///
  /// - Throws: ``MetricError/labelMismatch(family:expected:actual:)`` when the family has labels.
  public var child: Child {
    get throws(MetricError) { try labels([]) }
  }

  /// Forgets a child, so that its series ends. A child that is still held elsewhere is no longer exposed.
  @discardableResult
  public func remove(_ values: String...) -> Bool { remove(values) }

  @discardableResult
  public func remove(_ values: [String]) -> Bool {
    children.withLock { $0.removeValue(forKey: values) != nil }
  }

  /// Forgets all labelled children.
  public func clear() { children.withLock { $0.removeAll() } }
}

extension InstrumentFamily: FamilySource {
  func family() -> MetricFamily {
    if let unlabelled { return MetricFamily(descriptor, metrics: kind.read([unlabelled]).map { Metric($0) }) }
    let entries = children.withLock { Array($0) }.sorted {
      $0.key.lexicographicallyPrecedes($1.key)
    }
    let points = kind.read(entries.map(\.value.child))
    return MetricFamily(
      descriptor, metrics: zip(entries, points).map { Metric(labels: $0.value.labels, $1) })
  }
}
