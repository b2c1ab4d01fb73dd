/// Cuts a PromQL text into tokens.
///
/// Source: Prometheus, "Querying basics", and its lexer; variables as in Grafana's "Variable syntax".
struct PromQLLexer {
  private let bytes: [UInt8]
  private let dialect: PromQLDialect
  private var position = 0
  /// Between `[` and `]` a colon divides a range from its step; elsewhere it is a letter of a name.
  private var isInRange = false

  private init(_ bytes: [UInt8], _ dialect: PromQLDialect) {
    self.bytes = bytes
    self.dialect = dialect
  }

  /// - Returns: the tokens; the last one is the end.
  static func tokens(of text: String, dialect: PromQLDialect) throws(PromQLError) -> [PromQLToken] {
    let bytes = Array(text.utf8)
    guard bytes.count <= PromQLLimits.bytes else {
      throw PromQLError(
        reason: "the expression is longer than \(PromQLLimits.bytes) bytes", offset: PromQLLimits.bytes)
    }
    var lexer = PromQLLexer(bytes, dialect)
    var tokens: [PromQLToken] = []
    while true {
      let token = try lexer.next()
      tokens.append(token)
      if token.kind == .end { return tokens }
      guard tokens.count < PromQLLimits.tokens else {
        throw PromQLError(
          reason: "the expression has more than \(PromQLLimits.tokens) parts", offset: token.offset)
      }
    }
  }

  private func peek(_ distance: Int = 0) -> UInt8? {
    position + distance < bytes.count ? bytes[position + distance] : nil
  }

