/// A credential that cannot be printed.
///
/// Every road from a value to text leads to `<redacted>`: string interpolation, `print`, `dump`, a mirror,
/// a debugger's description and `Encodable`. The only way in is ``withExposed(_:)``, which is easy to find
/// in a review.
///
/// `==` takes time that depends on the lengths alone, never on where two values differ, so that a caller
/// who may try again and again cannot guess a token byte by byte.
public struct Secret: Sendable {
  private let bytes: [UInt8]

  /// What stands in place of the value wherever text is asked for.
  public static let redacted = "<redacted>"

  /// Wraps the UTF-8 bytes of `text`.
  public init(_ text: String) {
    self.bytes = Array(text.utf8)
  }

  /// Wraps raw bytes.
  public init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Whether there is nothing in it.
  public var isEmpty: Bool { bytes.isEmpty }

  /// Hands the value to `body` as text; bytes that are no UTF-8 are replaced by U+FFFD.
  public func withExposed<Result, Failure: Error>(
    _ body: (String) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(String(decoding: bytes, as: UTF8.self))
  }

  /// Hands the raw bytes to `body`.
  public func withExposedBytes<Result, Failure: Error>(
    _ body: ([UInt8]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(bytes)
  }
}

extension Secret: Equatable {
  /// Compares in a time that depends on the length of `rhs` alone.
  public static func == (lhs: Secret, rhs: Secret) -> Bool {
    var difference = lhs.bytes.count ^ rhs.bytes.count
    for index in rhs.bytes.indices {
      let known = index < lhs.bytes.count ? lhs.bytes[index] : 0
      difference |= Int(known ^ rhs.bytes[index])
    }
    return difference == 0
  }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { Self.redacted }
  public var debugDescription: String { Self.redacted }
  public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

extension Secret: Codable {
  /// Reads a plain string, and refuses the placeholder that ``encode(to:)`` writes: a secret that went
  /// through a log or a report is gone, and must not come back as the literal `<redacted>`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard text != Self.redacted else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a redacted secret cannot be read back")
    }
    self.init(text)
  }

  /// Writes `<redacted>`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(Self.redacted)
  }
}
