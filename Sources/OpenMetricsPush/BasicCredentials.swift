import Foundation

/// A user and a password that cannot be printed: text, mirrors and dumps show the user alone.
///
/// Source: RFC 7617
public struct BasicCredentials: Sendable {
  public let user: String
  private let password: String

  /// - Parameters:
  ///   - user: without a colon and control characters, which the header could not carry.
  ///   - password: without control characters.
  /// - Throws: ``PushError/invalidCredentials(_:)``.
  public init(user: String, password: String) throws(PushError) {
    guard !user.contains(":") else { throw .invalidCredentials("the user has a colon") }
    guard (user.utf8 + Array(password.utf8)).allSatisfy({ $0 >= 32 && $0 != 127 }) else {
      throw .invalidCredentials("control characters")
    }
    self.user = user
    self.password = password
  }

  /// The value of the header `Authorization`.
  var authorization: String { "Basic " + Data("\(user):\(password)".utf8).base64EncodedString() }
}

extension BasicCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "\(user):<redacted>" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: ["user": user]) }
}
