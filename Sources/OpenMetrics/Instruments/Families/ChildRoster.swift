import CMetricArena

/// What a scrape reads of a family: one column of labels and one of children, in the order of the label values.
struct ChildColumns<Child: Instrument>: Sendable {
  var labels: [LabelSet] = []
  var children: [Child] = []
  /// What the children's kind made of them.
  var prepared: (any Sendable)?
}

/// All nodes of a table. Their order and the columns are kept from one scrape to the next, and made anew only after
/// changes: what is new is sorted by itself and merged.
struct ChildRoster<Key: Sendable, Child: Instrument> {
  typealias NodePointer = UnsafeMutablePointer<ChildNode<Key, Child>>

  private var sorted: [NodePointer] = []
  private var fresh: [NodePointer] = []
  private var removed = 0
  private var known: ChildColumns<Child>?

  /// Those that were removed and not yet taken included.
  var all: [NodePointer] { sorted + fresh }

  /// Calls `body` with all that were not removed.
  ///
  /// - Parameter approach: called with nodes that are near, some time before `body` is.
  func forEach(approach: (NodePointer) -> Void, _ body: (NodePointer) -> Void) {
    for part in [sorted, fresh] {
      for (position, node) in part.enumerated() {
        if position + 16 < part.count { metric_prefetch(part[position + 16]) }
        if position + 8 < part.count { approach(part[position + 8]) }
        if !node.pointee.isRemoved { body(node) }
      }
    }
  }

  /// Without those removed.
  var count: Int { sorted.count + fresh.count - removed }

  var hasRemoved: Bool { removed > 0 }

  /// Whether what was removed takes more room than what is left.
  var isUntidy: Bool { removed > max(64, count) }

  mutating func append(_ node: NodePointer) {
    fresh.append(node)
    known = nil
  }

  mutating func remove(_ node: NodePointer) {
    guard !node.pointee.isRemoved else { return }
    node.pointee.isRemoved = true
    removed += 1
    known = nil
  }

  /// So that the columns hold no child.
  mutating func forgetColumns() { known = nil }

  /// Takes the removed nodes out, for the caller to free.
  mutating func takeRemoved() -> [NodePointer] {
    guard removed > 0 else { return [] }
    let taken = all.filter(\.pointee.isRemoved)
    sorted.removeAll(where: \.pointee.isRemoved)
    fresh.removeAll(where: \.pointee.isRemoved)
    removed = 0
    return taken
  }

  /// Of two children with the same label values, which differing keys can have, only the first is shown.
  ///
  /// - Parameter hiding: called once for each child that is not shown.
  mutating func columns(_ kind: InstrumentKind<Child>, hiding: () -> Void) -> ChildColumns<Child> {
    if let known { return known }
    merge()
    var columns = ChildColumns<Child>()
    columns.labels.reserveCapacity(sorted.count)
    columns.children.reserveCapacity(sorted.count)
    for node in sorted where !node.pointee.isRemoved {
      if let last = columns.labels.last, last == node.pointee.labels {
        if !node.pointee.isHidden { hiding() }
        node.pointee.isHidden = true
        continue
      }
      columns.labels.append(node.pointee.labels)
      columns.children.append(node.pointee.child)
    }
    columns.prepared = kind.prepare?(columns.children)
    known = columns
    return columns
  }

  private mutating func merge() {
    guard !fresh.isEmpty else { return }
    let fresh = ChildOrder.sorted(fresh)
    var merged: [NodePointer] = []
    merged.reserveCapacity(sorted.count + fresh.count)
    var position = 0
    for node in fresh {
      while position < sorted.count, !node.pointee.labels.precedesByValues(sorted[position].pointee.labels) {
        merged.append(sorted[position])
        position += 1
      }
      merged.append(node)
    }
    merged += sorted[position...]
    sorted = merged
    self.fresh = []
  }
}
