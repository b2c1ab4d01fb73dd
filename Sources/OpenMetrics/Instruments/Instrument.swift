/// One series' worth of measuring: what a family has for each label set.
public protocol Instrument: AnyObject, Sendable {}

/// What a family needs to know of its kind of instrument.
struct InstrumentKind<Child: Instrument>: Sendable {
  let make: @Sendable () -> Child
  /// What of the children never changes, for `read`; made once for each set of children.
  let prepare: (@Sendable ([Child]) -> any Sendable)?
  /// What these children show now, in their order.
  let read: @Sendable (ChildColumns<Child>) -> MetricList
  /// A number that changes whenever an update changes what the child shows, but for rare coincidences.
  let fingerprint: @Sendable (Child) -> UInt64
  /// Allows the next update to bring an exemplar of its own accord.
  let arm: (@Sendable (Child) -> Void)?
  /// What its children were made with.
  let options: InstrumentOptions

  init(
    make: @escaping @Sendable () -> Child, prepare: (@Sendable ([Child]) -> any Sendable)? = nil,
    read: @escaping @Sendable (ChildColumns<Child>) -> MetricList,
    fingerprint: @escaping @Sendable (Child) -> UInt64, arm: (@Sendable (Child) -> Void)? = nil,
    options: InstrumentOptions = .none
  ) {
    self.make = make
    self.prepare = prepare
    self.read = read
    self.fingerprint = fingerprint
    self.arm = arm
    self.options = options
  }

  /// A kind whose children are read one by one.
  init(
    make: @escaping @Sendable () -> Child, point: @escaping @Sendable (Child) -> MetricPointValue,
    fingerprint: @escaping @Sendable (Child) -> UInt64, arm: (@Sendable (Child) -> Void)? = nil,
    options: InstrumentOptions = .none
  ) {
    self.init(
      make: make,
      read: { columns in
        MetricList(zip(columns.labels, columns.children).map { Metric(labels: $0, point($1)) })
      }, fingerprint: fingerprint, arm: arm, options: options)
  }

  /// The family as a scrape sees it; afterwards its children may bring exemplars again.
  func family(
    _ descriptor: MetricDescriptor, _ columns: ChildColumns<Child>, _ context: InstrumentContext
  ) -> MetricFamily {
    let family = MetricFamily(descriptor, columns: read(columns))
    if let arm, context.samplesExemplars {
      context.allowVainQuestions()
      columns.children.forEach(arm)
    }
    return family
  }
}
