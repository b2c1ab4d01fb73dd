import CMetricArena

/// A child, its labels, and its place in the table: one block of memory.
@usableFromInline
struct ChildNode<Key: Sendable, Child: Instrument> {
  /// The next node of the same bucket. Stays the first part: `ChildChain` finds it at the block's start.
  var next: UnsafeMutableRawPointer?
  @usableFromInline let hash: Int
  let labels: LabelSet
  @usableFromInline var child: Child
  @usableFromInline let key: Key
  /// Unlinked, and to be freed with the next tidying.
  var isRemoved = false

  init(hash: Int, labels: LabelSet, child: Child, key: Key) {
    self.hash = hash
    self.labels = labels
    self.child = child
    self.key = key
  }
}

/// The buckets of a hash table as readers see them: a mask, and behind it the first node of each bucket's chain.
///
/// Chains change under the eyes of readers. Every link is one atomic word, and a chain ends at all times, so that a
/// reader may miss a node that moves but never goes astray.
@usableFromInline
struct ChildBuckets {
  let block: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  let count: Int

  /// - Parameter count: a power of two.
  init(count: Int) {
    self.count = count
    block = .allocate(capacity: count + 1)
    block.initialize(repeating: nil, count: count + 1)
    block[0] = UnsafeMutableRawPointer(bitPattern: count)
  }

  func deallocate() { block.deallocate() }

  /// Where the chain for this hash begins.
  func head(_ hash: Int) -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
    block + 1 + (hash & (count - 1))
  }

  func push(_ node: UnsafeMutableRawPointer, hash: Int) {
    let head = head(hash)
    metric_pointer_store(Self.next(of: node), head.pointee)
    metric_pointer_store(head, node)
  }

  func unlink(_ node: UnsafeMutableRawPointer, hash: Int) {
    var place = head(hash)
    while let current = place.pointee {
      let next = Self.next(of: current)
      if current == node { return metric_pointer_store(place, next.pointee) }
      place = next
    }
  }

  static func next(of node: UnsafeMutableRawPointer) -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
    node.assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
  }
}
