/// What names a request, or a request's progress: a string or a whole number, and never null.
public enum RequestID: Sendable, Hashable, CustomStringConvertible {
  case integer(Int64)
  case string(String)

  /// - Returns: nil where `value` is neither.
  init?(_ value: JSONValue) {
    if let text = value.text {
      self = .string(text)
    } else if let number = value.whole {
      self = .integer(number)
    } else {
      return nil
    }
  }

  /// As it goes over the wire.
  public var json: JSONValue {
    switch self {
    case .integer(let number): .integer(number)
    case .string(let text): .string(text)
    }
  }

  public var description: String { json.encodedText }
}
