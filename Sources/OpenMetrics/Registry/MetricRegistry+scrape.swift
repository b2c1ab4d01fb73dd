extension MetricRegistry {
  /// Everything as it is now, as ``snapshot(names:)``, with all collectors at once and no longer than `limit`.
  ///
  /// Each collector is called on a thread of its own, and the time is kept on another, so that one that blocks holds
  /// nothing else up. One that has not returned in time is left out, counted in ``RegistryStatistics/collectFailures``,
  /// and not called again until it has. A process has 64 such threads: more collectors wait for one, and while all of
  /// them hang, the others are not called and count as failed at once.
  public func snapshot(names: Set<String>? = nil, within limit: Duration) async -> [MetricFamily] {
    let (instruments, collectors) = selection(names)
    guard !collectors.isEmpty else { return Self.ordered(instruments.map { $0.family() }) }
    let statistics = statistics
    return await withTaskGroup(of: Part.self) { group in
      for collector in collectors {
        group.addTask {
          .collector(await collector.collected(statistics), collector.name)
        }
      }
      group.addTask {
        await DeadlineThread.shared.sleep(for: limit)
        return .timeIsUp
      }
      var families = instruments.map { $0.family() }
      var missing = collectors.count
      for await part in group {
        switch part {
        case .timeIsUp: group.cancelAll()
        case .collector(let outcome, let name):
          missing -= 1
          switch outcome {
          case .families(let collected): families += collected.selected(by: names)
          case .late: statistics.failCollection("\(name): not done within \(limit)")
          case .refused(let refusal): statistics.failCollection("\(name): \(refusal)")
          }
        }
        if missing == 0 { group.cancelAll() }
      }
      return Self.ordered(families)
    }
  }

  private enum Part: Sendable {
    case collector(CollectorEntry.Outcome, String)
    case timeIsUp
  }
}
