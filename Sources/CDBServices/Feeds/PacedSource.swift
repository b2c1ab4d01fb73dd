import CDBDomain
import CDBPipeline

/// How fast recorded time passes.
public enum ReplaySpeed: Sendable, Hashable {
  /// As fast as the pipeline takes it.
  case maximum
  /// This many times as fast as it was recorded; more than 0.
  case times(Double)
}

/// Holds another source's records back until they are due: the first at once, the others as long after it as
/// they were recorded, divided by a factor.
public struct PacedSource: FrameSource {
  /// A long silence is waited for in pieces, so that a stop is heard.
  static let longestWait = Duration.milliseconds(250)

  private var base: any FrameSource
  private let factor: Double
  private var waiting = IngestBatch()
  /// The next record of `waiting`.
  private var position = 0
  private var start: (recorded: EventTime, clock: ContinuousClock.Instant)?

  public var name: String { base.name }
  public var isLive: Bool { base.isLive }
  public var deliversJournal: Bool { base.deliversJournal }

  /// - Parameter factor: more than 0.
  public init(_ base: any FrameSource, factor: Double) {
    self.base = base
    self.factor = factor
  }

  public mutating func resume(after count: UInt64) async throws { try await base.resume(after: count) }

  public mutating func next(maximum: Int, into batch: inout IngestBatch) async throws -> FrameSourceStatus {
    if position == waiting.count {
      waiting = IngestBatch()
      position = 0
      guard try await base.next(maximum: maximum, into: &waiting) == .more else { return .ended }
      guard !waiting.isEmpty else { return .more }
    }
    let clock = ContinuousClock()
    let first = waiting.records[position].time
    let start = start ?? (first, clock.now)
    self.start = start
    let due = start.clock + .nanoseconds(Int64(clamping: recorded(first, since: start.recorded)))
    if clock.now < due { try await clock.sleep(until: min(due, clock.now + Self.longestWait)) }
    deliver(until: clock.now, start, maximum, into: &batch)
    return .more
  }

  private mutating func deliver(
    until now: ContinuousClock.Instant, _ start: (recorded: EventTime, clock: ContinuousClock.Instant),
    _ maximum: Int, into batch: inout IngestBatch
  ) {
    let elapsed = Int((now - start.clock) / .nanoseconds(1))
    waiting.bytes.withUnsafeBytes { bytes in
      while position < waiting.count, batch.count < maximum {
        let record = waiting.records[position]
        guard recorded(record.time, since: start.recorded) <= elapsed else { return }
        batch.append(
          record.kind, source: record.source, time: record.time,
          payload: UnsafeRawBufferPointer(rebasing: bytes[record.offset..<record.offset + record.count]))
        position += 1
      }
    }
  }

  /// Nanoseconds of waiting between two recorded times.
  private func recorded(_ time: EventTime, since start: EventTime) -> Int {
    let (difference, overflow) = time.nanoseconds.subtractingReportingOverflow(start.nanoseconds)
    let scaled = overflow ? Double(Int64.max) : Double(difference) / factor
    return scaled < 9e18 ? Int(scaled) : .max
  }
}
