public import Logging

/// Why a line was not written.
public enum LogDropReason: String, Sendable, CaseIterable {
  /// The sink took lines too slowly, and its buffer was full.
  case bufferFull = "buffer_full"
  /// The sink refused lines: no space left, a closed pipe, a directory that is gone.
  case sinkFailed = "sink_failed"
  /// The line came after the writer was shut down.
  case shutDown = "shut_down"
  /// The line contains a newline, is empty, or is longer than the maximum.
  case invalidLine = "invalid_line"
}

/// What became of the lines of one sink. Each line is in exactly one of written, dropped and pending.
public struct LogSinkStatistics: Sendable, Equatable {
  public var sink: LogSink
  public var linesWritten: UInt64
  public var bytesWritten: UInt64
  /// Accepted and waiting.
  public var linesPending: UInt64
  public var bytesPending: UInt64
  public var linesDropped: [LogDropReason: UInt64]
  /// The last failure of the sink, and nil again once it works.
  public var lastError: String?
  /// When bytes last reached the sink, in nanoseconds since the epoch.
  public var lastWriteNanoseconds: Int64?
}

/// What became of all lines: the sums over the sinks.
public struct LogStatistics: Sendable, Equatable {
  public var sinks: [LogSinkStatistics]
  /// The lines that were handed to the writer, each once however many sinks there are, by level.
  public var linesByLevel: [Logger.Level: UInt64]

  public var linesWritten: UInt64 { sinks.reduce(0) { $0 + $1.linesWritten } }
  public var bytesWritten: UInt64 { sinks.reduce(0) { $0 + $1.bytesWritten } }
  public var linesPending: UInt64 { sinks.reduce(0) { $0 + $1.linesPending } }
  public var bytesPending: UInt64 { sinks.reduce(0) { $0 + $1.bytesPending } }
  public var linesDropped: [LogDropReason: UInt64] {
    sinks.reduce(into: [:]) { $0.merge($1.linesDropped, uniquingKeysWith: +) }
  }
  /// A failure that a sink is in now.
  public var lastError: String? { sinks.lazy.compactMap(\.lastError).first }
  /// When bytes last reached any sink, in nanoseconds since the epoch.
  public var lastWriteNanoseconds: Int64? { sinks.lazy.compactMap(\.lastWriteNanoseconds).max() }
}
