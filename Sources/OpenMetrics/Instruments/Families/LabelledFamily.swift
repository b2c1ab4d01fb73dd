import Synchronization

/// The children of one metric family, by labels that the compiler knows.
public final class LabelledFamily<Labels: MetricLabels, Child: Instrument>: Sendable {
  public let descriptor: MetricDescriptor
  let context: InstrumentContext
  let expiry = Expiry()
  @usableFromInline let table: ChildTable<Labels, Child>
  private let overflow: Mutex<Child?> = Mutex(nil)

  init(
    _ descriptor: MetricDescriptor, context: InstrumentContext, limit: Int, kind: InstrumentKind<Child>
  ) {
    self.descriptor = descriptor
    self.context = context
    table = ChildTable(kind: kind, limit: limit)
  }

  /// The child for these labels, made on first use. A look-up of one that exists takes no lock and allocates nothing.
  ///
  /// When the family is full, this is a child that counts and is not exposed, and the refusal is counted in
  /// ``RegistryStatistics/refusedChildren``.
  @inlinable
  public subscript(labels: Labels) -> Child {
    let hash = labels.hashValue
    if let child = table.find(hash, { $0.pointee.key == labels }) { return child }
    return makeOrOverflow(labels, hash)
  }

  /// As the subscript, but says so when the family is full.
  ///
  /// - Throws: ``MetricError/tooManyChildren(family:limit:)``
  @inlinable
  public func child(_ labels: Labels) throws(MetricError) -> Child {
    let hash = labels.hashValue
    if let child = table.find(hash, { $0.pointee.key == labels }) { return child }
    return try make(labels, hash)
  }

  /// Forgets a child, so that its series ends. A child that is still held elsewhere is no longer exposed.
  @discardableResult
  public func remove(_ labels: Labels) -> Bool {
    table.remove(labels.hashValue) { $0.pointee.key == labels }
  }

  /// Forgets all children.
  public func clear() { table.removeAll() }

  @usableFromInline
  func make(_ labels: Labels, _ hash: Int) throws(MetricError) -> Child {
    let child = try table.findOrMake(
      hash, key: labels, labels: { () throws(MetricError) in labels.labelSet }, { $0.pointee.key == labels })
    guard let child else {
      context.statistics.refuseChild()
      throw .tooManyChildren(family: descriptor.name, limit: table.limit)
    }
    return child
  }

  @usableFromInline
  func makeOrOverflow(_ labels: Labels, _ hash: Int) -> Child {
    do {
      return try make(labels, hash)
    } catch {
      return overflow.withLock { overflow in
        let child = overflow ?? table.kind.make()
        overflow = child
        return child
      }
    }
  }
}

extension LabelledFamily: FamilySource {
  func family() -> MetricFamily {
    if let age = expiry.idleAge { removeIdle(olderThan: age) }
    return table.kind.family(descriptor, table.columns(), context)
  }
}

extension LabelledFamily: ExpiringFamily {
  @discardableResult
  public func removeIdle(olderThan age: Duration) -> Int {
    table.removeIdle(olderThan: age, now: context.clock.uptime())
  }

  public var idleAge: Duration? {
    get { expiry.idleAge }
    set { expiry.idleAge = newValue }
  }
}
