/// A JSON value (RFC 8259) whose numbers are what was written: a whole number of 64 bits is an integer, and
/// any other keeps its digits.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int64)
  /// A number with a fraction or an exponent, or beyond 64 bits.
  case decimal(JSONDecimal)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// A finite number; whole ones that fit become integers.
  ///
  /// - Returns: nil for an infinite one and for what is no number.
  public init?(_ number: Double) {
    guard number.isFinite else { return nil }
    if let whole = Int64(exactly: number) {
      self = .integer(whole)
    } else if let decimal = JSONDecimal("\(number)") {
      self = .decimal(decimal)
    } else {
      return nil
    }
  }

  /// A string's text.
  public var text: String? { if case .string(let text) = self { text } else { nil } }
  /// A boolean's value.
  public var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  /// An array's elements.
  public var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
  /// An object's members.
  public var members: JSONObject? { if case .object(let members) = self { members } else { nil } }

  /// A whole number of 64 bits, however it is written: 1, 1.0 and 1e0 are the same one.
  public var whole: Int64? {
    switch self {
    case .integer(let number): number
    case .decimal(let number): number.whole
    default: nil
    }
  }

  /// The nearest floating-point number.
  public var double: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .decimal(let number): number.double
    default: nil
    }
  }

  /// A member of an object; nil where it has none of that name, and where this is no object.
  public subscript(key: String) -> JSONValue? { members?[key] }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(nilLiteral: ()) { self = .null }

  /// Of members with the same name the last one stays.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements))
  }
}

/// A number as it is written, which neither 64 bits nor a floating-point number can hold exactly.
public struct JSONDecimal: Sendable, Equatable {
  /// The number as RFC 8259 writes one.
  public let text: String

  /// - Returns: nil where `text` is no number of RFC 8259.
  public init?(_ text: String) {
    guard text.utf8.allSatisfy({ $0 > 0x20 }),
      let value = try? JSONReader.read(Array(text.utf8), limits: JSONLimits())
    else { return nil }
    switch value {
    case .integer, .decimal: self.text = text
    default: return nil
    }
  }

  init(checked text: String) { self.text = text }

  /// The nearest floating-point number; nil where it is beyond all of them.
  public var double: Double? { Double(text).flatMap { $0.isFinite ? $0 : nil } }

  /// The same number as 64 bits; nil where it is no whole one, or beyond them.
  public var whole: Int64? {
    let parts = text.lowercased().split(separator: "e", maxSplits: 1)
    guard let mantissa = parts.first else { return nil }
    let isNegative = mantissa.hasPrefix("-")
    let halves = mantissa.drop { $0 == "-" }.split(separator: ".", maxSplits: 1)
    let fraction = halves.count > 1 ? halves[1] : ""
    var digits = String(((halves.first ?? "") + fraction).drop { $0 == "0" })
    if digits.isEmpty { return 0 }
    let exponent = parts.count > 1 ? Int(parts[1]) : 0
    guard var scale = exponent, (-(1 << 32)...(1 << 32)).contains(scale) else { return nil }
    scale -= fraction.count
    while digits.hasSuffix("0") {
      digits.removeLast()
      scale += 1
    }
    guard scale >= 0, digits.count + scale <= 19 else { return nil }
    return Int64((isNegative ? "-" : "") + digits + String(repeating: "0", count: scale))
  }
}
