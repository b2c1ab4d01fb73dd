import OpenMetrics

/// A family that the factory makes handlers for.
struct FactoryFamily: Sendable {
  enum Source: Sendable {
    case counter(CounterFamily)
    case gauge(GaugeFamily)
    case distribution(Distribution)
  }

  let kind: InstrumentKind
  let descriptor: MetricDescriptor
  let source: Source
  /// Whether the factory registered it; another's is never taken from the registry.
  let isOwned: Bool

  /// Registers the family, or takes the one of this name and type that other code has registered: that is how a
  /// program gives help and buckets to the metrics of its libraries. A summary may stand for a histogram then.
  init(
    _ kind: InstrumentKind, _ wanted: MetricDescriptor, native: NativeBucketing?, in registry: MetricRegistry
  ) throws(MetricError) {
    let existing = registry.descriptor(wanted.name).flatMap { descriptor in
      descriptor.type == kind.type || (kind.type == .histogram && descriptor.type == .summary)
        ? descriptor : nil
    }
    let descriptor = existing ?? wanted
    self.kind = kind
    self.descriptor = descriptor
    isOwned = existing == nil
    switch kind {
    case .counter: source = .counter(try registry.counter(descriptor))
    case .gauge: source = .gauge(try registry.gauge(descriptor))
    case .recorder, .timer:
      source = .distribution(
        existing == nil
          ? try Distribution(making: descriptor, native: native, in: registry)
          : try Distribution(registered: descriptor, in: registry))
    }
  }

  /// The values in the order of the descriptor's labels, or `nil` when the names are others.
  func values(_ labels: [Label]) -> [String]? {
    guard labels.count == descriptor.labels.count else { return nil }
    var values: [String] = []
    values.reserveCapacity(labels.count)
    for name in descriptor.labels {
      guard let label = labels.first(where: { $0.name == name }) else { return nil }
      values.append(label.value)
    }
    return values
  }

  func makeHandler(
    _ values: [String], in registry: MetricRegistry, _ statistics: FactoryStatistics
  ) throws(MetricError) -> Handler {
    switch source {
    case .counter(let family):
      return .counter(
        CountingHandler(try family.labels(values), statistics: statistics) { [descriptor, isOwned] in
          // What the program registered by itself is the program's to end.
          guard isOwned else { return .refused }
          guard values.isEmpty else {
            family.remove(values)
            // Another thread may have taken its place in a full family.
            return (try? family.labels(values)).map { .renewed($0) } ?? .lost
          }
          // The only child of a family without labels ends with its family.
          registry.unregister(name: descriptor.name)
          return (try? registry.counter(descriptor).child).map { .renewed($0) } ?? .lost
        })
    case .gauge(let family): return .gauge(LevelHandler(try family.labels(values)))
    case .distribution(let family):
      let distribution = try family.child(values)
      return kind == .timer
        ? .timer(DurationHandler(distribution, statistics: statistics))
        : .recorder(DistributionHandler(distribution))
    }
  }

  func removeChild(_ values: [String]) {
    guard isOwned else { return }
    switch source {
    case .counter(let family): family.remove(values)
    case .gauge(let family): family.remove(values)
    case .distribution(let family): family.remove(values)
    }
  }
}
