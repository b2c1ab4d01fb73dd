/// What a line is, as JSON.
enum JSONScan: Equatable {
  /// An object, and which of the keys that matter it has at its top.
  case object(JSONKeys)
  /// It does not begin as an object does.
  case text
  /// It does, and is none.
  case invalid(JSONFault)
}

/// Keys at the top of an object that the shipper would else put there.
struct JSONKeys: OptionSet, Equatable {
  let rawValue: UInt8

  static let timestamp = JSONKeys(rawValue: 1)
  static let path = JSONKeys(rawValue: 2)
  static let offset = JSONKeys(rawValue: 4)
  static let message = JSONKeys(rawValue: 8)
  /// It has no keys.
  static let empty = JSONKeys(rawValue: 16)
  static let dataStream = JSONKeys(rawValue: 32)
  static let stream = JSONKeys(rawValue: 64)
  static let container = JSONKeys(rawValue: 128)

  private static let known: [(name: StaticString, key: JSONKeys)] = [
    ("@timestamp", .timestamp), ("log.file.path", .path), ("log.offset", .offset), ("message", .message),
    ("log.data_stream", .dataStream), ("log.iostream", .stream), ("container.id", .container),
  ]

  /// The one with this name, as it stands between its quotes.
  @inline(__always)
  static func named(_ name: UnsafeRawBufferPointer) -> JSONKeys {
    for (known, key) in known where known.utf8CodeUnitCount == name.count {
      let isSame = name.elementsEqual(UnsafeBufferPointer(start: known.utf8Start, count: name.count))
      if isSame { return key }
    }
    return []
  }
}

/// Where JSON stops being JSON.
struct JSONFault: Equatable, Error {
  enum Kind: String {
    case syntax = "invalid JSON"
    case encoding = "invalid UTF-8"
    case depth = "JSON that is nested too deep"
  }

  var kind: Kind
  /// In bytes from the start of the line.
  var offset: Int

  var description: String { "\(kind.rawValue) at byte \(offset)" }
}

/// Checks that bytes are one JSON object by RFC 8259, in UTF-8, without building it.
struct JSONValidator {
  /// Deeper ones are refused by what indexes them, too.
  static let deepest = 128

  private let bytes: UnsafeRawBufferPointer
  private var index = 0
  /// Whether the fields are wanted that name a data stream.
  private let findsStream: Bool
  private var fields = StreamFields()
  /// Which of them the next value is.
  private var awaited = StreamFields.Name.none
  /// The key at the top of the object whose value is being read.
  private var parent = StreamFields.Name.none

  static func scan(_ bytes: UnsafeRawBufferPointer) -> JSONScan {
    var validator = JSONValidator(bytes, findsStream: false)
    return validator.scan()
  }

  /// - Parameter fields: where the line names a data stream, where it is an object.
  static func scan(_ bytes: UnsafeRawBufferPointer, _ fields: inout StreamFields) -> JSONScan {
    var validator = JSONValidator(bytes, findsStream: true)
    defer { fields = validator.fields }
    return validator.scan()
  }

  private mutating func scan() -> JSONScan {
    skipSpace()
    guard byte == UInt8(ascii: "{") else { return .text }
    do throws(JSONFault) {
      let keys = try object()
      skipSpace()
      guard index == bytes.count else { throw fault() }
      return .object(keys)
    } catch {
      return .invalid(error)
    }
  }

  private init(_ bytes: UnsafeRawBufferPointer, findsStream: Bool) {
    self.bytes = bytes
    self.findsStream = findsStream
  }

  private var byte: UInt8? { index < bytes.count ? bytes[index] : nil }

  private func fault(_ kind: JSONFault.Kind = .syntax) -> JSONFault { JSONFault(kind: kind, offset: index) }

  @inline(__always)
  private mutating func skipSpace() {
    while index < bytes.count {
      let byte = bytes[index]
      guard byte == 32 || byte == 9 || byte == 10 || byte == 13 else { return }
      index += 1
    }
  }

