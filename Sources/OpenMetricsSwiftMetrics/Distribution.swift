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

  /// The family that was registered by this declaration. A declaration does not say by which instrument, so the
  /// registry is asked for each; it gives only the one that is there.
  init(registered descriptor: MetricDescriptor, in registry: MetricRegistry) throws(MetricError) {
    if descriptor.type == .summary {
      self = .summary(try registry.summary(descriptor))
    } else if let native = try? registry.nativeHistogram(descriptor) {
      self = .native(native)
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
