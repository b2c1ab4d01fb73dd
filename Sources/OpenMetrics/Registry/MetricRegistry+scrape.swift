extension MetricRegistry {
  /// Everything as it is now, as ``snapshot(names:)``, with all collectors at once and no longer than `limit`.
  ///
  /// A collector that has not returned by then is left out and counted in ``RegistryStatistics/collectFailures``.
  public func snapshot(names: Set<String>? = nil, within limit: Duration) async -> [MetricFamily] {
    let (instruments, collectors) = selection(names)
    guard !collectors.isEmpty else { return Self.ordered(instruments.map { $0.family() }) }
    let statistics = statistics
    return await withTaskGroup(of: Part.self) { group in
      for collector in collectors {
        group.addTask {
          .collector(await collector.collected(statistics)?.selected(by: names), collector.name)
        }
      }
      group.addTask {
        try? await Task.sleep(for: limit)
        return .timeIsUp
      }
      var families = instruments.map { $0.family() }
      var missing = collectors.count
      for await part in group {
        switch part {
        case .timeIsUp: group.cancelAll()
        case .collector(let collected?, _):
          families += collected
          missing -= 1
        case .collector(nil, let name):
          statistics.failCollection("\(name): not done within \(limit)")
          missing -= 1
        }
        if missing == 0 { group.cancelAll() }
      }
      return Self.ordered(families)
    }
  }

  private enum Part: Sendable {
    case collector([MetricFamily]?, String)
    case timeIsUp
  }
}
