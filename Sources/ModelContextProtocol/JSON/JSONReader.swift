/// What a JSON text may cost.
public struct JSONLimits: Sendable, Equatable {
  /// How deep objects and arrays may be nested.
  public var depth: Int
  /// How many values a text may hold, those in others included. It bounds memory: a value takes many times
  /// the two bytes that an attacker writes for one.
  public var values: Int

  public init(depth: Int = 64, values: Int = 100_000) {
    self.depth = depth
    self.values = values
  }
}

/// Why bytes are no JSON, or none that is taken.
public enum JSONFailure: Error, Equatable, Sendable, CustomStringConvertible {
  case unexpectedEnd
  case unexpectedByte(at: Int)
  case invalidUTF8(at: Int)
  /// A name stands in an object twice, so that two readers could understand two things.
  case duplicateName(at: Int)
  case tooDeep(limit: Int)
  case tooManyValues(limit: Int)

  public var description: String {
    switch self {
    case .unexpectedEnd: "the text ends too early"
    case .unexpectedByte(let place): "byte \(place) does not belong there"
    case .invalidUTF8(let place): "what begins at byte \(place) is no UTF-8"
    case .duplicateName(let place): "the name at byte \(place) is in its object twice"
    case .tooDeep(let limit): "it is nested deeper than \(limit)"
    case .tooManyValues(let limit): "it has more than \(limit) values"
    }
  }
}

/// Reads one JSON text (RFC 8259): strict, and bounded in depth and number of values.
struct JSONReader {
  private let bytes: [UInt8]
  private let limits: JSONLimits
  private(set) var position = 0
  private var depth = 0
  private var values = 0

  init(_ bytes: [UInt8], limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  /// The one value that the bytes hold, with nothing but white space around it.
  static func read(_ bytes: [UInt8], limits: JSONLimits) throws(JSONFailure) -> JSONValue {
    var reader = JSONReader(bytes, limits: limits)
    let value = try reader.value()
    guard reader.peek() == nil else { throw .unexpectedByte(at: reader.position) }
    return value
  }

  /// The next byte that is no white space, left in place; nil at the end.
  private mutating func peek() -> UInt8? {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    return position < bytes.count ? bytes[position] : nil
  }

  private var failure: JSONFailure {
    position < bytes.count ? .unexpectedByte(at: position) : .unexpectedEnd
  }

  private mutating func expect(_ byte: UInt8) throws(JSONFailure) {
    guard peek() == byte else { throw failure }
    position += 1
  }

  mutating func value() throws(JSONFailure) -> JSONValue {
    values += 1
    guard values <= limits.values else { throw .tooManyValues(limit: limits.values) }
    guard let byte = peek() else { throw .unexpectedEnd }
    switch byte {
    case UInt8(ascii: "{"): return try nested { reader throws(JSONFailure) in .object(try reader.object()) }
    case UInt8(ascii: "["): return try nested { reader throws(JSONFailure) in .array(try reader.array()) }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw failure
    }
  }

  private mutating func nested(
    _ body: (inout JSONReader) throws(JSONFailure) -> JSONValue
  ) throws(JSONFailure) -> JSONValue {
    guard depth < limits.depth else { throw .tooDeep(limit: limits.depth) }
    depth += 1
    position += 1
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func object() throws(JSONFailure) -> JSONObject {
    var object = JSONObject()
    if peek() == UInt8(ascii: "}") {
      position += 1
      return object
    }
    while true {
      guard peek() == UInt8(ascii: "\"") else { throw failure }
      let start = position
      let name = try string()
      try expect(UInt8(ascii: ":"))
      guard object.insert(name, try value()) else { throw .duplicateName(at: start) }
      guard peek() == UInt8(ascii: ",") else { break }
      position += 1
    }
    try expect(UInt8(ascii: "}"))
    return object
  }

  private mutating func array() throws(JSONFailure) -> [JSONValue] {
    var elements: [JSONValue] = []
    if peek() == UInt8(ascii: "]") {
      position += 1
      return elements
    }
    while true {
      elements.append(try value())
      guard peek() == UInt8(ascii: ",") else { break }
      position += 1
    }
    try expect(UInt8(ascii: "]"))
    return elements
  }

  private mutating func literal(_ text: String, _ value: JSONValue) throws(JSONFailure) -> JSONValue {
    for byte in text.utf8 {
      guard position < bytes.count, bytes[position] == byte else { throw failure }
      position += 1
    }
    return value
  }

  private mutating func number() throws(JSONFailure) -> JSONValue {
    let start = position
    var isWhole = true
    if current == UInt8(ascii: "-") { position += 1 }
    if current == UInt8(ascii: "0") { position += 1 } else { try digits() }
    if current == UInt8(ascii: ".") {
      isWhole = false
      position += 1
      try digits()
    }
    if current | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    // Minus zero is no integer: it would come back as 0.
    if isWhole, text != "-0", let number = Int64(text) { return .integer(number) }
    return .decimal(JSONDecimal(checked: text))
  }

  /// The byte at the position; zero, which no number contains, at the end.
  private var current: UInt8 { position < bytes.count ? bytes[position] : 0 }

  /// One digit or more.
  private mutating func digits() throws(JSONFailure) {
    let start = position
    while current &- UInt8(ascii: "0") <= 9 { position += 1 }
    guard position > start else { throw failure }
  }
}

extension JSONReader {
  /// A string, whose opening quote is at the position. A lone surrogate becomes U+FFFD.
  private mutating func string() throws(JSONFailure) -> String {
    let opening = position
    position += 1
    var text: [UInt8] = []
    while true {
      let start = position
      while position < bytes.count, bytes[position] >= 0x20, bytes[position] != UInt8(ascii: "\""),
        bytes[position] != UInt8(ascii: "\\")
      {
        position += 1
      }
      text += bytes[start..<position]
      guard position < bytes.count else { throw .unexpectedEnd }
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        guard let string = String(validating: text, as: UTF8.self) else { throw .invalidUTF8(at: opening) }
        return string
      case UInt8(ascii: "\\"):
        position += 1
        try escape(into: &text)
      default: throw failure
      }
    }
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONFailure) {
    let byte = current
    let plain: UInt8
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain = byte
    case UInt8(ascii: "b"): plain = 0x08
    case UInt8(ascii: "f"): plain = 0x0C
    case UInt8(ascii: "n"): plain = 0x0A
    case UInt8(ascii: "r"): plain = 0x0D
    case UInt8(ascii: "t"): plain = 0x09
    case UInt8(ascii: "u"):
      position += 1
      var unit = try codeUnit()
      if 0xD800..<0xDC00 ~= unit, current == UInt8(ascii: "\\"), position + 1 < bytes.count,
        bytes[position + 1] == UInt8(ascii: "u")
      {
        let before = position
        position += 2
        let low = try codeUnit()
        if 0xDC00..<0xE000 ~= low {
          unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
        } else {
          // What follows stands for itself.
          position = before
        }
      }
      text += Array(String(Character(Unicode.Scalar(unit) ?? "\u{FFFD}")).utf8)
      return
    default: throw failure
    }
    text.append(plain)
    position += 1
  }

  private mutating func codeUnit() throws(JSONFailure) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(current)).hexDigitValue, current < 0x80 else {
        throw failure
      }
      unit = unit << 4 | UInt32(digit)
      position += 1
    }
    return unit
  }
}
