import Synchronization

/// All metrics of a process, or of a part of it.
public final class MetricRegistry: Sendable {
  /// The registry of the process.
  public static let `default` = MetricRegistry()

  let context: InstrumentContext
  let childLimit: Int
  private let catalogue = Mutex(Catalogue())

  /// A registry whose families may have 10,000 children each.
  public convenience init() { self.init(maximumChildren: 10_000) }

  /// - Parameters:
  ///   - maximumChildren: how many label sets one family may have; more are an error.
  ///   - clock: for what instruments stamp or measure themselves.
  public init(maximumChildren: Int, clock: any MetricClock = SystemMetricClock()) {
    childLimit = maximumChildren
    context = InstrumentContext(clock: clock)
  }

  /// Refused updates and failed collections.
  public var statistics: RegistryStatistics { context.statistics }

  /// What an update belongs to, such as the trace of the request that is being served; counters and histograms ask for
  /// it at most once per ``exemplarInterval`` and child (histograms: and bucket), on the updating thread. `nil`, the
  /// default, switches this off.
  ///
  /// A child that was sampled is sampled again after a scrape, so without scrapes nothing is sampled twice. Where the
  /// source has nothing to refer to, the next updates are asked, some thousand between two scrapes in all, so that
  /// exemplars come even where few traces are sampled. Children that exist when a source is set are sampled from the
  /// next scrape on.
  public var exemplarSource: (@Sendable () -> LabelSet?)? {
    get { context.exemplarSource }
    set { context.exemplarSource = newValue }
  }

  /// The least time between two sampled exemplars of one child; 10 s by default.
  public var exemplarInterval: Duration {
    get { context.exemplarInterval }
    set { context.exemplarInterval = newValue }
  }

  /// Registers a counter. The same declaration again returns the same family.
  ///
  /// - Throws: ``MetricError`` when the declaration is invalid, of another type, or clashes with a registered one;
  ///   ``MetricError/declaredOtherwise(family:existing:new:)`` when the name is registered with anything else.
  public func counter(_ descriptor: MetricDescriptor) throws(MetricError) -> CounterFamily {
    try instrument(descriptor, .counter, Counter.kind(context))
  }

  /// Registers a gauge; as ``counter(_:)``.
  public func gauge(_ descriptor: MetricDescriptor) throws(MetricError) -> GaugeFamily {
    try instrument(descriptor, .gauge, Gauge.kind(context))
  }

  /// Registers a histogram; as ``counter(_:)``.
  public func histogram(_ descriptor: MetricDescriptor) throws(MetricError) -> HistogramFamily {
    try instrument(
      descriptor, .histogram, Histogram.kind(bounds: BucketBounds(descriptor.effectiveBuckets), context))
  }

  /// Registers a state set; as ``counter(_:)``.
  public func stateSet(_ descriptor: MetricDescriptor) throws(MetricError) -> StateSetFamily {
    try instrument(descriptor, .stateset, StateSet.kind(states: descriptor.states, context))
  }

  /// Registers an info; as ``counter(_:)``.
  public func info(_ descriptor: MetricDescriptor) throws(MetricError) -> InfoFamily {
    try validate(descriptor, .info)
    return try admit(descriptor, .none) { InfoFamily(descriptor) }
  }

  /// Registers a collector with all its descriptors, or, on an error, with none.
  ///
  /// - Throws: ``MetricError`` when a descriptor is invalid or clashes.
  public func register(_ collector: any MetricCollector) throws(MetricError) {
    let descriptors = collector.descriptors
    for descriptor in descriptors { try descriptor.validate() }
    try catalogue.withLock { (catalogue) throws(MetricError) in
      try catalogue.admit(collector, descriptors)
    }
  }

  /// Removes the family of this name, or the collector that declares it, with all of that collector's families.
  public func unregister(name: String) { _ = catalogue.withLock { $0.remove(name) } }

  /// The declarations of everything registered, by name.
  public var descriptors: [MetricDescriptor] {
    catalogue.withLock { $0 }.sources.flatMap(\.descriptors).sorted { $0.name < $1.name }
  }

  /// The declaration of the registered family of this name.
  package func descriptor(_ name: String) -> MetricDescriptor? { catalogue.withLock { $0.descriptor(name) } }

  /// The registered family of this name, if it is of this instrument and its labels are given as text.
  package func family<Child: Instrument>(_ name: String, of: Child.Type) -> InstrumentFamily<Child>? {
    catalogue.withLock { $0.instrument(name) } as? InstrumentFamily<Child>
  }

  /// Everything as it is now, by name, with `target_info` first. Collectors are called on this thread, one by one.
  ///
  /// So this takes as long as they take, and never returns where one of them never does; ``snapshot(names:within:)`` has
  /// a limit. It does not know of collections that other snapshots have under way, and calls every collector anew.
  ///
  /// - Parameter names: family or sample names to restrict the result to; collectors of others are not called.
  public func snapshot(names: Set<String>? = nil) -> [MetricFamily] {
    let (instruments, collectors) = selection(names)
    return Self.ordered(
      instruments.map { $0.family() } + collectors.flatMap { $0.collect(statistics).selected(by: names) })
  }

  func selection(_ names: Set<String>?) -> (instruments: [any FamilySource], collectors: [CollectorEntry]) {
    var instruments: [any FamilySource] = []
    var collectors: [CollectorEntry] = []
    for source in catalogue.withLock({ $0 }).sources
    where source.descriptors.contains(where: { $0.isSelected(by: names) }) {
      switch source {
      case .instrument(let instrument): instruments.append(instrument)
      case .collector(let entry): collectors.append(entry)
      }
    }
    return (instruments, collectors)
  }

  static func ordered(_ families: [MetricFamily]) -> [MetricFamily] {
    // OpenMetrics 1.0, "MetricSet": an info called "target" comes first.
    families.sorted { left, right in
      (left.isTarget ? 0 : 1, left.name) < (right.isTarget ? 0 : 1, right.name)
    }
  }

  func instrument<Child: Instrument>(
    _ descriptor: MetricDescriptor, _ type: MetricType, _ kind: InstrumentKind<Child>
  ) throws(MetricError) -> InstrumentFamily<Child> {
    try validate(descriptor, type)
    return try admit(descriptor, kind.options) {
      InstrumentFamily(descriptor, context: context, limit: childLimit, kind: kind)
    }
  }

  /// The family that was registered by this very declaration and these options, or a new one.
  func admit<Family: FamilySource>(
    _ descriptor: MetricDescriptor, _ options: InstrumentOptions, make: () -> Family
  ) throws(MetricError) -> Family {
    try catalogue.withLock { (catalogue) throws(MetricError) -> Family in
      try catalogue.admit(descriptor, options, make: make)
    }
  }

  private func validate(_ descriptor: MetricDescriptor, _ type: MetricType) throws(MetricError) {
    guard descriptor.type == type else {
      throw .typeMismatch(family: descriptor.name, expected: type, actual: descriptor.type)
    }
    try descriptor.validate()
  }
}

extension MetricFamily {
  fileprivate var isTarget: Bool { name == "target" && type == .info }
}

extension MetricDescriptor {
  fileprivate func isSelected(by names: Set<String>?) -> Bool {
    guard let names else { return true }
    return names.contains(name) || sampleNames.contains { names.contains($0) }
  }
}

extension [MetricFamily] {
  /// Those of which the family's or a sample's name is wanted; all of them without names.
  func selected(by names: Set<String>?) -> [MetricFamily] {
    guard let names else { return self }
    return filter { names.contains($0.name) || $0.sampleNames.contains { names.contains($0) } }
  }
}
