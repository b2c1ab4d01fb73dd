extension LabelSet {
  /// Whether these are the values, byte for byte and in this order.
  func hasValues(_ values: [String]) -> Bool {
    guard count == values.count else { return false }
    switch storage {
    case .labels(let labels): return zip(labels, values).allSatisfy { $0.value.utf8.elementsEqual($1.utf8) }
    case .text(let text):
      var position = 0
      var isSame = true
      text.forEach { _, value in
        var wanted = values[position]
        isSame = wanted.withUTF8 { $0.count == value.count && $0.elementsEqual(value) }
        position += 1
        return isSame
      }
      return isSame
    }
  }

  /// The order of two sets of the same names: by the bytes of the first value that differs.
  func precedesByValues(_ other: LabelSet) -> Bool {
    guard case .text(let mine) = storage, case .text(let theirs) = other.storage else {
      for (label, otherLabel) in zip(self, other)
      where !label.value.utf8.elementsEqual(otherLabel.value.utf8) {
        return label.value.utf8.lexicographicallyPrecedes(otherLabel.value.utf8)
      }
      return false
    }
    return mine.withText { mine in theirs.withText { Self.precedesByValues(mine, $0) } }
  }

  /// The order of two label texts of the same names, which are known to have the first `shared` bytes in common.
  static func precedesByValues(
    _ mine: UnsafeBufferPointer<UInt8>, _ theirs: UnsafeBufferPointer<UInt8>, shared: Int = 0
  ) -> Bool {
    var index = shared
    let end = Swift.min(mine.count, theirs.count)
    while index < end, mine[index] == theirs[index] { index += 1 }
    guard index < end else { return false }
    // Values that are kept as text hold no quotes, so one that ends here is the shorter of the two.
    let quote = UInt8(ascii: "\"")
    return mine[index] == quote || theirs[index] != quote && mine[index] < theirs[index]
  }
}
