/// A value that goes to the server beside its statement, never inside it.
public struct PostgresParameter: Sendable {
  /// The server's number for the type; zero where it shall find out.
  let type: UInt32
  let isBinary: Bool
  /// Nil is NULL. What is text ends with a zero.
  let bytes: [UInt8]?

  private init(_ type: UInt32, binary: Bool, _ bytes: [UInt8]?) {
    self.type = type
    isBinary = binary
    self.bytes = bytes
  }

  public static let null = Self(0, binary: false, nil)

  public static func integer(_ value: Int64) -> Self {
    Self(20, binary: true, Array(bigEndian: UInt64(bitPattern: value)))
  }

  public static func real(_ value: Double) -> Self {
    Self(701, binary: true, Array(bigEndian: value.bitPattern))
  }

  /// Without U+0000, which the server does not store.
  public static func text(_ value: String) -> Self { Self(25, binary: true, Array(value.utf8)) }

  public static func bytes(_ value: [UInt8]) -> Self { Self(17, binary: true, value) }

  /// A `bigint[]`.
  public static func integers(_ values: [Int64?]) -> Self {
    array(1016, of: 20, values, size: 12 * values.count) { $1.append(bigEndian: UInt64(bitPattern: $0)) }
  }

  /// A `text[]`.
  public static func texts(_ values: [String?]) -> Self {
    array(1009, of: 25, values, size: 40 * values.count) { $1.append(contentsOf: $0.utf8) }
  }

  /// A `bytea[]`.
  public static func blobs(_ values: [[UInt8]?]) -> Self {
    array(1001, of: 17, values, size: 40 * values.count) { $1.append(contentsOf: $0) }
  }

  /// The server's binary form of an array: dimensions, whether it has NULLs, the elements' type, count, first index, and
  /// each element behind its length.
  private static func array<Element>(
    _ type: UInt32, of element: UInt32, _ values: [Element?], size: Int,
    _ append: (Element, inout [UInt8]) -> Void
  ) -> Self {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(20 + size)
    bytes.append(bigEndian: UInt32(values.isEmpty ? 0 : 1))
    bytes.append(bigEndian: UInt32(values.contains { $0 == nil } ? 1 : 0))
    bytes.append(bigEndian: element)
    if !values.isEmpty {
      bytes.append(bigEndian: UInt32(values.count))
      bytes.append(bigEndian: UInt32(1))
    }
    for value in values {
      let start = bytes.count
      bytes.append(bigEndian: UInt32.max)
      guard let value else { continue }
      append(value, &bytes)
      let length = UInt32(bytes.count - start - 4)
      for index in 0..<4 {
        bytes[start + index] = UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32(index)))
      }
    }
    return Self(type, binary: true, bytes)
  }
}

extension [UInt8] {
  init(bigEndian value: some FixedWidthInteger) {
    self = []
    append(bigEndian: value)
  }

  mutating func append(bigEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }
}

/// A statement with its values, `$1` being the first.
public struct PostgresStatement: Sendable {
  public var sql: String
  public var parameters: [PostgresParameter]
  /// Whether the server parses it once for the life of the connection.
  public var isPrepared: Bool

  public init(_ sql: String, _ parameters: [PostgresParameter] = [], isPrepared: Bool = false) {
    self.sql = sql
    self.parameters = parameters
    self.isPrepared = isPrepared
  }
}
