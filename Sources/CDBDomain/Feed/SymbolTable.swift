/// Finds an instrument by the bytes of its symbol, without making a string of them.
struct SymbolTable: Sendable, Hashable {
  // Open addressing: at most half of the slots are taken, so that a search ends after a step or two.
  private var slots: [UInt16?]
  private var symbols: [[UInt8]]

  init(_ catalogue: InstrumentCatalogue) {
    symbols = catalogue.instruments.map { Array($0.symbol.utf8) }
    var capacity = 4
    while capacity < symbols.count * 2 { capacity *= 2 }
    slots = Array(repeating: nil, count: capacity)
    for (index, symbol) in symbols.enumerated() {
      var slot = symbol.withUnsafeBytes { Self.hash($0) } & (capacity - 1)
      while slots[slot] != nil { slot = (slot + 1) & (capacity - 1) }
      slots[slot] = UInt16(index)
    }
  }

  /// The instrument of that symbol, in capitals.
  @inline(__always)
  func find(_ symbol: UnsafeRawBufferPointer) -> InstrumentID? {
    var slot = Self.hash(symbol) & (slots.count - 1)
    while let index = slots[slot] {
      if symbols[Int(index)].elementsEqual(symbol) { return InstrumentID(index) }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// The instrument of a stream's name, such as `btcusdt@depth@100ms`.
  func find(stream: UnsafeRawBufferPointer) -> InstrumentID? {
    let symbol = stream.prefix { $0 != UInt8(ascii: "@") }.map { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte ? byte - 0x20 : byte
    }
    return symbol.withUnsafeBytes { find($0) }
  }

  /// FNV-1a: https://datatracker.ietf.org/doc/html/draft-eastlake-fnv
  @inline(__always)
  private static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
    var hash: UInt32 = 2_166_136_261
    for byte in bytes { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return Int(hash ^ hash >> 16)
  }
}
