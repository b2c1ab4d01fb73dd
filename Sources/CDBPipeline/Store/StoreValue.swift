/// A value of a store's row, in the types that both kinds of store have.
public enum StoreValue: Sendable, Hashable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case bytes([UInt8])

  /// As a digest and a person read it; nothing for NULL.
  public var text: String {
    switch self {
    case .null: ""
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    case .text(let value): value
    case .bytes(let value): AuditChain.hexadecimal(value)
    }
  }

  /// An event's key or a number that has no sign in the domain, by its bits.
  static func bits(_ value: UInt64) -> StoreValue { .integer(Int64(bitPattern: value)) }

  static func optional(_ value: Int64?) -> StoreValue { value.map(StoreValue.integer) ?? .null }

  /// Text that every store takes: PostgreSQL has no U+0000, and SQLite's ends there when it is read.
  static func storable(_ value: String) -> StoreValue {
    .text(
      value.utf8.contains(0)
        ? String(value.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : Character($0) }) : value)
  }
}

/// A column of a store that does not hold what the schema says: somebody has changed it.
struct UnexpectedValue: Error, CustomStringConvertible {
  var column: Int
  var value: String
  var description: String {
    "the store has \(value) in column \(column + 1), where something else belongs: it was changed by hand"
  }
}

/// What a column can be read as.
public protocol StoreReadable {
  init?(_ value: StoreValue)
}

extension Int64: StoreReadable {
  public init?(_ value: StoreValue) {
    guard case .integer(let number) = value else { return nil }
    self = number
  }
}

extension Int: StoreReadable {
  public init?(_ value: StoreValue) {
    guard case .integer(let number) = value else { return nil }
    self = Int(clamping: number)
  }
}

extension UInt64: StoreReadable {
  /// A count; negative ones are none.
  public init?(_ value: StoreValue) {
    guard case .integer(let number) = value, number >= 0 else { return nil }
    self = UInt64(number)
  }
}

extension Bool: StoreReadable {
  public init?(_ value: StoreValue) {
    guard case .integer(let number) = value else { return nil }
    self = number != 0
  }
}

extension String: StoreReadable {
  public init?(_ value: StoreValue) {
    guard case .text(let text) = value else { return nil }
    self = text
  }
}

extension [UInt8]: StoreReadable {
  public init?(_ value: StoreValue) {
    guard case .bytes(let bytes) = value else { return nil }
    self = bytes
  }
}

extension Optional: StoreReadable where Wrapped: StoreReadable {
  public init?(_ value: StoreValue) {
    if case .null = value {
      self = .none
    } else if let wrapped = Wrapped(value) {
      self = .some(wrapped)
    } else {
      return nil
    }
  }
}

/// A row that was read.
public struct StoreRow: Sendable, Hashable {
  public var values: [StoreValue]

  public init(_ values: [StoreValue]) { self.values = values }

  /// - Throws: where the column is none, or holds something else.
  public subscript<Value: StoreReadable>(_ column: Int) -> Value {
    get throws {
      guard values.indices.contains(column) else { throw UnexpectedValue(column: column, value: "nothing") }
      guard let value = Value(values[column]) else {
        throw UnexpectedValue(column: column, value: values[column].text)
      }
      return value
    }
  }
}