  /// The whole object, with all that is in it; what is open stands in a stack of bits.
  private mutating func object() throws(JSONFault) -> JSONKeys {
    var keys: JSONKeys = .empty
    var isObject: (UInt64, UInt64) = (0, 0)
    var depth = 0
    func isInObject(_ depth: Int) -> Bool {
      depth <= 64 ? isObject.0 >> UInt64(depth - 1) & 1 == 1 : isObject.1 >> UInt64(depth - 65) & 1 == 1
    }
    while true {
      // Here a value begins.
      skipSpace()
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        let opens = byte == UInt8(ascii: "{")
        guard depth < Self.deepest else { throw fault(.depth) }
        depth += 1
        note(.other)
        let bit = UInt64(1) << UInt64((depth - 1) % 64)
        if depth <= 64 {
          isObject.0 = opens ? isObject.0 | bit : isObject.0 & ~bit
        } else {
          isObject.1 = opens ? isObject.1 | bit : isObject.1 & ~bit
        }
        index += 1
        skipSpace()
        if byte == (opens ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
          index += 1
          depth -= 1
        } else if opens {
          keys.formUnion(try key(depth))
          if depth == 1 { keys.remove(.empty) }
          continue
        } else {
          continue
        }
      case UInt8(ascii: "\""): note(.text(try string()))
      case UInt8(ascii: "t"):
        try literal("true")
        note(.other)
      case UInt8(ascii: "f"):
        try literal("false")
        note(.other)
      case UInt8(ascii: "n"):
        try literal("null")
        note(.absent)
      default:
        try number()
        note(.other)
      }
      // Here one has ended.
      while true {
        guard depth > 0 else { return keys }
        skipSpace()
        let inObject = isInObject(depth)
        if byte == UInt8(ascii: ",") {
          index += 1
          skipSpace()
          if inObject { keys.formUnion(try key(depth)) }
          break
        }
        guard byte == (inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { throw fault() }
        index += 1
        depth -= 1
      }
    }
  }

  @inline(__always)
  private mutating func key(_ depth: Int) throws(JSONFault) -> JSONKeys {
    guard byte == UInt8(ascii: "\"") else { throw fault() }
    let name = try string()
    skipSpace()
    guard byte == UInt8(ascii: ":") else { throw fault() }
    index += 1
    guard depth <= 2 else { return [] }
    let key = UnsafeRawBufferPointer(rebasing: bytes[name])
    if findsStream {
      awaited = depth == 1 ? StreamFields.named(key) : StreamFields.named(key, in: parent)
      if depth == 1 { parent = awaited }
    }
    return depth == 1 ? .named(key) : []
  }

  /// Takes the value that a field was awaited of.
  @inline(__always)
  private mutating func note(_ value: StreamFields.Value) {
    guard awaited != .none else { return }
    fields.set(awaited, value)
    awaited = .none
  }

  /// - Returns: what stands between the quotes.
  @inline(__always)
  private mutating func string() throws(JSONFault) -> Range<Int> {
    index += 1
    let start = index
    while index < bytes.count {
      index = PlainBytes.end(in: bytes, from: index)
      guard index < bytes.count else { break }
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        index += 1
        return start..<index - 1
      } else if byte == UInt8(ascii: "\\") {
        try escape()
      } else if byte >= 0x80 {
        guard let length = UTF8Bytes.length(in: bytes, at: index) else { throw fault(.encoding) }
        index += length
      } else if byte < 0x20 {
        throw fault()
      } else {
        index += 1
      }
    }
    throw fault()
  }

  private mutating func escape() throws(JSONFault) {
    index += 1
    guard let byte else { throw fault() }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return
    case UInt8(ascii: "u"):
      for _ in 0..<4 {
        guard let digit = self.byte, Self.isHexadecimal(digit) else { throw fault() }
        index += 1
      }
    default:
      index -= 1
      throw fault()
    }
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }

  private mutating func literal(_ name: StaticString) throws(JSONFault) {
    for offset in 0..<name.utf8CodeUnitCount {
      guard byte == name.utf8Start[offset] else { throw fault() }
      index += 1
    }
  }

  private mutating func number() throws(JSONFault) {
    if byte == UInt8(ascii: "-") { index += 1 }
    if byte == UInt8(ascii: "0") {
      index += 1
    } else {
      try digits()
    }
    if byte == UInt8(ascii: ".") {
      index += 1
      try digits()
    }
    if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
      index += 1
      if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { index += 1 }
      try digits()
    }
  }

  /// At least one.
  private mutating func digits() throws(JSONFault) {
    let start = index
    while let byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { index += 1 }
    guard index > start else { throw fault() }
  }
}
