import CMetricArena
import Synchronization

/// The children of a family by their labels. A look-up takes no lock and allocates nothing.
///
/// `@unchecked Sendable`: `root` is set once and read and written atomically. What it leads to is changed with `lock`
/// held, link by atomic link, and freed only after every section has ended that might have seen it. Everything else is
/// touched with `lock` held.
@usableFromInline
final class ChildTable<Key: Sendable, Child: Instrument>: @unchecked Sendable {
  @usableFromInline typealias Node = ChildNode<Key, Child>
  typealias NodePointer = UnsafeMutablePointer<Node>

  /// Points to the buckets' block; nil before the first child.
  @usableFromInline let root: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  @usableFromInline let favourites: Favourites?
  let kind: InstrumentKind<Child>
  let limit: Int
  private let lock = TableLock()
  private var buckets: ChildBuckets?
  private var roster = ChildRoster<Key, Child>()
  private var outgrown: [ChildBuckets] = []
  private var idleness = IdleWatch()
  /// Whether a favourite may be of a child that was removed.
  private var hasUnforgotten = false

  init(kind: InstrumentKind<Child>, limit: Int, favourites: Favourites? = nil) {
    self.favourites = favourites
    self.kind = kind
    self.limit = limit
    root = .allocate(capacity: 1)
    root.initialize(to: nil)
  }

  deinit {
    for node in roster.all { Self.free(node) }
    buckets?.deallocate()
    for buckets in outgrown { buckets.deallocate() }
    favourites?.deallocate()
    root.deallocate()
  }

  /// The child, when there is one and no other thread moves it just now.
  ///
  /// - Parameter place: a favourite's place to note the child in, when that has room.
  @inlinable
  func find(
    _ hash: Int, notingAt place: UnsafeMutablePointer<UnsafeMutableRawPointer?>? = nil,
    _ matches: (UnsafePointer<Node>) -> Bool
  ) -> Child? {
    guard let section = metric_section_begin() else { return nil }
    var found: Child?
    if let block = metric_pointer_load(root)?.assumingMemoryBound(to: UnsafeMutableRawPointer?.self) {
      let mask = Int(bitPattern: block[0]) - 1
      var next = ChildBuckets.first(metric_pointer_load(block + 1 + (hash & mask)), for: hash)
      while let raw = next {
        let node = UnsafePointer<Node>(raw.assumingMemoryBound(to: Node.self))
        if node.pointee.hash == hash, matches(node) {
          found = node.pointee.child
          if let place { Favourites.note(raw, at: place) }
          break
        }
        next = metric_pointer_load(raw.assumingMemoryBound(to: UnsafeMutableRawPointer?.self))
      }
    }
    metric_section_end(section)
    return found
  }

  /// The child, when it is one of the two favourites that are noted here.
  @inlinable
  func recall(
    _ place: UnsafeMutablePointer<UnsafeMutableRawPointer?>, _ matches: (UnsafePointer<Node>) -> Bool
  ) -> Child? {
    guard let section = metric_section_begin() else { return nil }
    var found: Child?
    if let raw = metric_pointer_load(place) {
      let node = UnsafePointer<Node>(raw.assumingMemoryBound(to: Node.self))
      if matches(node) {
        found = node.pointee.child
      } else if let raw = metric_pointer_load(place + 1) {
        let node = UnsafePointer<Node>(raw.assumingMemoryBound(to: Node.self))
        if matches(node) { found = node.pointee.child }
      }
    }
    metric_section_end(section)
    return found
  }

  /// The child, made if there is none.
  ///
  /// - Parameter labels: called once, before the lock is taken: they are nearly always for a new child.
  /// - Returns: nil when the table is full.
  func findOrMake(
    _ hash: Int, key: Key, labels: () throws(MetricError) -> LabelSet,
    _ matches: (UnsafePointer<Node>) -> Bool
  ) throws(MetricError) -> Child? {
    let labels = try labels()
    return lock.withLock {
      if let node = locate(hash, matches) { return node.pointee.child }
      guard roster.count < limit else { return nil }
      let child = kind.make()
      let node = UnsafeMutableRawPointer.allocate(
        byteCount: MemoryLayout<Node>.size,
        alignment: max(ChildBuckets.alignment, MemoryLayout<Node>.alignment)
      ).bindMemory(to: Node.self, capacity: 1)
      node.initialize(to: Node(hash: hash, labels: labels, child: child, key: key))
      growIfFull().push(UnsafeMutableRawPointer(node), hash: hash)
      roster.append(node)
      return child
    }
  }

