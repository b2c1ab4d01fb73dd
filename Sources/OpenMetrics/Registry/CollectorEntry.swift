import Dispatch
import Synchronization

/// A registered collector, and the one collection of it that may be under way.
///
/// Collectors are called on a thread of Dispatch's, not on one of Swift's concurrency: a collector that blocks must not
/// stop everything else. One that does not return is not called again until it has.
final class CollectorEntry: Sendable {
  let collector: any MetricCollector
  let descriptors: [MetricDescriptor]
  private let state = Mutex(State())

  private struct State {
    var isRunning = false
    var nextWaiter: UInt64 = 0
    /// Who waits for the collection that is under way.
    var waiters: [UInt64: CheckedContinuation<[MetricFamily]?, Never>] = [:]
  }

  init(_ collector: any MetricCollector, _ descriptors: [MetricDescriptor]) {
    self.collector = collector
    self.descriptors = descriptors
  }

  /// What the collector returns, as far as it is declared and valid. What is not is counted.
  func collect(_ statistics: RegistryStatistics) -> [MetricFamily] {
    let collected: [MetricFamily]
    do {
      collected = try collector.collect()
    } catch {
      statistics.failCollection("\(name): \(error)")
      return []
    }
    var seen = Set<String>()
    return collected.filter { family in
      guard descriptors.contains(where: { $0.name == family.name && $0.type == family.type }) else {
        statistics.failCollection("\(name): undeclared family \(family.name)")
        return false
      }
      if let violation = family.violation() ?? family.escapingViolation() {
        statistics.failCollection("\(name): \(violation)")
        return false
      }
      guard seen.insert(family.name).inserted else {
        statistics.failCollection("\(name): family \(family.name) returned twice")
        return false
      }
      return true
    }
  }

  /// As ``collect(_:)``, on a thread of its own; joins a collection that is under way.
  ///
  /// - Returns: `nil` when the waiting task is cancelled first; the collection goes on.
  func collected(_ statistics: RegistryStatistics) async -> [MetricFamily]? {
    let waiter = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let starts = state.withLock { state in
          // The handler below may have run already, and has found nothing to resume.
          if Task.isCancelled {
            continuation.resume(returning: nil)
            return false
          }
          state.waiters[waiter] = continuation
          defer { state.isRunning = true }
          return !state.isRunning
        }
        if starts { DispatchQueue.global().async { self.run(statistics) } }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume(returning: nil)
    }
  }

  private func run(_ statistics: RegistryStatistics) {
    let families = collect(statistics)
    let waiters = state.withLock { state in
      defer {
        state.isRunning = false
        state.waiters = [:]
      }
      return state.waiters.values
    }
    for waiter in waiters { waiter.resume(returning: families) }
  }

  var name: String { "\(type(of: collector))" }
}
