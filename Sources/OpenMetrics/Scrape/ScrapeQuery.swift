/// The part of a URL after the question mark, as browsers and scrapers write it.
enum ScrapeQuery {
  /// The pairs with an equals sign; what is no valid encoding stands for itself.
  static func items(of query: String) -> [(name: String, value: String)] {
    query.split(separator: "&").compactMap { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return parts.count == 2 ? (decoded(parts[0]), decoded(parts[1])) : nil
    }
  }

  /// Percent-encoded UTF-8, with a plus for a blank, as forms have it.
  static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard rest.count >= 2, let value = UInt8(hexadecimal: rest.prefix(2)) else { return String(text) }
        bytes.append(value)
        rest = rest.dropFirst(2)
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self) ?? String(text)
  }
}

extension UInt8 {
  /// Two hexadecimal digits, and no sign.
  fileprivate init?(hexadecimal digits: Substring.UTF8View) {
    guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }), let text = String(digits) else {
      return nil
    }
    self.init(text, radix: 16)
  }
}
