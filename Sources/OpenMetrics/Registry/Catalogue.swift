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

  private(set) var sources: [Source] = []
  /// Family and sample names, as a reader sees them that knows no more than `[a-zA-Z0-9_:]`, and the family each
  /// belongs to: names that differ only in what such a reader cannot see would be one series to it.
  private var claims: [String: String] = [:]

  /// Returns the family that was registered by this very declaration, or makes it.
  mutating func admit<Family: FamilySource>(
    _ descriptor: MetricDescriptor, make: () -> Family
  ) throws(MetricError) -> Family {
    for case .instrument(let existing) in sources where existing.descriptor == descriptor {
      if let family = existing as? Family { return family }
    }
    try claim([descriptor])
    let family = make()
    sources.append(.instrument(family))
    return family
  }

  mutating func admit(_ collector: any MetricCollector, _ descriptors: [MetricDescriptor]) throws(MetricError)
  {
    try claim(descriptors)
    sources.append(.collector(CollectorEntry(collector, descriptors)))
  }

  /// - Returns: what was removed: it may end with it, and with it code that asks the registry.
  mutating func remove(_ name: String) -> Source? {
    guard let index = sources.firstIndex(where: { $0.descriptors.contains { $0.name == name } }) else {
      return nil
    }
    let source = sources.remove(at: index)
    let names = Set(source.descriptors.map(\.name))
    claims = claims.filter { !names.contains($0.value) }
    return source
  }

  private mutating func claim(_ descriptors: [MetricDescriptor]) throws(MetricError) {
    var extended = claims
    for descriptor in descriptors {
      let names = (descriptor.sampleNames + descriptor.namesInProtobuf + [descriptor.name])
        .map(EscapingScheme.underscores.escape)
      for name in Set(names).sorted() {
        if let existing = extended[name] {
          throw .clash(new: descriptor.name, existing: existing, sample: name)
        }
        extended[name] = descriptor.name
      }
    }
    claims = extended
  }
}

extension MetricDescriptor {
  /// What Prometheus makes of a gauge histogram that comes as protobuf.
  fileprivate var namesInProtobuf: [String] {
    type == .gaugehistogram ? [name + "_count", name + "_sum"] : []
  }
}
