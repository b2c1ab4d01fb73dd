/// Reads JSON from front to back, and throws where it is none.
struct JSONCursor {
  struct Malformed: Error { var offset: Int }

  /// Deeper answers are refused.
  private static let deepest = 64

  private let bytes: UnsafeRawBufferPointer
  private(set) var index = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next byte that is no space.
  mutating func peek() -> UInt8? {
    while index < bytes.count, [32, 9, 10, 13].contains(bytes[index]) { index += 1 }
    return index < bytes.count ? bytes[index] : nil
  }

  var malformed: Malformed { Malformed(offset: index) }

  mutating func expect(_ byte: UInt8) throws(Malformed) {
    guard peek() == byte else { throw malformed }
    index += 1
  }

  /// Reads an object; `body` is called with each key and must read its value.
  mutating func object(_ body: (inout JSONCursor, String) throws(Malformed) -> Void) throws(Malformed) {
    try expect(UInt8(ascii: "{"))
    if peek() == UInt8(ascii: "}") {
      index += 1
      return
    }
    while true {
      let key = try string()
      try expect(UInt8(ascii: ":"))
      try body(&self, key)
      if peek() == UInt8(ascii: ",") {
        index += 1
        continue
      }
      return try expect(UInt8(ascii: "}"))
    }
  }

  /// Reads an array; `body` must read each element.
  mutating func array(_ body: (inout JSONCursor) throws(Malformed) -> Void) throws(Malformed) {
    try expect(UInt8(ascii: "["))
    if peek() == UInt8(ascii: "]") {
      index += 1
      return
    }
    while true {
      try body(&self)
      if peek() == UInt8(ascii: ",") {
        index += 1
        continue
      }
      return try expect(UInt8(ascii: "]"))
    }
  }

  mutating func string() throws(Malformed) -> String {
    try expect(UInt8(ascii: "\""))
    let start = index
    var hasEscapes = false
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      if bytes[index] == UInt8(ascii: "\\") {
        hasEscapes = true
        index += 1
      }
      index += 1
    }
    guard index < bytes.count else { throw malformed }
    let content = UnsafeRawBufferPointer(rebasing: bytes[start..<index])
    index += 1
    return hasEscapes ? Self.unescaped(content) : String(decoding: content, as: UTF8.self)
  }

  /// Where the words of a string stand, between its quotes; nil where it is another value.
  mutating func range() throws(Malformed) -> Range<Int>? {
    guard peek() == UInt8(ascii: "\"") else {
      try skip()
      return nil
    }
    let start = index + 1
    _ = try string()
    return start..<index - 1
  }

  /// A whole number; nil where it is another value.
  mutating func integer() throws(Malformed) -> Int? {
    _ = peek()
    let start = index
    try skip()
    return Int(String(decoding: bytes[start..<index], as: UTF8.self))
  }

  /// The words of a string; nil where it is another value.
  mutating func text() throws(Malformed) -> String? {
    if peek() == UInt8(ascii: "\"") { return try string() }
    try skip()
    return nil
  }

  /// Passes over a value.
  mutating func skip(depth: Int = 0) throws(Malformed) {
    guard depth < Self.deepest, let byte = peek() else { throw malformed }
    switch byte {
    case UInt8(ascii: "{"):
      try object { (cursor, _) throws(Malformed) in try cursor.skip(depth: depth + 1) }
    case UInt8(ascii: "["):
      try array { (cursor) throws(Malformed) in try cursor.skip(depth: depth + 1) }
    case UInt8(ascii: "\""): _ = try string()
    default:
      let start = index
      while index < bytes.count, Self.isOfLiteral(bytes[index]) { index += 1 }
      guard index > start else { throw malformed }
    }
  }

  private static func isOfLiteral(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "E"),
      UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// Without the escapes of characters that matter in words for people; others stay as they are.
  private static func unescaped(_ bytes: UnsafeRawBufferPointer) -> String {
    var output: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count {
        switch bytes[index + 1] {
        case UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "r"): output.append(32)
        case UInt8(ascii: "u"): output += [UInt8(ascii: "\\"), UInt8(ascii: "u")]
        case let other: output.append(other)
        }
        index += 2
      } else {
        output.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: output, as: UTF8.self)
  }
}
