/// A text that is equal to the same bytes only, and not to another spelling of the same characters.
struct ExactText: Hashable {
  private let text: String

  init(_ text: String) { self.text = text }

  static func == (left: ExactText, right: ExactText) -> Bool {
    left.text.utf8.count == right.text.utf8.count && left.text.utf8.elementsEqual(right.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

extension String {
  /// Whether the bytes end like this, also where the first of them is one character with what is before it.
  func endsExactly(in suffix: String) -> Bool {
    utf8.count >= suffix.utf8.count && utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  }

  /// Byte by byte, without the suffix; `nil` if there is none or nothing before it.
  func droppingLast(_ suffix: String) -> String? {
    guard utf8.count > suffix.utf8.count, endsExactly(in: suffix) else { return nil }
    return String(Substring(utf8.dropLast(suffix.utf8.count)))
  }
}
