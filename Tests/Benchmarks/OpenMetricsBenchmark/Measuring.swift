import CBenchmarking
import CMallocStatistics
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Nanoseconds of one piece of work.
func elapsed(_ body: () -> Void) -> Double {
  let start = threadTime()
  body()
  return threadTime() - start
}

/// Nanoseconds that one call takes. The best of many short runs: on a machine with other work to do, a short run has a
/// chance to be left alone.
///
/// - Parameter body: makes as many calls as it is told; the loop is in it, so that none of what is between the calls
///   belongs to the measuring.
func nanoseconds(_ rounds: Int = 50_000, runs: Int = 400, body: (Int) -> Void) -> Double {
  var best = Double.infinity
  for _ in 0..<runs {
    let start = threadTime()
    body(rounds)
    best = min(best, (threadTime() - start) / Double(rounds))
  }
  return best
}

/// The median of the ratios of measurements that were made one after the other: of turns, whose speed differs with the
/// processor's clock and with what else the machine does.
func medianRatio(_ some: [Double], _ others: [Double]) -> Double {
  let ratios = zip(some, others).map { $0 / $1 }.filter { $0.isFinite && $0 > 0 }.sorted()
  return ratios.isEmpty ? .nan : ratios[ratios.count / 2]
}

/// Nanoseconds that this thread has worked: what others do on the machine is not in it.
func threadTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// Bytes that are allocated now; zero where the C library does not say.
func allocatedBytes() -> Int {
  var statistics = malloc_statistics()
  return malloc_statistics_read(&statistics) ? Int(statistics.used_in_arenas) + Int(statistics.mapped) : 0
}

/// Blocks that this thread asks the allocator for while it does the work; NaN where they cannot be counted.
func allocations(_ body: () -> Void) -> Double {
  let before = allocation_count()
  body()
  return allocation_count_works() ? Double(allocation_count() - before) : .nan
}

/// One line: what was measured, and, where there is one, the goal.
func report(_ name: String, _ value: Double, _ unit: String, ratio: Double? = nil, goal: String = "") {
  let number = String(format: "%10.2f %@", value, unit)
  let compared = ratio.map { String(format: "%6.2f x xadd", $0) } ?? ""
  print(padded(name, 48) + padded(number, 22) + padded(compared, 16) + goal)
}

private func padded(_ text: String, _ length: Int) -> String {
  text.padding(toLength: max(length, text.count), withPad: " ", startingAt: 0)
}
