// Families whose labels are a type. The labels' names come from that type, so the declaration names none.

extension MetricRegistry {
  /// Registers a counter with these labels. The same declaration with the same type again returns the same family.
  ///
  /// - Parameters:
  ///   - name: without `_total`.
  ///   - labels: the type of the label sets.
  ///   - help: what the metric says, in a sentence.
  ///   - unit: the base unit, such as `seconds`, which the name then ends with; empty for none.
  /// - Throws: ``MetricError`` when the declaration is invalid, of another type, or clashes with a registered one.
  public func counter<Labels: MetricLabels>(
    _ name: String, labels: Labels.Type, help: String, unit: String = ""
  ) throws(MetricError) -> LabelledFamily<Labels, Counter> {
    try labelled(
      MetricDescriptor(name, type: .counter, help: help, unit: unit, labels: Labels.labelNames),
      Counter.kind(context))
  }

  /// Registers a gauge; as ``counter(_:labels:help:unit:)``.
  public func gauge<Labels: MetricLabels>(
    _ name: String, labels: Labels.Type, help: String, unit: String = ""
  ) throws(MetricError) -> LabelledFamily<Labels, Gauge> {
    try labelled(
      MetricDescriptor(name, type: .gauge, help: help, unit: unit, labels: Labels.labelNames),
      Gauge.kind(context))
  }

  /// Registers a histogram with classic buckets; as ``counter(_:labels:help:unit:)``.
  ///
  /// - Parameters:
  ///   - name: without `_bucket`, `_count` or `_sum`.
  ///   - labels: the type of the label sets.
  ///   - help: what the metric says, in a sentence.
  ///   - unit: the base unit, such as `seconds`, which the name then ends with; empty for none.
  ///   - buckets: finite upper bounds, ascending; empty means ``MetricDescriptor/defaultBuckets``.
  public func histogram<Labels: MetricLabels>(
    _ name: String, labels: Labels.Type, help: String, unit: String = "", buckets: [Double] = []
  ) throws(MetricError) -> LabelledFamily<Labels, Histogram> {
    let descriptor = MetricDescriptor(
      name, type: .histogram, help: help, unit: unit, labels: Labels.labelNames, buckets: buckets)
    return try labelled(
      descriptor, Histogram.kind(bounds: BucketBounds(descriptor.effectiveBuckets), context))
  }

  /// Registers a state set; as ``counter(_:labels:help:unit:)``.
  public func stateSet<Labels: MetricLabels>(
    _ name: String, labels: Labels.Type, help: String, states: [String]
  ) throws(MetricError) -> LabelledFamily<Labels, StateSet> {
    try labelled(
      MetricDescriptor(name, type: .stateset, help: help, labels: Labels.labelNames, states: states),
      StateSet.kind(states: states, context))
  }

  func labelled<Labels: MetricLabels, Child: Instrument>(
    _ descriptor: MetricDescriptor, _ kind: InstrumentKind<Child>
  ) throws(MetricError) -> LabelledFamily<Labels, Child> {
    try descriptor.validate()
    return try admit(descriptor, kind.options) {
      LabelledFamily(descriptor, context: context, limit: childLimit, kind: kind)
    }
  }
}
