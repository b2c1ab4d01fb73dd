/// Decodes a value from query items: each text is read as the type that the field declares.
///
/// A repeated name is an error for a single value and an element each for an array. An empty value is
/// absent for an optional that is not a string.
struct QueryDecoder: Decoder {
  let values: [String: [String]]
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  init(items: [QueryItem]) {
    values = Dictionary(items.map { ($0.name, [$0.value]) }, uniquingKeysWith: +)
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(Keyed<Key>(values: values))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    throw QueryScalarDecoder.refusal("a query holds named values", [])
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    throw QueryScalarDecoder.refusal("a query holds named values", [])
  }

  private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let values: [String: [String]]
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { values.keys.sorted().compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { values[key.stringValue] != nil }

    func decodeNil(forKey key: Key) throws -> Bool {
      guard let texts = values[key.stringValue] else { return true }
      return texts == [""]
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
      guard let texts = values[key.stringValue] else {
        throw DecodingError.keyNotFound(key, .init(codingPath: [], debugDescription: "missing"))
      }
      return try T(from: QueryScalarDecoder(texts: texts, codingPath: [key]))
    }

    /// An empty text is a text; for every other type the default asks ``decodeNil(forKey:)`` first.
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
      contains(key) ? try decode(type, forKey: key) : nil
    }

    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
      throw QueryScalarDecoder.refusal("a query cannot hold an object", [key])
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      try QueryScalarDecoder(texts: values[key.stringValue] ?? [], codingPath: [key]).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { throw QueryScalarDecoder.refusal("unsupported", []) }

    func superDecoder(forKey key: Key) throws -> any Decoder {
      throw QueryScalarDecoder.refusal("unsupported", [key])
    }
  }
}
