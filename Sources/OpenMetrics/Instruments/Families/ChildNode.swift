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
  /// Not exposed, because another child has the same label values as text.
  var isHidden = false

  init(hash: Int, labels: LabelSet, child: Child, key: Key) {
    self.hash = hash
    self.labels = labels
    self.child = child
    self.key = key
  }
}

/// The buckets of a hash table as readers see them: their number, and behind it a word for each: where its chain begins,
/// and marks of the hashes in it.
///
/// The marks are in the bits that an address of a node does not use, one for each quarter of all hashes. Without them
/// nearly every look-up of a new child would go to a node that is not in the processor's cache, to find it is another.
/// A chain may have less than its marks say.
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

  /// What nodes are aligned to, so that their addresses have room for the marks.
  @usableFromInline static var alignment: Int { 16 }

  @inlinable
  static func mark(_ hash: Int) -> UInt { 1 << (UInt(bitPattern: hash) >> UInt(UInt.bitWidth - 2)) }

  /// The first node of the chain in a bucket's word; nil when none of them has this hash.
  @inlinable
  static func first(_ word: UnsafeMutableRawPointer?, for hash: Int) -> UnsafeMutableRawPointer? {
    UInt(bitPattern: word) & mark(hash) == 0 ? nil : first(word)
  }

  @inlinable
  static func first(_ word: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    UnsafeMutableRawPointer(bitPattern: UInt(bitPattern: word) & ~UInt(alignment - 1))
  }

  private static func word(_ node: UnsafeMutableRawPointer, marks: UInt) -> UnsafeMutableRawPointer? {
    UnsafeMutableRawPointer(bitPattern: UInt(bitPattern: node) | marks & UInt(alignment - 1))
  }

  func push(_ node: UnsafeMutableRawPointer, hash: Int) {
    let head = head(hash)
    let word = head.pointee
    metric_pointer_store(Self.next(of: node), Self.first(word))
    metric_pointer_store(head, Self.word(node, marks: UInt(bitPattern: word) | Self.mark(hash)))
  }

  func unlink(_ node: UnsafeMutableRawPointer, hash: Int) {
    let head = head(hash)
    guard let word = head.pointee, let first = Self.first(word) else { return }
    if first == node {
      let second = Self.next(of: node).pointee
      return metric_pointer_store(head, second.flatMap { Self.word($0, marks: UInt(bitPattern: word)) })
    }
    var place = Self.next(of: first)
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
