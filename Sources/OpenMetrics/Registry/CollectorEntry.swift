import Synchronization

/// A registered collector, and the one collection of it that may be under way.
///
/// Collectors are called on ``CollectorThreads``, not on threads of Swift's concurrency or of Dispatch, which on Linux
/// are the same: a collector that blocks must not stop everything else. One that does not return is not called again
/// until it has.
final class CollectorEntry: Sendable {
  enum Outcome: Sendable {
    case families([MetricFamily])
    /// The waiting task was cancelled first; the collection goes on.
    case late
    case refused(CollectorThreads.Refusal)
  }

  let collector: any MetricCollector
  let descriptors: [MetricDescriptor]
  private let threads: CollectorThreads
  private let state = Mutex(State())

  private enum Phase {
    case idle
    /// Waits for a thread; with what takes it back.
    case queued(UInt64)
    case running
    /// Running, and somebody has given up waiting for it.
    case hanging
  }

  private struct State {
    var phase = Phase.idle
    var nextWaiter: UInt64 = 0
    /// Who waits for the collection that is under way.
    var waiters: [UInt64: CheckedContinuation<Outcome, Never>] = [:]
  }

  init(
    _ collector: any MetricCollector, _ descriptors: [MetricDescriptor], threads: CollectorThreads = .shared
  ) {
    self.collector = collector
    self.descriptors = descriptors
    self.threads = threads
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
    var seen = Set<ExactText>()
    return collected.filter { family in
      let name = ExactText(family.name)
      guard descriptors.contains(where: { ExactText($0.name) == name && $0.type == family.type }) else {
        statistics.failCollection("\(self.name): undeclared family \(family.name)")
        return false
      }
      if let violation = family.violation() ?? family.escapingViolation() {
        statistics.failCollection("\(self.name): \(violation)")
        return false
      }
      guard seen.insert(name).inserted else {
        statistics.failCollection("\(self.name): family \(family.name) returned twice")
        return false
      }
      return true
    }
  }

  /// As ``collect(_:)``, on a thread of its own; joins a collection that is under way.
  func collected(_ statistics: RegistryStatistics) async -> Outcome {
    let waiter = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let outcome = state.withLock { state -> Outcome? in
          // The handler below may have run already, and has found nothing to resume.
          if Task.isCancelled { return .late }
          if case .idle = state.phase {
            switch threads.submit({ self.run(statistics) }) {
            case .success(let ticket): state.phase = .queued(ticket)
            case .failure(let refusal): return .refused(refusal)
            }
          }
          state.waiters[waiter] = continuation
          return nil
        }
        if let outcome { continuation.resume(returning: outcome) }
      }
    } onCancel: {
      giveUp(waiter)?.resume(returning: .late)
    }
  }

  private func giveUp(_ waiter: UInt64) -> CheckedContinuation<Outcome, Never>? {
    state.withLock { state in
      guard let continuation = state.waiters.removeValue(forKey: waiter) else { return nil }
      switch state.phase {
      case .queued(let ticket):
        if state.waiters.isEmpty, threads.withdraw(ticket) { state.phase = .idle }
      case .running:
        threads.beginHanging()
        state.phase = .hanging
      case .idle, .hanging: break
      }
      return continuation
    }
  }

  private func run(_ statistics: RegistryStatistics) {
    let isWanted = state.withLock { state in
      state.phase = state.waiters.isEmpty ? .idle : .running
      return !state.waiters.isEmpty
    }
    guard isWanted else { return }
    let families = collect(statistics)
    let waiters = state.withLock { state in
      if case .hanging = state.phase { threads.endHanging() }
      defer {
        state.phase = .idle
        state.waiters = [:]
      }
      return state.waiters.values
    }
    for waiter in waiters { waiter.resume(returning: .families(families)) }
  }

  var name: String { "\(type(of: collector))" }
}
