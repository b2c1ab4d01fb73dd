import Synchronization

public typealias CounterFamily = InstrumentFamily<Counter>
public typealias GaugeFamily = InstrumentFamily<Gauge>
public typealias HistogramFamily = InstrumentFamily<Histogram>
public typealias StateSetFamily = InstrumentFamily<StateSet>
public typealias IntegerGaugeFamily = InstrumentFamily<IntegerGauge>
public typealias UnknownFamily = InstrumentFamily<UnknownMetric>
public typealias GaugeHistogramFamily = InstrumentFamily<GaugeHistogram>
public typealias SparseHistogramFamily = InstrumentFamily<SparseHistogram>
public typealias SummaryFamily = InstrumentFamily<Summary>

/// The children of one metric family, one for each list of label values.
///
/// A family without labels has its one child from the start, so that its series exists before the first event. On a
/// hot path, ask for a child once and keep it, or use labels that the compiler knows (``LabelledFamily``).
///
/// `@unchecked Sendable`: of the stored properties only `borrowed` is not of a `Sendable` type; it refers to `unlabelled`,
/// which is.
public final class InstrumentFamily<Child: Instrument>: @unchecked Sendable {
  public let descriptor: MetricDescriptor
  let context: InstrumentContext
  let unlabelled: Child?
  /// The same, for updates that would otherwise count one more reference to it and one less.
  @usableFromInline let borrowed: Unmanaged<Child>?
  let expiry = Expiry()
  private let table: ChildTable<Void, Child>

  init(
    _ descriptor: MetricDescriptor, context: InstrumentContext, limit: Int, kind: InstrumentKind<Child>
  ) {
    self.descriptor = descriptor
    self.context = context
    table = ChildTable(kind: kind, limit: limit)
    unlabelled = descriptor.labels.isEmpty ? kind.make() : nil
    borrowed = unlabelled.map { Unmanaged.passUnretained($0) }
  }

  /// The child for these label values, made on first use.
  ///
  /// - Throws: ``MetricError/labelMismatch(family:expected:actual:)`` or, when the family is full,
  ///   ``MetricError/tooManyChildren(family:limit:)``.
  public func labels(_ values: String...) throws(MetricError) -> Child { try labels(values) }

  // Compiled for the common kinds by themselves: generic code is several times slower.
  /// - Throws: as the other form.
  @_specialize(where Child == Counter)
  @_specialize(where Child == Gauge)
  @_specialize(where Child == Histogram)
  public func labels(_ values: [String]) throws(MetricError) -> Child {
    if values.isEmpty, let unlabelled { return unlabelled }
    let hash = Self.hash(values)
    if let child = table.find(hash, { $0.pointee.labels.hasValues(values) }) { return child }
    let child = try table.findOrMake(
      hash, key: (), labels: { () throws(MetricError) in try descriptor.labelSet(values) },
      { $0.pointee.labels.hasValues(values) })
    guard let child else {
      context.statistics.refuseChild()
      throw .tooManyChildren(family: descriptor.name, limit: table.limit)
    }
    return child
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
    table.remove(Self.hash(values)) { $0.pointee.labels.hasValues(values) }
  }

  /// Forgets all labelled children.
  public func clear() { table.removeAll() }

  /// Byte by byte: two spellings of the same text are two series, as they are for whoever stores them.
  private static func hash(_ values: [String]) -> Int {
    var hasher = Hasher()
    for value in values {
      var value = value
      value.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
      hasher.combine(0xFF as UInt8)
    }
    return hasher.finalize()
  }
}

extension InstrumentFamily: FamilySource {
  static var instrument: String { registeringName(Child.self) }
  static var labelling: String { "labels as text" }

  var options: InstrumentOptions { table.kind.options }

  @_specialize(where Child == Counter)
  @_specialize(where Child == Gauge)
  @_specialize(where Child == Histogram)
  func family() -> MetricFamily {
    if let unlabelled {
      return table.kind.family(descriptor, ChildColumns(labels: [.empty], children: [unlabelled]), context)
    }
    if let age = expiry.idleAge { removeIdle(olderThan: age) }
    return table.kind.family(descriptor, table.columns(), context)
  }
}

extension InstrumentFamily: ExpiringFamily {
  @discardableResult
  public func removeIdle(olderThan age: Duration) -> Int {
    table.removeIdle(olderThan: age, now: context.clock.uptime())
  }
}
