import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A thread that runs jobs and, between them, libcurl.
final class TransferExecutor: SerialExecutor {
  private enum Phase {
    case running
    case stopping
    case ended
  }

  private struct State {
    var phase = Phase.running
    var jobs: [UnownedJob] = []
  }

  private let state = Mutex(State())
  private let engine: TransferEngine
  /// Runs what comes after the thread's end, so that every caller gets its answer: "shut down".
  private let afterwards = DispatchQueue(label: "http-transport.afterwards")

  init(engine: TransferEngine) {
    self.engine = engine
  }

  /// Starts the thread. If the system has none to give, every request is answered with "shut down".
  func start() {
    let body = Unmanaged.passRetained(self).toOpaque()
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let result = pthread_create(&thread, nil, transferThread, body)
    guard result == 0 else {
      Unmanaged<TransferExecutor>.fromOpaque(body).release()
      engine.close()
      return state.withLock { $0.phase = .ended }
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let isLate = state.withLock { state in
      guard state.phase != .ended else { return true }
      state.jobs.append(job)
      engine.wake()
      return false
    }
    if isLate { afterwards.async { [self] in job.runSynchronously(on: asUnownedSerialExecutor()) } }
  }

  func stop() {
    state.withLock { state in
      guard state.phase == .running else { return }
      state.phase = .stopping
      engine.wake()
    }
  }

  fileprivate func run() {
    while true {
      let (jobs, isStopping) = state.withLock { state in
        defer { state.jobs = [] }
        return (state.jobs, state.phase == .stopping)
      }
      for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
      if isStopping { break }
      engine.advance()
      engine.sleep()
    }
    // The phase changes before the multi handle goes, so that nobody wakes a freed one.
    let rest = state.withLock { state in
      state.phase = .ended
      defer { state.jobs = [] }
      return state.jobs
    }
    // What is enqueued from here on goes to the queue; this keeps it there until the thread is done.
    afterwards.sync {
      engine.close()
      for job in rest { job.runSynchronously(on: asUnownedSerialExecutor()) }
    }
  }
}

#if canImport(Darwin)
  private func transferThread(_ body: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<TransferExecutor>.fromOpaque(body).takeRetainedValue().run()
    return nil
  }
#else
  private func transferThread(_ body: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let body else { return nil }
    Unmanaged<TransferExecutor>.fromOpaque(body).takeRetainedValue().run()
    return nil
  }
#endif
