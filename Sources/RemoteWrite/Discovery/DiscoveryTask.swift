import HTTPTransport
import Logging
import Synchronization
import TaskTiming

/// Looks for the targets of one entry of a job, again and again.
final class DiscoveryTask: Sendable {
  let job: String
  let source: DiscoverySource
  /// Set to end it.
  let ending = Signal()
  /// Set after the first look, whatever it found.
  let hasLooked = Signal()
  private let state: Mutex<(groups: [TargetGroup], statistics: DiscoveryStatistics)>

  init(job: String, source: DiscoverySource) {
    self.job = job
    self.source = source
    var statistics = DiscoveryStatistics()
    statistics.job = job
    statistics.mechanism = source.mechanism
    statistics.place = source.place
    state = Mutex(([], statistics))
  }

  func isSame(as other: DiscoveryTask) -> Bool { job == other.job && source == other.source }

  func isAtSamePlace(as other: DiscoveryTask) -> Bool {
    job == other.job && source.mechanism == other.source.mechanism && source.place == other.source.place
  }

  /// Counts until the first look.
  func begin(with groups: [TargetGroup]) {
    state.withLock { state in
      state.groups = groups
      state.statistics.addresses = groups.reduce(0) { $0 + $1.addresses.count }
    }
  }

  /// What was found last.
  var groups: [TargetGroup] { state.withLock { $0.groups } }
  var statistics: DiscoveryStatistics { state.withLock { $0.statistics } }

  /// Looks until it is ended, or the task is cancelled.
  ///
  /// - Parameter changed: called when there are other groups than before.
  func run(
    client: HTTPClient, userAgent: String, clock: TaskClock, logger: Logger,
    changed: @escaping @Sendable () -> Void
  ) async {
    var files: FileDiscoverer?
    if case .file(let source) = source { files = FileDiscoverer(source) }
    while !Task.isCancelled, !ending.isSet {
      let look: DiscoveryLook
      switch source {
      case .file(let source):
        look = files?.look(now: clock.wall()) ?? DiscoveryLook(pause: source.interval)
      case .http(let source):
        look = await HTTPDiscoverer(source: source, client: client, userAgent: userAgent).look()
      case .docker(let source):
        look = await DockerDiscoverer(source: source, client: client, userAgent: userAgent).look()
      }
      guard !Task.isCancelled, !ending.isSet else { return }
      let isChanged = take(look, now: clock.wall(), logger)
      hasLooked.set()
      if isChanged { changed() }
      await ending.wait(atMost: .milliseconds(max(look.pause, 100)), clock: clock)
    }
  }

  /// - Returns: whether there are other groups than before.
  private func take(_ look: DiscoveryLook, now: Int64, _ logger: Logger) -> Bool {
    let (isChanged, news) = state.withLock { state in
      state.statistics.looks += 1
      if look.faults.isEmpty { state.statistics.lastSuccess = now } else { state.statistics.failures += 1 }
      let news = look.faults.filter { !state.statistics.faults.contains($0) }
      state.statistics.faults = look.faults
      guard let groups = look.groups, groups != state.groups else { return (false, news) }
      state.groups = groups
      state.statistics.addresses = groups.reduce(0) { $0 + $1.addresses.count }
      return (true, news)
    }
    for fault in news {
      logger.warning(
        "targets as before: \(fault)",
        metadata: ["scrape_job": "\(job)", "event.reason": "discovery"])
    }
    return isChanged
  }
}
