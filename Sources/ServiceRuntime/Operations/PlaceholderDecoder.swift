/// A decoder that has a harmless value for everything that is asked for, and notes the names.
struct PlaceholderDecoder: Decoder {
  let recorder: ParameterRecorder
  var codingPath: [any CodingKey] = []
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(Keyed<Key>(recorder: recorder, codingPath: codingPath))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    recorder.isOpaque = true
    throw Self.refusal(codingPath)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    recorder.isOpaque = true
    throw Self.refusal(codingPath)
  }

  private static func refusal(_ path: [any CodingKey]) -> DecodingError {
    .dataCorrupted(.init(codingPath: path, debugDescription: "no placeholder"))
  }

  private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let recorder: ParameterRecorder
    let codingPath: [any CodingKey]
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }

    func decodeNil(forKey key: Key) throws -> Bool { false }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
      recorder.note(key.stringValue, type: type, required: true)
      return try placeholder(type, key)
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
      absent(type, key)
    }

    // The protocol has a default for each of these, which would ask `decode` and so look required.
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { absent(type, key) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { absent(type, key) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { absent(type, key) }
    func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? { absent(type, key) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { absent(type, key) }
    func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? { absent(type, key) }
    func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? { absent(type, key) }
    func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { absent(type, key) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { absent(type, key) }
    func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? { absent(type, key) }
    func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? { absent(type, key) }
    func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? { absent(type, key) }
    func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? { absent(type, key) }
    func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? { absent(type, key) }

    private func absent<T: Decodable>(_ type: T.Type, _ key: Key) -> T? {
      recorder.note(key.stringValue, type: type, required: false)
      return nil
    }

    private func placeholder<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T {
      let value: Any? =
        switch type {
        case is String.Type: ""
        case is Bool.Type: false
        case let integer as any BinaryInteger.Type: zero(integer)
        case let number as any BinaryFloatingPoint.Type: zero(number)
        case let choices as any CaseIterable.Type: first(choices)
        default: nil
        }
      if let value = value as? T { return value }
      if type is any ArrayMarker.Type, let empty = [Never]() as? T { return empty }
      // A nested object: its own fields are not parameters, so they go to a recorder that is dropped.
      return try T(from: PlaceholderDecoder(recorder: ParameterRecorder(), codingPath: codingPath + [key]))
    }

    private func zero<N: Numeric>(_ type: N.Type) -> N { .zero }

    private func first<C: CaseIterable>(_ type: C.Type) -> C? { type.allCases.first }

    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
      recorder.note(key.stringValue, type: NoInput.self, required: true)
      return try PlaceholderDecoder(recorder: ParameterRecorder()).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      throw PlaceholderDecoder.refusal(codingPath)
    }

    func superDecoder() throws -> any Decoder { throw PlaceholderDecoder.refusal(codingPath) }

    func superDecoder(forKey key: Key) throws -> any Decoder { throw PlaceholderDecoder.refusal(codingPath) }
  }
}
