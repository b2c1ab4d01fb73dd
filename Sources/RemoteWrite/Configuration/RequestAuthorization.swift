import Foundation

/// How a request proves who sends it. Secrets are read for each request, so that a file that changes counts at once.
public enum RequestAuthorization: Sendable, Equatable, CustomStringConvertible {
  case basic(user: String, password: SecretText)
  /// With its type, such as `Bearer`.
  case token(type: String, SecretText)

  /// The value of the header `Authorization`.
  ///
  /// - Throws: ``SecretText/Unreadable`` where a file is not there or too large.
  public func header() throws -> String {
    switch self {
    case .basic(let user, let password):
      "Basic " + Data("\(user):\(try password.read())".utf8).base64EncodedString()
    case .token(let type, let secret): "\(type) \(try secret.read())"
    }
  }

  public var description: String {
    switch self {
    case .basic: "basic"
    case .token(let type, _): type
    }
  }
}

/// A secret or the file that holds it. It does not show itself.
public enum SecretText: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
  case text(String)
  case file(String)

  public struct Unreadable: Error, CustomStringConvertible {
    let path: String
    public var description: String { "the secret of \(path) cannot be read" }
  }

  func read() throws -> String {
    switch self {
    case .text(let text): return text
    case .file(let path):
      guard let handle = FileHandle(forReadingAtPath: path) else { throw Unreadable(path: path) }
      defer { try? handle.close() }
      guard let bytes = try handle.read(upToCount: 65_537), bytes.count <= 65_536 else {
        throw Unreadable(path: path)
      }
      return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }

  public var description: String { if case .file(let path) = self { path } else { "redacted" } }
  public var debugDescription: String { description }
}
