/// The bounds of a ``LogWriter``.
public struct LogWriterOptions: Sendable, Equatable {
  /// Lines that wait for one sink, in bytes. What comes when it is full is dropped and counted. At least
  /// twice `maximumLineBytes`. The memory is only touched as far as it is used.
  public var capacityBytes: Int
  /// The longest line, newline included: 4096 bytes or more. Longer values are cut and flagged.
  public var maximumLineBytes: Int
  /// How long lines of a steady flow are gathered into one write. The first line after a pause, and one of
  /// level error or critical, is written at once.
  public var flushInterval: Duration
  /// How long a file that cannot be written (no space, no directory) is left alone before the next attempt.
  public var retryInterval: Duration
  /// How long ``LogWriter/shutdown()`` waits for a sink that does not take its lines.
  public var shutdownTimeout: Duration

  public init(
    capacityBytes: Int = 4 << 20,
    maximumLineBytes: Int = 64 << 10,
    flushInterval: Duration = .milliseconds(50),
    retryInterval: Duration = .milliseconds(250),
    shutdownTimeout: Duration = .seconds(2)
  ) {
    self.capacityBytes = capacityBytes
    self.maximumLineBytes = maximumLineBytes
    self.flushInterval = flushInterval
    self.retryInterval = retryInterval
    self.shutdownTimeout = shutdownTimeout
  }

  func validate() throws(LogWriterError) {
    guard maximumLineBytes >= 4096 else {
      throw .invalidOption(
        name: "maximumLineBytes", reason: "is \(maximumLineBytes), has to be at least 4096")
    }
    guard capacityBytes >= 2 * maximumLineBytes, capacityBytes <= 1 << 40 else {
      throw .invalidOption(
        name: "capacityBytes",
        reason: "is \(capacityBytes), has to be from twice maximumLineBytes (\(maximumLineBytes)) to 1 TiB")
    }
    for (name, value) in [
      ("flushInterval", flushInterval), ("retryInterval", retryInterval),
      ("shutdownTimeout", shutdownTimeout),
    ] where value <= .zero || value > .seconds(3600) {
      throw .invalidOption(name: name, reason: "is \(value), has to be positive and at most an hour")
    }
  }
}

/// Why a ``LogWriter`` cannot be made.
public enum LogWriterError: Error, Equatable, CustomStringConvertible {
  case invalidOption(name: String, reason: String)
  case noSinks
  /// The system refused a resource: a descriptor or a thread.
  case system(operation: String, errorNumber: Int32)

  public var description: String {
    switch self {
    case .invalidOption(let name, let reason): "log writer: option \(name) \(reason)"
    case .noSinks: "log writer: no sink given; name at least one, standard error for instance"
    case .system(let operation, let number): "log writer: \(operation) failed: \(systemMessage(number))"
    }
  }
}
