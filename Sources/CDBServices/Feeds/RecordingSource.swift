import CDBDomain
import CDBPipeline
import Synchronization

/// Recorded frame files as a feed: merged by receive time, at full speed or paced by their times.
public final class RecordingSource: FrameSource {
  /// How fast recorded time passes.
  public enum Speed: Sendable, Hashable {
    /// As fast as the pipeline takes it.
    case maximum
    /// This many times as fast as it was recorded; more than 0.
    case times(Double)
  }

  private struct State: ~Copyable {
    var recording: MergedRecording
    var buffer = FrameBuffer()
    /// Frames read but not delivered, because they were not due: the index of the next one.
    var next = 0
    var atEnd = false
    var pacing: (recorded: Int64, clock: ContinuousClock.Instant)?
  }

  public let name = "replay"
  public let isLive = false
  private let speed: Speed
  private let state: Mutex<State>

  public init(paths: [String], speed: Speed, loops: Int = 1) throws {
    self.speed = speed
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
    switch speed {
    case .maximum: return try fill(maximum, until: .max, &batch)
    case .times(let factor): return try await paced(maximum, factor, &batch)
    }
  }

  private func paced(_ maximum: Int, _ factor: Double, _ batch: inout IngestBatch) async throws
    -> FrameSourceStatus
  {
    let clock = ContinuousClock()
    guard let due = try nextTime() else { return .ended }
    let start = state.withLock { state in
      if state.pacing == nil { state.pacing = (due, clock.now) }
      return state.pacing ?? (due, clock.now)
    }
    let target = start.clock + .nanoseconds(Int64(Double(due - start.recorded) / factor))
    // A long silence is waited for in pieces, so that a stop is heard.
    let pause = min(target, clock.now + .milliseconds(250))
    if clock.now < pause { try await clock.sleep(until: pause) }
    guard clock.now >= target else { return .more }
    let elapsed = (clock.now - start.clock) / .nanoseconds(1) * factor
    return try fill(maximum, until: start.recorded + Int64(elapsed), &batch)
  }

  /// The receive time of the next frame; nil at the end.
  private func nextTime() throws -> Int64? {
    try state.withLock { state in
      guard try Self.refill(&state) else { return nil }
      return state.buffer.withFrame(state.next) { $0.time }
    }
  }

  private func fill(_ maximum: Int, until limit: Int64, _ batch: inout IngestBatch) throws
    -> FrameSourceStatus
  {
    try state.withLock { state in
      var count = 0
      while count < maximum, try Self.refill(&state) {
        let isDue = state.buffer.withFrame(state.next) { frame in
          guard frame.time <= limit else { return false }
          batch.append(
            .frame, source: frame.source, time: EventTime(nanoseconds: frame.time), payload: frame.bytes)
          return true
        }
        guard isDue else { return .more }
        state.next += 1
        count += 1
      }
      return count == 0 ? .ended : .more
    }
  }

  /// Makes sure that a frame is at hand; false at the end.
  private static func refill(_ state: inout State) throws -> Bool {
    if state.next < state.buffer.count { return true }
    guard !state.atEnd else { return false }
    state.buffer.removeAll()
    state.next = 0
    _ = try state.recording.read(maximum: 512, into: &state.buffer)
    state.atEnd = state.buffer.isEmpty
    return !state.atEnd
  }
}
