/// What a collector needs: a declaration and one value for each list of label values.
///
/// Every factory throws ``MetricError/typeMismatch(family:expected:actual:)`` when the declaration is of another
/// type, and ``MetricError/labelMismatch(family:expected:actual:)`` when a list of label values does not fit.
extension MetricFamily {
  public static func counter(
    _ descriptor: MetricDescriptor, _ values: [([String], Double)]
  ) throws(MetricError) -> MetricFamily {
    try build(descriptor, .counter, values) { .counter(CounterPoint(total: .double($0))) }
  }

  /// A counter of whole numbers, exact to 64 bits.
  public static func counter(
    _ descriptor: MetricDescriptor, counts values: [([String], UInt64)]
  ) throws(MetricError) -> MetricFamily {
    try build(descriptor, .counter, values) { .counter(CounterPoint(total: .integer($0))) }
  }

  public static func counter(_ descriptor: MetricDescriptor, _ value: Double) throws(MetricError)
    -> MetricFamily
  {
    try counter(descriptor, [([], value)])
  }

  public static func gauge(
    _ descriptor: MetricDescriptor, _ values: [([String], Double)]
  ) throws(MetricError) -> MetricFamily {
    try build(descriptor, .gauge, values) { .gauge(.double($0)) }
  }

  public static func gauge(_ descriptor: MetricDescriptor, _ value: Double) throws(MetricError)
    -> MetricFamily
  {
    try gauge(descriptor, [([], value)])
  }

  public static func unknown(
    _ descriptor: MetricDescriptor, _ values: [([String], Double)]
  ) throws(MetricError) -> MetricFamily {
    try build(descriptor, .unknown, values) { .unknown(.double($0)) }
  }

  public static func histogram(
    _ descriptor: MetricDescriptor, _ values: [([String], HistogramPoint)]
  ) throws(MetricError) -> MetricFamily {
    try build(descriptor, .histogram, values) { .histogram($0) }
  }

  public static func gaugeHistogram(
    _ descriptor: MetricDescriptor, _ values: [([String], HistogramPoint)]
  ) throws(MetricError) -> MetricFamily {
    try build(descriptor, .gaugehistogram, values) { .gaugeHistogram($0) }
  }

  public static func summary(
    _ descriptor: MetricDescriptor, _ values: [([String], SummaryPoint)]
  ) throws(MetricError) -> MetricFamily {
    try build(descriptor, .summary, values) { .summary($0) }
  }

  /// One metric for each list of values of the descriptor's labels.
  public static func info(
    _ descriptor: MetricDescriptor, _ values: [[String]]
  ) throws(MetricError) -> MetricFamily {
    try build(descriptor, .info, values.map { ($0, ()) }) { _ in .info(.empty) }
  }

  /// The states are the descriptor's; those in the set are on.
  public static func stateSet(
    _ descriptor: MetricDescriptor, _ values: [([String], Set<String>)]
  ) throws(MetricError) -> MetricFamily {
    try build(descriptor, .stateset, values) { enabled in
      let enabled = Set(enabled.map(ExactText.init))
      return .stateSet(descriptor.states.map { StatePoint($0, enabled.contains(ExactText($0))) })
    }
  }

  private static func build<Value>(
    _ descriptor: MetricDescriptor, _ type: MetricType, _ values: [([String], Value)],
    _ point: (Value) -> MetricPointValue
  ) throws(MetricError) -> MetricFamily {
    guard descriptor.type == type else {
      throw .typeMismatch(family: descriptor.name, expected: type, actual: descriptor.type)
    }
    var metrics: [Metric] = []
    metrics.reserveCapacity(values.count)
    for (labelValues, value) in values {
      metrics.append(Metric(labels: try descriptor.labelSet(labelValues), point(value)))
    }
    return MetricFamily(descriptor, metrics: metrics)
  }
}
