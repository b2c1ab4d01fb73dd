import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Two threads that do the same work at the same time, each on a processor of its own: this one and a second.
///
/// Both start together at a barrier, and the clock on the wall runs from the first's start to the last's end. Rounds
/// that did not begin together are not counted: one thread would have worked alone for a while.
final class ThreadPair: Sendable {
  typealias Work = @Sendable (Int) -> Void

  private struct Interval {
    let start: UInt64
    let end: UInt64
  }

  private let work = Mutex<Work?>(nil)
  private let wake = DispatchSemaphore(value: 0)
  private let finished = DispatchSemaphore(value: 0)
  private let arrived = Atomic<Int>(0)
  private let theirs = Mutex<[Interval]>([])
  private let rounds: Int
  private let times: Int
  private let processors: [Int32]

  /// Keeps this thread on one processor until ``stop()``; nil where there are not two.
  ///
  /// - Parameters:
  ///   - rounds: calls of a measurement.
  ///   - times: measurements in a row.
  init?(rounds: Int = 20_000, times: Int = 8) {
    processors = Processors.allowed
    self.rounds = rounds
    self.times = times
    guard processors.count > 1, Processors.pin(to: [processors[0]]) else { return nil }
    let second = processors[1]
    Thread.detachNewThread { [self] in
      Processors.pin(to: [second])
      while true {
        wake.wait()
        guard let work = work.withLock({ $0 }) else { break }
        let intervals = measure(work)
        theirs.withLock { $0 = intervals }
        finished.signal()
      }
      finished.signal()
    }
  }

  /// Nanoseconds of one call while the other thread makes the same calls: the best of the measurements, or infinity.
  func nanoseconds(_ body: @escaping Work) -> Double {
    work.withLock { $0 = body }
    arrived.store(0, ordering: .sequentiallyConsistent)
    wake.signal()
    let mine = measure(body)
    finished.wait()
    var best = Double.infinity
    for (one, other) in zip(mine, theirs.withLock { $0 }) {
      let total = Double(max(one.end, other.end) - min(one.start, other.start))
      let skew = Double(max(one.start, other.start) - min(one.start, other.start))
      if skew < total * 0.03 { best = min(best, total / Double(rounds)) }
    }
    return best
  }

  /// Ends the second thread, and lets this one run anywhere again.
  func stop() {
    work.withLock { $0 = nil }
    wake.signal()
    finished.wait()
    Processors.pin(to: processors)
  }

  private func measure(_ body: Work) -> [Interval] {
    var intervals: [Interval] = []
    intervals.reserveCapacity(times)
    for time in 1...times {
      arrived.add(1, ordering: .acquiringAndReleasing)
      while arrived.load(ordering: .acquiring) < 2 * time {}
      let start = wallTime()
      body(rounds)
      intervals.append(Interval(start: start, end: wallTime()))
    }
    return intervals
  }

  private func wallTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
