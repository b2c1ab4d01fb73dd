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

  /// The first eight bytes of the first value, as a number that sorts as they do.
  var valuePrefix: UInt64 {
    var prefix: UInt64 = 0
    var length: UInt64 = 0
    func append(_ byte: UInt8) {
      prefix = prefix << 8 | UInt64(byte)
      length += 1
    }
    switch storage {
    case .labels(let labels): labels.first?.value.utf8.prefix(8).forEach(append)
    case .text(let text):
      text.forEach { _, value in
        value.prefix(8).forEach(append)
        return false
      }
    }
    return length == 0 ? 0 : prefix << (64 - 8 * length)
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
    return mine.withText { mine in
      theirs.withText { theirs in
        var index = 0
        let end = Swift.min(mine.count, theirs.count)
        while index < end, mine[index] == theirs[index] { index += 1 }
        guard index < end else { return false }
        // Values that are kept as text hold no quotes, so one that ends here is the shorter of the two.
        let quote = UInt8(ascii: "\"")
        return mine[index] == quote || theirs[index] != quote && mine[index] < theirs[index]
      }
    }
  }
}
