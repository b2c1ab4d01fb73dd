import Synchronization

/// The children of one metric family, by labels that the compiler knows.
///
/// `@unchecked Sendable`: of the stored properties only `favourites` is not of a `Sendable` type; it belongs to `table`,
/// whose rules keep it sound.
public final class LabelledFamily<Labels: MetricLabels, Child: Instrument>: @unchecked Sendable {
  public let descriptor: MetricDescriptor
  let context: InstrumentContext
  let expiry = Expiry()
  @usableFromInline let table: ChildTable<Labels, Child>
  @usableFromInline let favourites: Favourites
  private let overflow: Mutex<Child?> = Mutex(nil)

  init(
    _ descriptor: MetricDescriptor, context: InstrumentContext, limit: Int, kind: InstrumentKind<Child>
  ) {
    self.descriptor = descriptor
    self.context = context
    let favourites = Favourites(mask: Labels.byteMask)
    self.favourites = favourites
    table = ChildTable(kind: kind, limit: limit, favourites: favourites)
  }

  /// The child for these labels, made on first use. A look-up of one that exists takes no lock and allocates nothing.
  ///
  /// When the family is full, this is a child that counts and is not exposed, and the refusal is counted in
  /// ``RegistryStatistics/refusedChildren``.
  @inlinable
  public subscript(labels: Labels) -> Child {
    if let child = find(labels) { return child }
    return makeOrOverflow(labels)
  }

  /// As the subscript, but says so when the family is full.
  ///
  /// - Throws: ``MetricError/tooManyChildren(family:limit:)``
  @inlinable
  public func child(_ labels: Labels) throws(MetricError) -> Child {
    if let child = find(labels) { return child }
    return try make(labels)
  }

  @inlinable
  func find(_ labels: Labels) -> Child? {
    let place = favourites.place(labels)
    if let child = table.recall(place, { $0.pointee.key == labels }) { return child }
    return table.find(labels.hashValue, notingAt: place) { $0.pointee.key == labels }
  }

  /// Forgets a child, so that its series ends. A child that is still held elsewhere is no longer exposed.
  @discardableResult
  public func remove(_ labels: Labels) -> Bool {
    table.remove(labels.hashValue) { $0.pointee.key == labels }
  }

  /// Forgets all children.
  public func clear() { table.removeAll() }

  @usableFromInline
  func make(_ labels: Labels) throws(MetricError) -> Child {
    let child = try table.findOrMake(
      labels.hashValue, key: labels, labels: { () throws(MetricError) in labels.labelSet },
      { $0.pointee.key == labels })
    guard let child else {
      context.statistics.refuseChild()
      throw .tooManyChildren(family: descriptor.name, limit: table.limit)
    }
    return child
  }

  @usableFromInline
  func makeOrOverflow(_ labels: Labels) -> Child {
    do {
      return try make(labels)
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
  static var instrument: String { registeringName(Child.self) }
  static var labelling: String { "labels of the type \(String(reflecting: Labels.self))" }

  var options: InstrumentOptions { table.kind.options }

  func family() -> MetricFamily {
    if let age = expiry.idleAge { removeIdle(olderThan: age) }
    return table.kind.family(descriptor, table.columns(hiding: context.statistics.refuseChild), context)
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
