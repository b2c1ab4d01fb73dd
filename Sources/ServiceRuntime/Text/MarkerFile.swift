/// A file that says something by being there, and may say more by what is in it.
public struct MarkerFile: Sendable, Hashable {
  /// What is read of it, bytes.
  public static let maximumBytes = 4_096

  public let path: String
  public init(path: String) { self.path = path }

  /// Whether there is anything under that name, of whatever kind and readable or not.
  public var exists: Bool { FileExistence.exists(path) }

  /// What is in it, without white space at its ends and with what is no text replaced; nil where it is empty, too long,
  /// unreadable, or no regular file. Does not wait, whatever it is.
  public var text: String? {
    guard let bytes = try? BoundedFile(path: path, maximumBytes: Self.maximumBytes).bytes else { return nil }
    let text = String(decoding: bytes.trimmingASCIIWhitespace(), as: UTF8.self)
    return text.isEmpty ? nil : text
  }
}
