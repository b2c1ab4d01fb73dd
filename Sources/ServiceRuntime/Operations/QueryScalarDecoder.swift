/// The texts of one name of a query, as one value or as an array.
struct QueryScalarDecoder: Decoder {
  let texts: [String]
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  static func refusal(_ problem: String, _ path: [any CodingKey]) -> DecodingError {
    .dataCorrupted(.init(codingPath: path, debugDescription: problem))
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    throw Self.refusal("a query cannot hold an object", codingPath)
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    Elements(texts: texts, codingPath: codingPath)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    guard texts.count == 1 else { throw Self.refusal("given more than once", codingPath) }
    return Single(text: texts[0], codingPath: codingPath)
  }

  private struct Single: SingleValueDecodingContainer {
    let text: String
    let codingPath: [any CodingKey]

    func decodeNil() -> Bool { false }

    func decode(_ type: String.Type) throws -> String { text }

    func decode(_ type: Bool.Type) throws -> Bool {
      switch text {
      case "true", "1", "": true
      case "false", "0": false
      default: throw mismatch(type)
      }
    }

    func decode(_ type: Double.Type) throws -> Double {
      guard let number = Double(text), number.isFinite else { throw mismatch(type) }
      return number
    }

    func decode(_ type: Float.Type) throws -> Float {
      guard let number = Float(text), number.isFinite else { throw mismatch(type) }
      return number
    }

    func decode<T: Decodable & FixedWidthInteger>(_ type: T.Type) throws -> T {
      guard let number = T(text) else { throw mismatch(type) }
      return number
    }

    func decode(_ type: Int.Type) throws -> Int { try integer(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
      try T(from: QueryScalarDecoder(texts: [text], codingPath: codingPath))
    }

    private func integer<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
      guard let number = T(text) else { throw mismatch(type) }
      return number
    }

    private func mismatch(_ type: any Any.Type) -> DecodingError {
      .typeMismatch(type, .init(codingPath: codingPath, debugDescription: "not a \(type)"))
    }
  }

  private struct Elements: UnkeyedDecodingContainer {
    let texts: [String]
    let codingPath: [any CodingKey]
    var currentIndex = 0
    var count: Int? { texts.count }
    var isAtEnd: Bool { currentIndex >= texts.count }

    mutating func decodeNil() throws -> Bool { false }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
      guard !isAtEnd else { throw QueryScalarDecoder.refusal("too few values", codingPath) }
      defer { currentIndex += 1 }
      return try T(from: QueryScalarDecoder(texts: [texts[currentIndex]], codingPath: codingPath))
    }

    mutating func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
      throw QueryScalarDecoder.refusal("a query cannot hold an object", codingPath)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
      throw QueryScalarDecoder.refusal("a query cannot hold an array of arrays", codingPath)
    }

    mutating func superDecoder() throws -> any Decoder {
      throw QueryScalarDecoder.refusal("unsupported", codingPath)
    }
  }
}
