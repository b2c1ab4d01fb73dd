/// Merges several recordings by receive time, and by the files' order where times are equal; optionally
/// several times over.
///
/// A further pass looks like a later day at the same exchange: its receive times and the exchange's own
/// times are moved by the length of the recording and a second, and its sources are numbers not used
/// before, so that a decoder begins a new numbering of trades and books instead of seeing repetitions.
public struct MergedRecording: ~Copyable {
  /// Between the end of a pass and the start of the next, nanoseconds.
  public static let pause: Int64 = 1_000_000_000

  public let paths: [String]
  /// The number of passes; fewer where sources, which are 16 bits, run out.
  public let loops: Int

  private let maximumLineBytes: Int
  private var lanes: [RecordingLane]
  private var pass = 0
  /// How far the times of this pass are moved; whole milliseconds, as the exchange's times are.
  private var shift: Int64 = 0
  private var span: ClosedRange<Int64>?
  private var failure: RecordingError?
  private var finished = FrameRecording.Statistics()

  public init(
    paths: [String], loops: Int = 1, maximumLineBytes: Int = FrameRecording.maximumLineBytes
  ) throws(RecordingError) {
    self.paths = paths
    self.loops = max(1, min(loops, Int(UInt16.max) / max(1, paths.count)))
    self.maximumLineBytes = maximumLineBytes
    lanes = try Self.open(paths, pass: 0, maximumLineBytes)
  }

  /// What was read so far, over all files and passes. The line number is that of the first file that
  /// has one.
  public var statistics: FrameRecording.Statistics {
    lanes.reduce(into: finished) { $0.add($1.statistics) }
  }

  /// Appends up to `maximum` frames to `batch`, and says how many; zero at the end of the last pass.
  ///
  /// Throws where the next frame would come from a file that is damaged there; after that, the file counts
  /// as ended, and reading may go on with the others.
  public mutating func read(
    maximum: Int, into batch: inout FrameBuffer
  ) throws(RecordingError) -> Int {
    if let failure {
      self.failure = nil
      throw failure
    }
    var count = 0
    while count < maximum {
      let next: Int?
      do throws(RecordingError) {
        next = try earliest()
      } catch {
        guard count > 0 else { throw error }
        // What came before is the caller's first; the error comes with the next call.
        failure = error
        break
      }
      guard let next else {
        guard try beginNextPass() else { break }
        continue
      }
      take(from: lanes[next], into: &batch)
      count += 1
    }
    return count
  }

  private func earliest() throws(RecordingError) -> Int? {
    var best: (time: Int64, lane: Int)?
    for index in lanes.indices {
      guard let time = try lanes[index].headTime() else { continue }
      if let found = best, found.time <= time { continue }
      best = (time, index)
    }
    return best?.lane
  }

  private mutating func take(from lane: RecordingLane, into batch: inout FrameBuffer) {
    lane.takeHead { frame in
      let time = frame.time
      if pass == 0 {
        span = min(span?.lowerBound ?? time, time)...max(span?.upperBound ?? time, time)
        batch.append(frame)
        return
      }
      let moved = time.addingReportingOverflow(shift)
      batch.append(
        RecordedFrame(
          time: moved.overflow ? .max : moved.partialValue, source: frame.source, bytes: frame.bytes))
      let milliseconds = shift / 1_000_000
      batch.withLastFrame { ExchangeTimeShift.move($0, byMilliseconds: milliseconds) }
    }
  }

  /// False once there is none, or where there was nothing to repeat.
  private mutating func beginNextPass() throws(RecordingError) -> Bool {
    guard pass + 1 < loops, let span else { return false }
    let (length, overflow) = span.upperBound.subtractingReportingOverflow(span.lowerBound)
    guard !overflow, length < .max / 2 else { return false }
    let (step, rest) = (length + Self.pause).quotientAndRemainder(dividingBy: 1_000_000)
    let (next, tooFar) = shift.addingReportingOverflow((step + (rest > 0 ? 1 : 0)) * 1_000_000)
    guard !tooFar else { return false }
    let reopened = try Self.open(paths, pass: pass + 1, maximumLineBytes)
    finished = statistics
    lanes = reopened
    pass += 1
    shift = next
    return true
  }

  private static func open(
    _ paths: [String], pass: Int, _ maximumLineBytes: Int
  ) throws(RecordingError) -> [RecordingLane] {
    var lanes: [RecordingLane] = []
    for (index, path) in paths.enumerated() {
      let source = UInt16(truncatingIfNeeded: pass * paths.count + index)
      lanes.append(
        RecordingLane(
          try FrameRecording(path: path, source: source, maximumLineBytes: maximumLineBytes)))
    }
    return lanes
  }
}
