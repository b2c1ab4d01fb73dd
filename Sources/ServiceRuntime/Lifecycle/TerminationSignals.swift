import Dispatch
import Synchronization
import UnixSignals

/// Counts termination signals on a queue of its own.
///
/// A service group's own signal handling waits on the concurrency pool and looks at the first signal only.
/// The second one has to end the process also when that pool is stuck, so both are taken here.
final class TerminationSignals: Sendable {
  // The sources are kept and cancelled only under the lock.
  private let sources = Mutex<[any DispatchSourceSignal]>([])
  private let queue = DispatchQueue(label: "service-runtime.signals", qos: .userInteractive)
  private let count = Atomic(0)

  /// Returns when the signals are taken: from then on none of them ends the process by its default action.
  ///
  /// - Parameter onSignal: called on a private queue with the signal and how many there were before it.
  func start(_ signals: [UnixSignal], onSignal: @escaping @Sendable (UnixSignal, _ earlier: Int) -> Void)
    async
  {
    for signal in signals {
      await withCheckedContinuation { continuation in
        take(signal, onSignal: onSignal) { continuation.resume() }
      }
    }
  }

  private func take(
    _ signal: UnixSignal, onSignal: @escaping @Sendable (UnixSignal, Int) -> Void,
    onTaken: @escaping @Sendable () -> Void
  ) {
    sources.withLock { sources in
      let source = DispatchSource.makeSignalSource(signal: signal.rawValue, queue: queue)
      source.setRegistrationHandler(handler: onTaken)
      source.setEventHandler { [self] in
        let earlier = count.wrappingAdd(1, ordering: .relaxed).oldValue
        onSignal(signal, earlier)
      }
      source.resume()
      sources.append(source)
    }
  }

  func cancel() {
    sources.withLock { sources in
      for source in sources { source.cancel() }
      sources = []
    }
  }
}
