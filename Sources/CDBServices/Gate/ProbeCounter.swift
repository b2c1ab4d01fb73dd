import CDBDomain
import CDBPipeline
import Synchronization

/// Numbers probes, so that each can be told from those of earlier runs: it begins at the clock's second,
/// and probes are rarer than one a second.
final class ProbeCounter: Sendable {
  private let number: Atomic<UInt64>

  init(startingAt time: UInt64 = UInt64(clamping: ProcessClock.wall().nanoseconds / 1_000_000_000)) {
    number = Atomic(time)
  }

  func next() -> UInt64 { number.wrappingAdd(1, ordering: .relaxed).newValue }
}
