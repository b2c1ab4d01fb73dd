/// Why a configuration cannot be used.
public struct ConfigurationFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file's path, where it was read from one.
  public internal(set) var file: String?
  /// Counted from 1; nil where no line is at fault.
  public let line: Int?
  /// Such as `scrape_configs[0].scrape_interval`.
  public let path: String
  public let reason: String

  init(line: Int?, path: String, reason: String) {
    self.line = line
    self.path = path
    self.reason = reason
  }

  public var description: String {
    (file.map { "\($0): " } ?? "") + (line.map { "line \($0): " } ?? "")
      + (path.isEmpty ? reason : "\(path): \(reason)")
  }
}

/// Something in a configuration that is not done, or that a person should know of.
public struct ConfigurationNotice: Sendable, Equatable, CustomStringConvertible {
  public let line: Int?
  public let path: String
  public let message: String

  public var description: String { (line.map { "line \($0): " } ?? "") + "\(path): \(message)" }
}
