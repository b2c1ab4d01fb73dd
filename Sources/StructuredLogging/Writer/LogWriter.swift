import Glibc
public import Logging
import Synchronization

/// Takes log lines and writes them to sinks, on a dedicated thread for each, so that a slow sink delays neither
/// the caller nor another sink.
///
/// - A caller copies its line into a bounded buffer under a short lock. It never waits for I/O.
/// - Whole lines only: what is full drops the newest line as a whole and counts it, by reason.
/// - A line that a sink took half is completed, or closed by a newline, before anything else.
///
/// The writer ends with ``shutdown()`` or with its last reference; both flush.
public final class LogWriter: Sendable {
  public let options: LogWriterOptions
  let channels: [SinkChannel]
  /// Whether there are sinks that get lines in the format that was asked for, and sinks that get JSON only.
  let hasStreams: Bool
  let hasFiles: Bool
  private let levels = LevelCounters()

  enum Audience {
    case all
    case streams
    case files
  }

  /// - Throws: ``LogWriterError`` for an option out of range, an empty list, or a resource that the system
  ///   refuses. A file that cannot be opened is not an error: it is tried again and shows in ``statistics``.
  public init(sinks: [LogSink], options: LogWriterOptions = LogWriterOptions()) throws(LogWriterError) {
    try options.validate()
    guard !sinks.isEmpty else { throw .noSinks }
    self.options = options
    self.hasFiles = sinks.contains(where: \.isFile)
    self.hasStreams = !sinks.allSatisfy(\.isFile)
    var channels: [SinkChannel] = []
    for sink in sinks { channels.append(try SinkChannel(sink, options: options)) }
    self.channels = channels
    do {
      for channel in channels { try SinkDrainer.start(channel) }
    } catch {
      for channel in channels { channel.stop() }
      throw error
    }
  }

  deinit { shutdown() }

  // MARK: Writing

  /// Hands a line to every sink. Does not block.
  ///
  /// - Parameters:
  ///   - line: One line without its newline, UTF-8. A newline in it, none at all in it, or more than the
  ///     maximum of bytes make it an `invalid_line`.
  ///   - level: What the line is counted as; error and critical are written without delay.
  /// - Returns: Whether every sink's buffer took it; what was not taken is counted.
  @discardableResult
  public func write(_ line: UnsafeRawBufferPointer, level: Logger.Level) -> Bool {
    levels.count(level)
    return send(line, level: level, to: .all)
  }

  /// Hands a line to every sink. See ``write(_:level:)-(UnsafeRawBufferPointer,_)``.
  @discardableResult
  public func write(_ line: String, level: Logger.Level) -> Bool {
    var line = line
    return line.withUTF8 { write(UnsafeRawBufferPointer($0), level: level) }
  }

  func count(_ level: Logger.Level) { levels.count(level) }

  @discardableResult
  func send(_ line: UnsafeRawBufferPointer, level: Logger.Level, to audience: Audience) -> Bool {
    let isValid = !line.isEmpty && line.count < options.maximumLineBytes && !line.containsNewline
    var isTaken = true
    for channel in channels {
      switch audience {
      case .all: break
      case .streams: if channel.sink.isFile { continue }
      case .files: if !channel.sink.isFile { continue }
      }
      if isValid {
        isTaken = channel.enqueue(line, isUrgent: level >= .error) && isTaken
      } else {
        channel.drop(.invalidLine)
        isTaken = false
      }
    }
    return isTaken
  }

  // MARK: Flushing and ending

  /// Waits until all earlier lines reached their sinks (or were given up by a sink that failed).
  ///
  /// - Returns: False if they did not within `timeout`, or the task was cancelled meanwhile.
  @discardableResult
  public func flush(timeout: Duration) async -> Bool {
    let ends = channels.map { $0.hurry() }
    let deadline = ContinuousClock.now + timeout
    // Flushes are rare and short; asking every millisecond needs nothing from the draining threads.
    while !isDelivered(ends) {
      guard ContinuousClock.now < deadline else { return false }
      do { try await Task.sleep(for: .milliseconds(1)) } catch { return isDelivered(ends) }
    }
    return true
  }

  /// As ``flush(timeout:)``, for exits and other places that are not asynchronous; blocks the thread.
  @discardableResult
  public func flushBlocking(timeout: Duration) -> Bool {
    let ends = channels.map { $0.hurry() }
    return Self.block(atMost: timeout) { isDelivered(ends) }
  }

  /// Flushes for at most ``LogWriterOptions/shutdownTimeout`` and ends the threads. Blocks the thread; can be
  /// called any number of times. Later lines are counted as dropped.
  public func shutdown() {
    for channel in channels { channel.stop() }
    // The threads end by themselves at their timeout; the extra second only bounds a disk that hangs.
    _ = Self.block(atMost: options.shutdownTimeout + .seconds(1)) {
      channels.allSatisfy { $0.isFinished.load(ordering: .acquiring) }
    }
  }

  private func isDelivered(_ ends: [Int]) -> Bool {
    zip(channels, ends).allSatisfy { $0.isDelivered(upTo: $1) }
  }

  private static func block(atMost timeout: Duration, until condition: () -> Bool) -> Bool {
    let deadline = MonotonicTime.now() + timeout.clampedNanoseconds
    while !condition() {
      guard MonotonicTime.now() < deadline else { return false }
      var pause = timespec(tv_sec: 0, tv_nsec: 500_000)
      nanosleep(&pause, nil)
    }
    return true
  }

  /// What became of the lines so far; cheap enough for every scrape and health check.
  public var statistics: LogStatistics {
    LogStatistics(sinks: channels.map(\.statistics), linesByLevel: levels.snapshot)
  }

  /// Whether there are streams, and all of them are terminals.
  public var isTerminal: Bool {
    hasStreams
      && channels.allSatisfy {
        switch $0.sink {
        case .standardError: isatty(STDERR_FILENO) == 1
        case .fileDescriptor(let descriptor): isatty(descriptor) == 1
        case .file: true
        }
      }
  }
}

extension UnsafeRawBufferPointer {
  fileprivate var containsNewline: Bool {
    guard let baseAddress else { return false }
    return memchr(baseAddress, 0x0A, count) != nil
  }
}
