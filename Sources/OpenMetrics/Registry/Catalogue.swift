/// What is registered, and which names it lays claim to: the registry's state, without its lock.
struct Catalogue: Sendable {
  enum Source: Sendable {
    case instrument(any FamilySource)
    case collector(CollectorEntry)

    var descriptors: [MetricDescriptor] {
      switch self {
      case .instrument(let instrument): [instrument.descriptor]
      case .collector(let entry): entry.descriptors
      }
    }
  }

  private struct Claim {
    let family: String
    let source: UInt64
  }

  /// By the order of their registration.
  private var numbered: [UInt64: Source] = [:]
  private var next: UInt64 = 0
  /// Family and sample names, as they are and as a reader sees them that knows no more than `[a-zA-Z0-9_:]`, and what each
  /// belongs to: names that differ only in what such a reader cannot see would be one series to it.
  private var claims: [ExactText: Claim] = [:]

  /// In the order of their registration.
  var sources: [Source] { numbered.sorted { $0.key < $1.key }.map(\.value) }

  /// The declaration of the family of this name.
  func descriptor(_ name: String) -> MetricDescriptor? {
    source(name)?.source.descriptors.first { ExactText($0.name) == ExactText(name) }
  }

  func instrument(_ name: String) -> (any FamilySource)? {
    guard case .instrument(let instrument)? = source(name)?.source else { return nil }
    return instrument
  }

  /// Returns the family that was registered by this very declaration and these options, or makes it.
  mutating func admit<Family: FamilySource>(
    _ descriptor: MetricDescriptor, _ options: InstrumentOptions, make: () -> Family
  ) throws(MetricError) -> Family {
    if let existing = instrument(descriptor.name) {
      if existing.descriptor == descriptor, existing.options == options, let family = existing as? Family {
        return family
      }
      let (old, new) = FamilyAspects.differing(
        FamilyAspects(existing), FamilyAspects(Family.self, descriptor, options))
      throw .declaredOtherwise(family: descriptor.name, existing: old, new: new)
    }
    try claim([descriptor])
    let family = make()
    append(.instrument(family))
    return family
  }

  mutating func admit(_ collector: any MetricCollector, _ descriptors: [MetricDescriptor]) throws(MetricError)
  {
    try claim(descriptors)
    append(.collector(CollectorEntry(collector, descriptors)))
  }

  /// - Returns: what was removed: it may end with it, and with it code that asks the registry.
  mutating func remove(_ name: String) -> Source? {
    guard let (number, source) = source(name) else { return nil }
    numbered[number] = nil
    for claimed in source.descriptors.flatMap(\.claimedNames) { claims[ExactText(claimed)] = nil }
    return source
  }

  private func source(_ name: String) -> (number: UInt64, source: Source)? {
    guard let claim = claims[ExactText(name)], ExactText(claim.family) == ExactText(name),
      let source = numbered[claim.source]
    else { return nil }
    return (claim.source, source)
  }

  private mutating func append(_ source: Source) {
    numbered[next] = source
    next += 1
  }

  /// Claims all names for the source that comes next, or, on an error, none.
  private mutating func claim(_ descriptors: [MetricDescriptor]) throws(MetricError) {
    var wanted: [ExactText: Claim] = [:]
    for descriptor in descriptors {
      for name in descriptor.claimedNames.sorted() {
        let key = ExactText(name)
        if let existing = claims[key] ?? wanted[key] {
          throw .clash(new: descriptor.name, existing: existing.family, sample: name)
        }
        wanted[key] = Claim(family: descriptor.name, source: next)
      }
    }
    for (name, claim) in wanted { claims[name] = claim }
  }
}

extension MetricDescriptor {
  /// The family's name and those of its samples in any format, as readers with and without quotes see them.
  fileprivate var claimedNames: Set<String> {
    EscapingScheme.joining.reduce(into: shownNames(.allowUTF8)) { $0.formUnion(shownNames($1)) }
  }
}
