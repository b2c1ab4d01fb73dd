#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A state that threads of the operating system share, and wait for changes of, by a clock that nobody sets.
///
/// `@unchecked Sendable`: `state` is touched with the mutex held only; mutex and condition are made once, and destroyed
/// when no other reference exists.
final class ThreadCondition<State: Sendable>: @unchecked Sendable {
  enum Step<Result> {
    case done(Result)
    /// Until a change, but no longer than this, if that is given.
    case wait(Duration?)
  }

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var state: State

  init(_ state: State) {
    self.state = state
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    condition.initialize(to: pthread_cond_t())
    #if canImport(Darwin)
      pthread_cond_init(condition, nil)
    #else
      var attributes = pthread_condattr_t()
      pthread_condattr_init(&attributes)
      pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
      pthread_cond_init(condition, &attributes)
      pthread_condattr_destroy(&attributes)
    #endif
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Changes the state, and lets one waiting thread look at it.
  func update<Result>(_ body: (inout State) -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer {
      pthread_mutex_unlock(mutex)
      pthread_cond_signal(condition)
    }
    return body(&state)
  }

  /// Blocks this thread until `step` is done; it is asked after every change and when its time is up.
  func wait<Result>(_ step: (inout State) -> Step<Result>) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      switch step(&state) {
      case .done(let result): return result
      case .wait(nil): pthread_cond_wait(condition, mutex)
      case .wait(let limit?): wait(atMost: limit)
      }
    }
  }

  private func wait(atMost limit: Duration) {
    let (seconds, attoseconds) = min(max(limit, .zero), .seconds(86_400)).components
    let nanoseconds = Int(attoseconds / 1_000_000_000)
    #if canImport(Darwin)
      var time = timespec(tv_sec: Int(seconds), tv_nsec: nanoseconds)
      pthread_cond_timedwait_relative_np(condition, mutex, &time)
    #else
      var time = timespec()
      clock_gettime(CLOCK_MONOTONIC, &time)
      let sum = Int(time.tv_nsec) + nanoseconds
      time.tv_sec += numericCast(Int(seconds) + sum / 1_000_000_000)
      time.tv_nsec = numericCast(sum % 1_000_000_000)
      pthread_cond_timedwait(condition, mutex, &time)
    #endif
  }
}
