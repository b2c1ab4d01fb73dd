import Glibc

/// What can go wrong, with the way out in each case's comment.
public enum DurableQueueError: Error, Sendable, Equatable {
  /// Another queue, of this or another process, has the directory open for writing. Close that one.
  case locked(directory: String, holder: Int32?)
  /// The operating system refused; nothing changed, the same call may succeed later.
  case system(operation: String, path: String, errno: Int32)
  /// `.refuse` and the bound is reached: ``DurableQueue/trim(through:)`` what is consumed.
  case full(bytes: Int, maximumBytes: Int, batchBytes: Int)
  /// The batch alone is larger than the queue may become: split it.
  case batchTooLarge(bytes: Int, maximumBytes: Int)
  /// A record of the batch is longer than 256 MiB, the format's limit.
  case recordTooLarge(bytes: Int)
  /// A batch without records has no sequences to return.
  case emptyBatch
  /// `fdatasync` failed, and with it the kernel's promise about everything since the last good one. The
  /// queue accepts no more: close it and open it again, which reads back what is really there.
  case durabilityLost(file: String, errno: Int32)
  /// The segment that was being written was removed, or another file put in its place: the records in it are lost with
  /// the process. The queue accepts no more: close it and open it again, which goes on behind them and names them.
  case removed(file: String, lost: ClosedRange<UInt64>?)
  /// The queue was closed.
  case closed
  /// The sequence was trimmed or dropped already, or lies beyond the next one to be appended.
  case sequenceUnavailable(requested: UInt64, firstSequence: UInt64, nextSequence: UInt64)
  /// The record with `sequence` cannot be read. ``DurableQueueReader/skipFault()`` goes on behind it.
  case corruptRecord(file: String, offset: Int, sequence: UInt64, reason: FaultReason)
  /// Records that the reader was to deliver are gone: trimmed, dropped, or lost with a file.
  /// ``DurableQueueReader/skipFault()`` goes on behind them.
  case missingRecords(file: String, lost: ClosedRange<UInt64>)
}

extension DurableQueueError {
  /// Whether the file system, or a user's share of it, has no room.
  var isFullDisk: Bool {
    if case .system(_, _, let code) = self { code == ENOSPC || code == EDQUOT } else { false }
  }
}

extension DurableQueueError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .locked(let directory, let holder):
      "\(directory) is open for writing" + (holder.map { " by process \($0)" } ?? "")
        + "; a queue has one writer"
    case .system(let operation, let path, let code):
      "\(operation) \(path): \(errorText(code))"
    case .full(let bytes, let maximum, let batch):
      "the queue holds \(bytes) of at most \(maximum) bytes, and \(batch) more do not fit; trim it"
    case .batchTooLarge(let bytes, let maximum):
      "a batch of \(bytes) bytes does not fit a queue of at most \(maximum); split it"
    case .recordTooLarge(let bytes):
      "a record of \(bytes) bytes is longer than \(Format.maximumPayloadBytes)"
    case .emptyBatch: "the batch has no records"
    case .durabilityLost(let file, let code):
      "fdatasync \(file): \(errorText(code)); close the queue and open it again"
    case .removed(let file, let lost):
      "\(file) was removed or replaced while it was written"
        + (lost.map { ": sequences \($0.lowerBound) to \($0.upperBound) are lost" } ?? "")
        + "; close the queue and open it again"
    case .closed: "the queue is closed"
    case .sequenceUnavailable(let requested, let first, let next):
      "sequence \(requested) is not in the queue, which holds \(first)..<\(next)"
    case .corruptRecord(let file, let offset, let sequence, let reason):
      "\(file): sequence \(sequence) at offset \(offset): \(reason)"
    case .missingRecords(let file, let lost):
      "\(file): sequences \(lost.lowerBound) to \(lost.upperBound) are missing"
    }
  }
}

/// The C library's sentence for an error number.
func errorText(_ code: Int32) -> String {
  var buffer = [CChar](repeating: 0, count: 128)
  guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
  let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  return "\(text) (errno \(code))"
}