  private mutating func next() throws(PromQLError) -> PromQLToken {
    skipBlanks()
    let start = position
    guard let byte = peek() else { return PromQLToken(kind: .end, offset: start) }
    let kind: PromQLToken.Kind
    if byte.isLetter || (byte == UInt8(ascii: ":") && !isInRange) {
      let takesColons = !isInRange
      kind = .identifier(take { $0.isLetter || $0.isDigit || ($0 == UInt8(ascii: ":") && takesColons) })
    } else if byte.isDigit || (byte == UInt8(ascii: ".") && peek(1)?.isDigit == true) {
      kind = .number(try number())
    } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`") {
      kind = .string(try string(quote: byte))
    } else if let variable = try variable() {
      kind = .variable(variable)
    } else {
      kind = .mark(try mark())
    }
    return PromQLToken(kind: kind, offset: start)
  }

  private mutating func skipBlanks() {
    while let byte = peek() {
      if byte == UInt8(ascii: "#") {
        _ = take { $0 != UInt8(ascii: "\n") }
      } else if [UInt8(ascii: " "), 9, 10, 13].contains(byte) {
        position += 1
      } else {
        return
      }
    }
  }

  private mutating func take(while belongs: (UInt8) -> Bool) -> String {
    let start = position
    while let byte = peek(), belongs(byte) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// `12`, `1.5e-3`, `0x1f`, `1_000`, `5m`, `1h30m`.
  private mutating func number() throws(PromQLError) -> String {
    let start = position
    if peek() == UInt8(ascii: "0"), peek(1) == UInt8(ascii: "x") || peek(1) == UInt8(ascii: "X") {
      position += 2
      _ = take { $0.isHexDigit || $0 == UInt8(ascii: "_") }
    } else {
      _ = take { $0.isDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") }
      if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
        let sign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") ? 1 : 0
        if peek(1 + sign)?.isDigit == true {
          position += 1 + sign
          _ = take { $0.isDigit }
        }
      } else {
        try duration(from: start)
      }
    }
    let text = bytes[start..<position]
    if peek()?.isLetter == true || text.count(where: { $0 == UInt8(ascii: ".") }) > 1
      || text.elementsEqual([UInt8(ascii: "0"), UInt8(ascii: "x")])
    {
      throw PromQLError(reason: "neither a number nor a duration", offset: start)
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// The units behind a number, and the numbers with units behind those.
  private mutating func duration(from start: Int) throws(PromQLError) {
    while let unit = peek(), unit.isLetter {
      let word = take { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
      guard ["ms", "s", "m", "h", "d", "w", "y"].contains(word) else {
        throw PromQLError(reason: "neither a number nor a duration", offset: start)
      }
      _ = take { $0.isDigit }
    }
    if position > start, bytes[position - 1].isDigit,
      bytes[start..<position].contains(where: { $0.isLetter && $0 != UInt8(ascii: "_") })
    {
      throw PromQLError(reason: "a duration ends with its unit", offset: start)
    }
  }

  private mutating func string(quote: UInt8) throws(PromQLError) -> String {
    let start = position
    position += 1
    var value: [UInt8] = []
    while let byte = peek() {
      position += 1
      if byte == quote { return String(decoding: value, as: UTF8.self) }
      if byte == UInt8(ascii: "\n"), quote != UInt8(ascii: "`") { break }
      guard byte == UInt8(ascii: "\\"), quote != UInt8(ascii: "`") else {
        value.append(byte)
        continue
      }
      value += try escape(quote: quote)
    }
    throw PromQLError(reason: "a string without an end", offset: start)
  }

  /// What stands behind a backslash, as in Go.
  private mutating func escape(quote: UInt8) throws(PromQLError) -> [UInt8] {
    let start = position - 1
    guard let byte = peek() else { throw PromQLError(reason: "a string without an end", offset: start) }
    position += 1
    switch byte {
    case quote, UInt8(ascii: "\\"): return [byte]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "a"): return [7]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "v"): return [11]
    case UInt8(ascii: "x"): return [UInt8(truncatingIfNeeded: try code(2, 16, start))]
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      let value = try code(byte == UInt8(ascii: "u") ? 4 : 8, 16, start)
      guard let scalar = Unicode.Scalar(value) else {
        throw PromQLError(reason: "an escape that is no character", offset: start)
      }
      return Array(String(Character(scalar)).utf8)
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      position -= 1
      return [UInt8(truncatingIfNeeded: try code(3, 8, start))]
    default: throw PromQLError(reason: "an escape that PromQL does not know", offset: start)
    }
  }

  private mutating func code(_ digits: Int, _ radix: Int, _ start: Int) throws(PromQLError) -> UInt32 {
    let end = min(position + digits, bytes.count)
    let text = String(decoding: bytes[position..<end], as: UTF8.self)
    guard text.utf8.count == digits, text.utf8.allSatisfy(\.isHexDigit),
      let value = UInt32(text, radix: radix)
    else { throw PromQLError(reason: "an escape that is cut off", offset: start) }
    position = end
    return value
  }

  private mutating func variable() throws(PromQLError) -> String? {
    guard dialect == .grafana else { return nil }
    let start = position
    switch (peek(), peek(1)) {
    case (UInt8(ascii: "$"), UInt8(ascii: "{")):
      position += 2
      let name = take { $0 != UInt8(ascii: "}") && $0 != UInt8(ascii: "\n") }
      guard peek() == UInt8(ascii: "}"), !name.isEmpty else {
        throw PromQLError(reason: "a variable without an end", offset: start)
      }
      position += 1
      return String(name.prefix { $0 != ":" && $0 != "." })
    case (UInt8(ascii: "$"), _):
      position += 1
      let name = take { $0.isLetter || $0.isDigit }
      guard !name.isEmpty else { throw PromQLError(reason: "a $ without a name", offset: start) }
      return name
    case (UInt8(ascii: "["), UInt8(ascii: "[")) where peek(2)?.isLetter == true:
      position += 2
      let name = take { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: ":") }
      guard peek() == UInt8(ascii: "]"), peek(1) == UInt8(ascii: "]") else {
        throw PromQLError(reason: "a variable without an end", offset: start)
      }
      position += 2
      return String(name.prefix { $0 != ":" })
    default: return nil
    }
  }

  private mutating func mark() throws(PromQLError) -> String {
    for length in [2, 1] where position + length <= bytes.count {
      let text = String(decoding: bytes[position..<position + length], as: UTF8.self)
      guard Self.marks.contains(text) else { continue }
      position += length
      if text == "[" { isInRange = true }
      if text == "]" { isInRange = false }
      return text
    }
    throw PromQLError(reason: "a character that PromQL does not know", offset: position)
  }

  private static let marks: Set = [
    "==", "!=", ">=", "<=", "=~", "!~", "(", ")", "{", "}", "[", "]", ",", "+", "-", "*", "/", "%", "^", "=",
    ">",
    "<", ":", "@",
  ]
}

extension UInt8 {
  /// What a name may begin with.
  fileprivate var isLetter: Bool {
    (self | 0x20 >= UInt8(ascii: "a") && self | 0x20 <= UInt8(ascii: "z")) || self == UInt8(ascii: "_")
  }
  fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
  fileprivate var isHexDigit: Bool {
    isDigit || (self | 0x20 >= UInt8(ascii: "a") && self | 0x20 <= UInt8(ascii: "f"))
  }
}
