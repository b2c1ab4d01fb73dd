import Glibc

/// The texts of a request of remote write 2.0, each once, as places in the bytes that they are read from. The first is empty.
struct SymbolTable {
  private let bytes: UnsafeRawBufferPointer
  private(set) var symbols: [Range<Int>] = [0..<0]
  private var slots = [Int32](repeating: -1, count: 512)

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The number of a text, which is added where it is new.
  mutating func reference(_ text: Range<Int>) -> UInt64 {
    guard !text.isEmpty else { return 0 }
    if symbols.count * 2 > slots.count { grow() }
    var slot = slot(of: text)
    while slots[slot] >= 0 {
      let known = symbols[Int(slots[slot])]
      if isSame(known, text) { return UInt64(slots[slot]) }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Int32(symbols.count)
    symbols.append(text)
    return UInt64(symbols.count - 1)
  }

  private mutating func grow() {
    slots = Array(repeating: -1, count: slots.count * 2)
    for number in 1..<symbols.count {
      var slot = slot(of: symbols[number])
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(number)
    }
  }

  private func slot(of text: Range<Int>) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: bytes[text]))
    return hasher.finalize() & (slots.count - 1)
  }

  private func isSame(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
    guard left.count == right.count, let start = bytes.baseAddress else { return false }
    return memcmp(start + left.lowerBound, start + right.lowerBound, left.count) == 0
  }
}
