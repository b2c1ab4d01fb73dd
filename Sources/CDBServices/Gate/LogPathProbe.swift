import CDBDomain
import CDBGate
import CDBPipeline
import Foundation
import Glibc
import Logging

/// Watches the way that log lines take: writes one, and reads the file that they end up in.
///
/// An actor, because it goes through the file once: what it has read is counted.
actor LogPathProbe {
  /// The longest that a line may take from the logger to the file.
  static let patience = Duration.seconds(2)
  /// The longest piece of the file that is read at once; what lies before it after a burst is passed over.
  static let maximumBytes: UInt64 = 4 << 20
  /// Errors that a line of the same reason and the outcome `success` says are over: they count no longer. All others count
  /// for as long as the window is.
  static let curable: Set<String> = ["checkpoint_failed"]
  /// The action that the canary's line names, so that searches can leave it out.
  static let action = "log_canary"

  private let path: String
  private let logger: Logger
  private let window: Double
  private let times: PipelineClock
  private var offset: UInt64 = 0
  private var rest = Data()
  /// When the file was last looked at: what is new there was written since.
  private var lastLook: UInt64
  /// Errors of the window: when they were logged, what they said, and by what reason.
  private var errors: [(at: UInt64, message: String, reason: String?)] = []

  /// - Parameters:
  ///   - path: the log file. What is in it already was written by earlier runs.
  ///   - window: how long an error counts, seconds.
  init(path: String, logger: Logger, window: Double, times: PipelineClock = .process) {
    self.path = path
    // The line is written whatever level is logged.
    var logger = logger
    logger.logLevel = min(logger.logLevel, .info)
    self.logger = logger
    self.window = window
    self.times = times
    lastLook = times.monotonic()
    offset = Self.size(of: path) ?? 0
  }

  func look(number: UInt64) async -> GateJudgement.LogPath {
    let mark = "log-canary-\(number)"
    let clock = ContinuousClock()
    let start = clock.now
    logger.info(
      "the log path is checked", metadata: ["event.action": "\(Self.action)", "labels.canary": "\(mark)"])
    var arrived: Double?
    while arrived == nil, clock.now < start + Self.patience, !Task.isCancelled {
      if read(lookingFor: mark) { arrived = (clock.now - start) / .seconds(1) }
      if arrived == nil { try? await Task.sleep(for: .milliseconds(20)) }
    }
    let now = times.monotonic()
    let oldest = now - min(now, UInt64(window * 1e9))
    errors.removeAll { $0.at < oldest }
    let newest = errors.max { $0.at < $1.at }
    lastLook = now
    return GateJudgement.LogPath(
      canarySeconds: arrived, errors: errors.count, lastError: newest?.message,
      lastErrorAge: newest.map { Double(now - min(now, $0.at)) / 1e9 }, windowSeconds: window, source: path)
  }

  /// Reads what has been added; true where the mark was among it.
  private func read(lookingFor mark: String) -> Bool {
    guard let (handle, size) = Self.open(path) else { return false }
    defer { try? handle.close() }
    // A file that has become shorter was rotated.
    if size < offset {
      offset = 0
      rest = Data()
    }
    if size - offset > Self.maximumBytes {
      offset = size - Self.maximumBytes
      rest = Data()
    }
    guard (try? handle.seek(toOffset: offset)) != nil,
      let new = try? handle.read(upToCount: Int(size - offset)), !new.isEmpty
    else { return false }
    offset += UInt64(new.count)
    rest.append(new)
    var found = false
    let lines = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for line in lines.dropLast() { found = note(Data(line), mark) || found }
    rest = Data(lines.last ?? Data())
    return found
  }

  private struct Line: Decodable {
    var level: String
    var message: String
    var time: String?
    var reason: String?
    var outcome: String?
    var canary: String?
    enum CodingKeys: String, CodingKey {
      case level = "log.level"
      case message
      case time = "@timestamp"
      case reason = "event.reason"
      case outcome = "event.outcome"
      case canary = "labels.canary"
    }
  }

  private func note(_ bytes: Data, _ mark: String) -> Bool {
    guard let line = try? JSONDecoder().decode(Line.self, from: bytes) else { return false }
    if line.level == "error" || line.level == "critical" {
      errors.append((loggedAt(line.time), (line.reason.map { "\($0): " } ?? "") + line.message, line.reason))
      if errors.count > 1_000 { errors.removeFirst(500) }
    } else if line.outcome == "success", let reason = line.reason, Self.curable.contains(reason) {
      errors.removeAll { $0.reason == reason }
    }
    return line.canary == mark
  }

  /// When a line was logged, by the monotonic clock: as it says, but not before the last look, nor after this one.
  private func loggedAt(_ text: String?) -> UInt64 {
    let now = times.monotonic()
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    guard let text, let logged = try? style.parse(text) else { return now }
    let age = Double(times.wall().nanoseconds) / 1e9 - logged.timeIntervalSince1970
    guard age > 0 else { return now }
    let longest = Double(now - min(now, lastLook)) / 1e9
    return now &- UInt64(min(age, longest) * 1e9)
  }

  /// The file with its size; nil where there is none, or where something else stands. Opening a pipe must not wait for whoever
  /// writes into it.
  private static func open(_ path: String) -> (FileHandle, size: UInt64)? {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    // A pipe has no end to go to, and a folder no bytes to read.
    let size = lseek(descriptor, 0, SEEK_END)
    guard size >= 0 else {
      try? handle.close()
      return nil
    }
    return (handle, UInt64(size))
  }

  private static func size(of path: String) -> UInt64? {
    guard let (handle, size) = open(path) else { return nil }
    try? handle.close()
    return size
  }
}
