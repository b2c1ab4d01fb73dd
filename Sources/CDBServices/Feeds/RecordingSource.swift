import CDBDomain
import CDBPipeline
import Synchronization

/// Recorded frame files as a feed, merged by receive time.
public final class RecordingSource: FrameSource {
  private struct State: ~Copyable {
    var recording: MergedRecording
    var buffer = FrameBuffer()
    /// The next frame of the buffer.
    var next = 0
    var atEnd = false
    /// Whether what was passed over has been said.
    var isSummedUp = false
  }

  public let name = "replay"
  public let isLive = false
  private let state: Mutex<State>

  public init(paths: [String], loops: Int = 1) throws {
    state = Mutex(State(recording: try MergedRecording(paths: paths, loops: loops)))
  }

  public func resume(after frames: UInt64) async throws {
    var left = frames
    while left > 0 {
      let taken = try state.withLock { state in
        state.buffer.removeAll()
        let count = try state.recording.read(maximum: Int(min(left, 4_096)), into: &state.buffer)
        state.next = state.buffer.count
        return count
      }
      guard taken > 0 else { return }
      left -= UInt64(taken)
    }
  }

  public func next(maximum: Int, into batch: inout IngestBatch) async throws -> FrameSourceStatus {
    try state.withLock { state in
      var count = 0
      while count < maximum, try Self.refill(&state) {
        state.buffer.withFrame(state.next) { frame in
          batch.append(
            .frame, source: frame.source, time: EventTime(nanoseconds: frame.time), payload: frame.bytes)
        }
        state.next += 1
        count += 1
      }
      return count == 0 ? .ended : .more
    }
  }

  /// Says, once, what in the files was no frame.
  private static func sumUp(_ recording: borrowing MergedRecording) throws(RecordingError) {
    let statistics = recording.statistics
    let paths = recording.paths.joined(separator: ", ")
    let passedOver = statistics.linesWithoutTime + statistics.linesTooLong
    if passedOver > 0 {
      throw .linesPassedOver(paths: paths, count: passedOver, first: statistics.firstSkippedLine ?? 0)
    }
    if statistics.frames == 0 { throw .noFrames(paths: paths) }
  }

  /// Makes sure that a frame is at hand; false at the end.
  private static func refill(_ state: inout State) throws -> Bool {
    if state.next < state.buffer.count { return true }
    guard !state.atEnd else {
      if !state.isSummedUp {
        state.isSummedUp = true
        try sumUp(state.recording)
      }
      return false
    }
    state.buffer.removeAll()
    state.next = 0
    _ = try state.recording.read(maximum: 512, into: &state.buffer)
    state.atEnd = state.buffer.isEmpty
    return try !state.atEnd || refill(&state)
  }
}
