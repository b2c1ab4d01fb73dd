import CMallocStatistics
import CMetricArena
import Foundation
import OpenMetrics
import Synchronization

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

/// Nanoseconds that this thread has worked: what others do on the machine is not in it.
func threadTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// As the other, while a second thread does the same without a pause.
func nanosecondsOfTwo(
  _ rounds: Int = 50_000, runs: Int = 400, body: @escaping @Sendable (Int) -> Void
) -> Double {
  let flag = StopFlag()
  let other = PlainThread {
    flag.started()
    while !flag.isSet { body(1000) }
  }
  flag.waitForStart()
  let result = nanoseconds(rounds, runs: runs, body: body)
  flag.set()
  other.join()
  return result
}

/// Tells the second thread to stop.
final class StopFlag: Sendable {
  private let state = Atomic<Int>(0)

  var isSet: Bool { state.load(ordering: .relaxed) == 2 }

  func set() { state.store(2, ordering: .relaxed) }

  func started() { state.store(1, ordering: .relaxed) }

  func waitForStart() { while state.load(ordering: .relaxed) == 0 { sched_yield() } }
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
