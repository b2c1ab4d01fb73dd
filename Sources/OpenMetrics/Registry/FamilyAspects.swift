/// What a registration sets beside the declaration.
enum InstrumentOptions: Sendable, Hashable {
  case none
  case native(NativeBucketing)
  case summary(SummaryOptions)
}

/// What two registrations of one name may differ in, in words.
struct FamilyAspects {
  private let texts: [String]

  init(_ family: some FamilySource) {
    self.init(type(of: family), family.descriptor, family.options)
  }

  init<Family: FamilySource>(
    _ family: Family.Type, _ descriptor: MetricDescriptor, _ options: InstrumentOptions
  ) {
    texts = [
      family.instrument, family.labelling, "the labels \(descriptor.labels)",
      "the help \"\(descriptor.help)\"", "the unit \"\(descriptor.unit)\"",
      "the buckets \(descriptor.buckets)",
      "the states \(descriptor.states)", "the owner \"\(descriptor.owner)\"", Self.text(options),
    ]
  }

  /// Where the two differ, and how.
  static func differing(_ existing: Self, _ new: Self) -> (existing: String, new: String) {
    let pairs = zip(existing.texts, new.texts).filter { $0 != $1 }
    let sides = [pairs.map(\.0), pairs.map(\.1)].map { side in
      side.filter { !$0.isEmpty }.joined(separator: ", ")
    }
    return (sides[0], sides[1])
  }

  private static func text(_ options: InstrumentOptions) -> String {
    switch options {
    case .none: ""
    case .native(let bucketing):
      "the schema \(bucketing.schema), a zero threshold of \(bucketing.zeroThreshold), "
        + "at most \(bucketing.maximumBuckets) buckets, "
        + "resets after \(bucketing.minimumResetInterval?.description ?? "no time"), "
        + "a zero bucket of at most \(bucketing.maximumZeroThreshold)"
    case .summary(let options):
      "the objectives \(options.objectives.map { "\($0.quantile)±\($0.error)" }), "
        + "an age of at most \(options.maximumAge) in \(options.ageBuckets) steps"
    }
  }
}

/// The name of the registry's function that makes families of this kind.
func registeringName<Child: Instrument>(_ child: Child.Type) -> String {
  switch child {
  case is SparseHistogram.Type: "nativeHistogram"
  case is UnknownMetric.Type: "unknown"
  default: "\(child)".prefix(1).lowercased() + "\(child)".dropFirst()
  }
}
