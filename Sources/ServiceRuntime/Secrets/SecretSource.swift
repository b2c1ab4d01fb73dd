/// Where a credential comes from: a file now, a vault later.
///
/// A holder asks each time it needs the value and never keeps it, so that a rotated credential takes effect
/// without a restart.
public protocol SecretSource: Sendable {
  /// The current value.
  func secret() throws(SecretError) -> Secret
}

/// Why a credential could not be had. Never carries any part of the value.
public enum SecretError: Error, Equatable, CustomStringConvertible {
  /// The file does not exist or may not be read.
  case unreadable(path: String, reason: String)
  /// The file is larger than `limit` bytes.
  case tooLarge(path: String, limit: Int)
  /// There is nothing in the file but white space.
  case empty(path: String)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "cannot read the secret file \(path): \(reason)"
    case .tooLarge(let path, let limit): "the secret file \(path) is larger than \(limit) bytes"
    case .empty(let path): "the secret file \(path) is empty"
    }
  }
}

/// A credential that is already in memory, as one from an environment variable.
public struct FixedSecretSource: SecretSource {
  private let value: Secret

  public init(_ value: Secret) {
    self.value = value
  }

  public func secret() throws(SecretError) -> Secret { value }
}
