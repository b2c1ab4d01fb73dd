// The instruments beside counter, gauge and histogram: each as a family by label values, and by a type of labels.

extension MetricRegistry {
  /// Registers a gauge of whole numbers; as ``counter(_:)``.
  public func integerGauge(_ descriptor: MetricDescriptor) throws(MetricError) -> IntegerGaugeFamily {
    try instrument(descriptor, .gauge, IntegerGauge.kind)
  }

  /// Registers an unknown; as ``counter(_:)``.
  public func unknown(_ descriptor: MetricDescriptor) throws(MetricError) -> UnknownFamily {
    try instrument(descriptor, .unknown, UnknownMetric.kind)
  }

  /// Registers a gauge histogram; as ``counter(_:)``.
  public func gaugeHistogram(_ descriptor: MetricDescriptor) throws(MetricError) -> GaugeHistogramFamily {
    try instrument(
      descriptor, .gaugehistogram,
      GaugeHistogram.kind(bounds: BucketBounds(descriptor.effectiveBuckets), context))
  }

  /// Registers a histogram with native buckets; classic ones too where the declaration names some.
  ///
  /// - Throws: as ``counter(_:)``, and for a bucketing that cannot be or differs from that of before.
  public func nativeHistogram(
    _ descriptor: MetricDescriptor, _ bucketing: NativeBucketing = NativeBucketing()
  ) throws(MetricError) -> SparseHistogramFamily {
    try bucketing.validate(family: descriptor.name)
    return try instrument(descriptor, .histogram, sparse(descriptor, bucketing))
  }

  /// Registers a summary.
  ///
  /// - Throws: as ``counter(_:)``, and for options that cannot be or differ from those of before.
  public func summary(
    _ descriptor: MetricDescriptor, _ options: SummaryOptions = SummaryOptions()
  ) throws(MetricError) -> SummaryFamily {
    try options.validate(family: descriptor.name)
    return try instrument(descriptor, .summary, Summary.kind(options: options, context))
  }

  private func sparse(
    _ descriptor: MetricDescriptor, _ bucketing: NativeBucketing
  ) -> InstrumentKind<SparseHistogram> {
    let bounds = descriptor.buckets.isEmpty ? nil : BucketBounds(descriptor.effectiveBuckets)
    return SparseHistogram.kind(bounds: bounds, bucketing: bucketing, context)
  }
}

extension MetricRegistry {
  /// Registers a gauge of whole numbers; as ``counter(_:labels:help:unit:)``.
  public func integerGauge<Labels: MetricLabels>(
    _ name: String, labels: Labels.Type, help: String, unit: String = ""
  ) throws(MetricError) -> LabelledFamily<Labels, IntegerGauge> {
    try labelled(
      MetricDescriptor(name, type: .gauge, help: help, unit: unit, labels: Labels.labelNames),
      IntegerGauge.kind)
  }

  /// Registers an unknown; as ``counter(_:labels:help:unit:)``.
  public func unknown<Labels: MetricLabels>(
    _ name: String, labels: Labels.Type, help: String, unit: String = ""
  ) throws(MetricError) -> LabelledFamily<Labels, UnknownMetric> {
    try labelled(
      MetricDescriptor(name, type: .unknown, help: help, unit: unit, labels: Labels.labelNames),
      UnknownMetric.kind)
  }

  /// Registers a gauge histogram; as ``histogram(_:labels:help:unit:buckets:)``.
  public func gaugeHistogram<Labels: MetricLabels>(
    _ name: String, labels: Labels.Type, help: String, unit: String = "", buckets: [Double] = []
  ) throws(MetricError) -> LabelledFamily<Labels, GaugeHistogram> {
    let descriptor = MetricDescriptor(
      name, type: .gaugehistogram, help: help, unit: unit, labels: Labels.labelNames, buckets: buckets)
    return try labelled(
      descriptor, GaugeHistogram.kind(bounds: BucketBounds(descriptor.effectiveBuckets), context))
  }

  /// Registers a histogram with native buckets, and with classic ones where `buckets` has some.
  ///
  /// - Throws: as ``counter(_:labels:help:unit:)``, and for a bucketing that cannot be.
  public func nativeHistogram<Labels: MetricLabels>(
    _ name: String, labels: Labels.Type, help: String, unit: String = "", buckets: [Double] = [],
    _ bucketing: NativeBucketing = NativeBucketing()
  ) throws(MetricError) -> LabelledFamily<Labels, SparseHistogram> {
    try bucketing.validate(family: name)
    let descriptor = MetricDescriptor(
      name, type: .histogram, help: help, unit: unit, labels: Labels.labelNames, buckets: buckets)
    return try labelled(descriptor, sparse(descriptor, bucketing))
  }

  /// Registers a summary.
  ///
  /// - Throws: as ``counter(_:labels:help:unit:)``, and for options that cannot be.
  public func summary<Labels: MetricLabels>(
    _ name: String, labels: Labels.Type, help: String, unit: String = "",
    _ options: SummaryOptions = SummaryOptions()
  ) throws(MetricError) -> LabelledFamily<Labels, Summary> {
    try options.validate(family: name)
    return try labelled(
      MetricDescriptor(name, type: .summary, help: help, unit: unit, labels: Labels.labelNames),
      Summary.kind(options: options, context))
  }
}
