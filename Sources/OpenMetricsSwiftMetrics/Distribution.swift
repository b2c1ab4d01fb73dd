import OpenMetrics

/// A family that takes observations, of whichever instrument.
enum Distribution: Sendable {
  case classic(HistogramFamily)
  case native(SparseHistogramFamily)
  case summary(SummaryFamily)

  /// Registers a histogram, native if there is a bucketing.
  init(
    making descriptor: MetricDescriptor, native: NativeBucketing?, in registry: MetricRegistry
  ) throws(MetricError) {
    if let native {
      self = .native(try registry.nativeHistogram(descriptor, native))
    } else {
      self = .classic(try registry.histogram(descriptor))
    }
  }

  /// The family that was registered by this declaration, of whichever instrument it is.
  ///
  /// - Throws: ``MetricError`` when it is a collector's, or its labels are a type.
  init(registered descriptor: MetricDescriptor, in registry: MetricRegistry) throws(MetricError) {
    if let summary = registry.family(descriptor.name, of: Summary.self) {
      self = .summary(summary)
    } else if let native = registry.family(descriptor.name, of: SparseHistogram.self) {
      self = .native(native)
    } else if descriptor.type == .summary {
      self = .summary(try registry.summary(descriptor))
    } else {
      self = .classic(try registry.histogram(descriptor))
    }
  }

  func child(_ values: [String]) throws(MetricError) -> any DurationObserver {
    switch self {
    case .classic(let family): try family.labels(values)
    case .native(let family): try family.labels(values)
    case .summary(let family): try family.labels(values)
    }
  }

  func remove(_ values: [String]) {
    switch self {
    case .classic(let family): family.remove(values)
    case .native(let family): family.remove(values)
    case .summary(let family): family.remove(values)
    }
  }
}
