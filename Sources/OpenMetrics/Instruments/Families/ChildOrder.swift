/// Sorts children by their label values.
///
/// Their texts begin alike, with the label's name at least. So what they share is passed over, the eight bytes after it
/// are the key to sort by, and children of the same key are sorted in the same way among themselves.
struct ChildOrder<Key: Sendable, Child: Instrument> {
  typealias NodePointer = UnsafeMutablePointer<ChildNode<Key, Child>>

  /// Texts that share ever more with fewer others would be walked over again and again.
  private static var maximumDepth: Int { 32 }
  private static var few: Int { 16 }

  private struct Entry {
    var key: UInt64 = 0
    /// Of the node's labels, and valid as long as the node has them.
    let text: UnsafeBufferPointer<UInt8>
    let node: NodePointer

    init?(_ node: NodePointer) {
      guard case .text(let text) = node.pointee.labels.storage else { return nil }
      self.text = text.withText { $0 }
      self.node = node
    }

    /// Makes a key that sorts as the bytes from `start` on. A quote ends a value, which sorts before all that go on.
    mutating func take(from start: Int) {
      key = 0
      var shift: UInt64 = 56
      for index in start..<max(start, min(start + 8, text.count)) {
        if text[index] == UInt8(ascii: "\"") { return }
        key |= UInt64(text[index]) << shift
        shift &-= 8
      }
    }
  }

  static func sorted(_ nodes: [NodePointer]) -> [NodePointer] {
    var entries = nodes.compactMap(Entry.init)
    guard entries.count == nodes.count else {
      return nodes.sorted { $0.pointee.labels.precedesByValues($1.pointee.labels) }
    }
    entries.withUnsafeMutableBufferPointer { sort($0, shared: 0, depth: 0) }
    return entries.map(\.node)
  }

  private static func sort(_ all: UnsafeMutableBufferPointer<Entry>, shared known: Int, depth: Int) {
    var entries = all
    let shared = sharedCount(entries, from: known)
    guard entries.count > few, depth < maximumDepth, depth == 0 || shared > known else {
      return entries.sort { LabelSet.precedesByValues($0.text, $1.text, shared: shared) }
    }
    for index in entries.indices { entries[index].take(from: shared) }
    entries.sort { $0.key < $1.key }
    var start = 0
    while start < entries.count {
      var end = start + 1
      while end < entries.count, entries[end].key == entries[start].key { end += 1 }
      if end - start > 1 {
        sort(UnsafeMutableBufferPointer(rebasing: entries[start..<end]), shared: shared, depth: depth + 1)
      }
      start = end
    }
  }

  /// How many bytes all texts begin with that are the same in all of them.
  private static func sharedCount(_ entries: UnsafeMutableBufferPointer<Entry>, from known: Int) -> Int {
    guard let first = entries.first?.text else { return known }
    var shared = first.count
    for entry in entries.dropFirst() {
      let end = min(shared, entry.text.count)
      var index = min(known, end)
      while index < end, entry.text[index] == first[index] { index += 1 }
      shared = index
    }
    return shared
  }
}
