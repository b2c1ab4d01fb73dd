/// Why an operation did not do what it was asked.
public struct OperationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What a program can act on. On the wire in snake case.
  public enum Code: String, Sendable, Codable, CaseIterable {
    /// The input does not parse or makes no sense: 400.
    case invalidInput = "invalid_input"
    /// What the input names does not exist: 404.
    case notFound = "not_found"
    /// The state does not allow it now: 409.
    case conflict
    /// Something that it needs is out of reach: 503.
    case unavailable
    /// A defect: 500.
    case `internal`

    /// The HTTP status that stands for it.
    public var httpStatus: Int {
      switch self {
      case .invalidInput: 400
      case .notFound: 404
      case .conflict: 409
      case .unavailable: 503
      case .internal: 500
      }
    }
  }

  public let code: Code
  /// One line for people: what is wrong, and the way out.
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public static func invalidInput(_ message: String) -> Self { Self(.invalidInput, message) }
  public static func notFound(_ message: String) -> Self { Self(.notFound, message) }
  public static func conflict(_ message: String) -> Self { Self(.conflict, message) }
  public static func unavailable(_ message: String) -> Self { Self(.unavailable, message) }
  public static func `internal`(_ message: String) -> Self { Self(.internal, message) }

  public var description: String { "\(code.rawValue): \(message)" }
}
