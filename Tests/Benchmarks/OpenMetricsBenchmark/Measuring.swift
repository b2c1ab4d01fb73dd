import CMallocStatistics
import CMetricArena
import Foundation
import OpenMetrics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Duration {
  var nanoseconds: Double { Double(components.seconds) * 1e9 + Double(components.attoseconds) / 1e9 }
}

/// Nanoseconds that one of `rounds` calls takes: the best of several runs.
@inline(__always)
func nanoseconds(_ rounds: Int, runs: Int = 7, _ body: (Int) -> Void) -> Double {
  var best = Double.infinity
  for _ in 0..<runs {
    let elapsed = ContinuousClock().measure { for round in 0..<rounds { body(round) } }
    best = min(best, elapsed.nanoseconds / Double(rounds))
  }
  return best
}

/// As the other, with two threads that call at the same time: nanoseconds of one thread's call.
func nanosecondsOfTwo(_ rounds: Int, runs: Int = 5, _ body: @escaping @Sendable (Int) -> Void) -> Double {
  var best = Double.infinity
  for _ in 0..<runs {
    let start = ContinuousClock.now
    let threads = (0..<2).map { _ in
      let thread = PlainThread { for round in 0..<rounds { body(round) } }
      return thread
    }
    for thread in threads { thread.join() }
    best = min(best, (ContinuousClock.now - start).nanoseconds / Double(rounds))
  }
  return best
}

/// A thread of the operating system.
final class PlainThread {
  private final class Job {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private var thread = pthread_t()

  init(_ body: @escaping @Sendable () -> Void) {
    let job = Unmanaged.passRetained(Job(body)).toOpaque()
    let result = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, job)
    if result != 0 { print("no thread: \(result)") }
  }

  func join() { pthread_join(thread, nil) }
}

/// Bytes that are allocated now; zero where the C library does not say.
func allocatedBytes() -> Int {
  var statistics = malloc_statistics()
  return malloc_statistics_read(&statistics) ? Int(statistics.used_in_arenas) + Int(statistics.mapped) : 0
}

/// One line: what was measured, and, where there is one, the goal.
func report(_ name: String, _ value: Double, _ unit: String, ratio: Double? = nil, goal: String = "") {
  let number = String(format: "%10.2f %@", value, unit)
  let compared = ratio.map { String(format: "%6.2f x xadd", $0) } ?? ""
  let padded = name.padding(toLength: 46, withPad: " ", startingAt: 0)
  print(
    "\(padded)\(number.padding(toLength: 22, withPad: " ", startingAt: 0))"
      + "\(compared.padding(toLength: 16, withPad: " ", startingAt: 0))\(goal)")
}
