import Dispatch
import Synchronization
import UnixSignals

/// Counts termination signals on a queue of its own.
///
/// A service group's own signal handling waits on the concurrency pool and looks at the first signal only.
/// The second one has to end the process also when that pool is stuck, so both are taken here.
final class TerminationSignals: Sendable {
  // The sources are created and cancelled only under the lock.
  private let sources = Mutex<[any DispatchSourceSignal]>([])
  private let queue = DispatchQueue(label: "service-runtime.signals", qos: .userInteractive)
  private let count = Atomic(0)

  /// - Parameter onSignal: called on a private queue with the signal and how many there were before it.
  init(_ signals: [UnixSignal], onSignal: @escaping @Sendable (UnixSignal, _ earlier: Int) -> Void) {
    sources.withLock { sources in
      for signal in signals {
        let source = DispatchSource.makeSignalSource(signal: signal.rawValue, queue: queue)
        source.setEventHandler { [self] in
          let earlier = count.wrappingAdd(1, ordering: .relaxed).oldValue
          onSignal(signal, earlier)
        }
        source.resume()
        sources.append(source)
      }
    }
  }

  func cancel() {
    sources.withLock { sources in
      for source in sources { source.cancel() }
      sources = []
    }
  }
}
