/// Where lines go.
public enum LogSink: Sendable, Equatable {
  /// The process's standard error.
  case standardError
  /// A descriptor that stays the caller's own and has to stay open until the writer is shut down.
  case fileDescriptor(Int32)
  /// A file in append mode. It is created with permissions 0640 if need be, and opened again when it was
  /// renamed or deleted. A half line that an earlier process left at its end is closed by a newline.
  case file(path: String, rotation: LogFileRotation = .none)

  /// Whether lines are for programs only, whatever the format that was asked for.
  var isFile: Bool {
    if case .file = self { return true }
    return false
  }
}

/// When a file is set aside: `log` becomes `log.1`, `log.1` becomes `log.2`, and what is too old goes.
public struct LogFileRotation: Sendable, Equatable {
  /// The size, in bytes, that a file does not grow past, as long as no single line is longer.
  public var maximumBytes: Int
  /// How many files are kept beside the current one; at least 1.
  public var keep: Int

  public init(maximumBytes: Int, keep: Int) {
    self.maximumBytes = max(1, maximumBytes)
    self.keep = max(1, keep)
  }

  /// Rotation is left to others, logrotate for instance.
  public static let none = LogFileRotation(maximumBytes: .max, keep: 1)
}
