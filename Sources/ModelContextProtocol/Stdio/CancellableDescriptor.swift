import Foundation

/// A descriptor whose blocking calls are made on a thread of their own, and end when their task is cancelled.
/// Once one was cancelled all are.
final class CancellableDescriptor: Sendable {
  /// What the system said.
  struct Failure: Error, Equatable, CustomStringConvertible {
    var code: Int32
    var description: String { String(cString: strerror(code)) }
  }

  /// A write of so many bytes to a pipe that has room does not block (POSIX wants at least 512, Linux has 4096).
  private static let piece = Int(PIPE_BUF)

  private let descriptor: Int32
  /// Readable once a task was cancelled.
  private let wakeRead: Int32
  private let wakeWrite: Int32
  private let queue: DispatchQueue

  /// - Parameter descriptor: stays the caller's, and open for as long as this is used.
  init(_ descriptor: Int32, label: String) throws(Failure) {
    self.descriptor = descriptor
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Failure(code: errno) }
    (wakeRead, wakeWrite) = (ends[0], ends[1])
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    queue = DispatchQueue(label: label)
  }

  deinit {
    close(wakeRead)
    close(wakeWrite)
  }

  /// The next bytes, at most so many; none at the end.
  func read(atMost count: Int) async throws -> [UInt8] {
    try await onQueue { [self] in
      var bytes = [UInt8](repeating: 0, count: count)
      while true {
        try wait(for: Int16(POLLIN))
        let result = bytes.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
        if result >= 0 { return Array(bytes[..<result]) }
        guard [EINTR, EAGAIN].contains(errno) else { throw Failure(code: errno) }
      }
    }
  }

  /// Writes all of them.
  func write(_ bytes: [UInt8]) async throws {
    try await onQueue { [self] in
      var done = 0
      while done < bytes.count {
        try wait(for: Int16(POLLOUT))
        let result = bytes[done..<min(bytes.count, done + Self.piece)].withUnsafeBytes {
          Foundation.write(descriptor, $0.baseAddress, $0.count)
        }
        if result >= 0 {
          done += result
        } else if ![EINTR, EAGAIN].contains(errno) {
          throw Failure(code: errno)
        }
      }
    }
  }

  private func onQueue<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws
    -> Result
  {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        queue.async { continuation.resume(with: Swift.Result { try body() }) }
      }
    } onCancel: {
      var byte: UInt8 = 1
      _ = Foundation.write(wakeWrite, &byte, 1)
    }
  }

  private func wait(for events: Int16) throws {
    while true {
      var waited = [
        pollfd(fd: descriptor, events: events, revents: 0),
        pollfd(fd: wakeRead, events: Int16(POLLIN), revents: 0),
      ]
      let result = poll(&waited, 2, -1)
      if result < 0, errno == EINTR { continue }
      guard result >= 0 else { throw Failure(code: errno) }
      if waited[1].revents != 0 { throw CancellationError() }
      if waited[0].revents & Int16(POLLNVAL) != 0 { throw Failure(code: EBADF) }
      return
    }
  }
}