  /// Unlinks a child; false when there is none.
  func remove(_ hash: Int, _ matches: (UnsafePointer<Node>) -> Bool) -> Bool {
    lock.withLock {
      guard let node = locate(hash, matches) else { return false }
      buckets?.unlink(UnsafeMutableRawPointer(node), hash: hash)
      roster.remove(node)
      // Another child may come to its address.
      idleness.forget(ObjectIdentifier(node.pointee.child))
      // Whoever saw it linked may note it as a favourite until its section ends.
      if let favourites {
        if metric_sections_wait() {
          favourites.forget(UnsafeMutableRawPointer(node))
        } else {
          hasUnforgotten = true
        }
      }
      if roster.isUntidy { tidy() }
      return true
    }
  }

  func removeAll() {
    lock.withLock {
      for node in roster.all where !node.pointee.isRemoved {
        buckets?.unlink(UnsafeMutableRawPointer(node), hash: node.pointee.hash)
        roster.remove(node)
      }
      hasUnforgotten = true
      tidy()
      idleness = IdleWatch()
    }
  }

  /// Unlinks the children that have not changed for this long and that nobody else holds; how many they were.
  func removeIdle(olderThan age: Duration, now: Duration) -> Int {
    lock.withLock {
      let idle = idleness.idle(roster.all.filter { !$0.pointee.isRemoved }, age: age, now: now) {
        (ObjectIdentifier($0.pointee.child), kind.fingerprint($0.pointee.child))
      }
      guard !idle.isEmpty else { return 0 }
      roster.forgetColumns()
      for node in idle { buckets?.unlink(UnsafeMutableRawPointer(node), hash: node.pointee.hash) }
      // Who looked a child up just before holds it now, and may have changed it.
      var isQuiet = metric_sections_wait()
      if isQuiet, let favourites {
        favourites.forgetAll()
        isQuiet = metric_sections_wait()
      }
      var removed = 0
      for node in idle {
        // Only what nobody holds can no longer change.
        if isQuiet, isKnownUniquelyReferenced(&node.pointee.child), isUnchanged(node) {
          idleness.forget(ObjectIdentifier(node.pointee.child))
          roster.remove(node)
          removed += 1
        } else {
          buckets?.push(UnsafeMutableRawPointer(node), hash: node.pointee.hash)
        }
      }
      tidy()
      return removed
    }
  }

  private func isUnchanged(_ node: NodePointer) -> Bool {
    atomicMemoryFence(ordering: .acquiring)
    return idleness.isUnchanged(
      ObjectIdentifier(node.pointee.child), kind.fingerprint(node.pointee.child))
  }

  /// All children in the order of their label values.
  ///
  /// - Parameter hiding: called once for each child that is left out because another has the same values.
  func columns(hiding: () -> Void = {}) -> ChildColumns<Child> {
    lock.withLock {
      if roster.hasRemoved { tidy() }
      return roster.columns(kind, hiding: hiding)
    }
  }

  private func locate(_ hash: Int, _ matches: (UnsafePointer<Node>) -> Bool) -> NodePointer? {
    var next = ChildBuckets.first(buckets?.head(hash).pointee, for: hash)
    while let raw = next {
      let node = raw.assumingMemoryBound(to: Node.self)
      if node.pointee.hash == hash, matches(UnsafePointer(node)) { return node }
      next = node.pointee.next
    }
    return nil
  }

  private func growIfFull() -> ChildBuckets {
    if let buckets, roster.count < buckets.count { return buckets }
    let grown = ChildBuckets(count: max(16, (buckets?.count ?? 0) * 2))
    // In the order in which most of them lie in memory. A reader that is carried along goes on to nodes that moved
    // before.
    roster.forEach {
      metric_prefetch(grown.head($0.pointee.hash))
    } _: {
      grown.push(UnsafeMutableRawPointer($0), hash: $0.pointee.hash)
    }
    metric_pointer_store(root, UnsafeMutableRawPointer(grown.block))
    if let buckets { outgrown.append(buckets) }
    buckets = grown
    if metric_sections_wait() {
      for buckets in outgrown { buckets.deallocate() }
      outgrown = []
    }
    return grown
  }

  /// Frees what was removed, unless this thread is itself in a section.
  private func tidy() {
    guard metric_sections_wait() else { return }
    if hasUnforgotten, let favourites {
      favourites.forgetAll()
      guard metric_sections_wait() else { return }
    }
    hasUnforgotten = false
    for node in roster.takeRemoved() { Self.free(node) }
  }

  private static func free(_ node: NodePointer) {
    node.deinitialize(count: 1)
    node.deallocate()
  }
}
