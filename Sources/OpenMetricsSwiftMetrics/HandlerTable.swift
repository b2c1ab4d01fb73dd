import OpenMetrics

/// Which handlers there are, for which label sets, and how many users each has: the factory's state, without its lock.
struct HandlerTable: Sendable {
  private struct Use {
    let family: String
    let values: [String]
    let handler: Handler
    var users = 1
    /// Requests that lead here without another look at their names.
    var shortcuts: [MetricRequest] = []
  }

  /// The same dimensions in another order are another request; more orders than these take the longer way.
  private static let maximumShortcuts = 4

  private var families: [String: FactoryFamily] = [:]
  /// By family and the values of its labels. Apart from the families, so that whoever holds one of those does not make
  /// a new series copy all others.
  private var handlers: [String: [[String]: Handler]] = [:]
  private var uses: [ObjectIdentifier: Use] = [:]
  private var shortcuts: [MetricRequest: Handler] = [:]

  /// The handler of this label set, with one user more.
  mutating func handler(
    for request: MetricRequest, _ configuration: OpenMetricsFactory.Configuration,
    in registry: MetricRegistry, _ statistics: FactoryStatistics
  ) throws(MetricMismatch) -> Handler {
    if let handler = shortcuts[request] {
      uses[handler.identity]?.users += 1
      return handler
    }
    let labels = try Self.labels(of: request, configuration.names)
    let name = configuration.familyName(of: request.kind, request.label)
    let wanted = configuration.descriptor(
      of: request.kind, request.label, name: name, labels: labels.map(\.name))
    let handler: Handler
    do throws(MetricError) {
      let family = try family(
        request.kind, wanted, native: configuration.nativeBucketing(request.label), in: registry)
      guard let values = family.values(labels), family.kind == request.kind else {
        throw MetricError.labelMismatch(
          family: name, expected: family.descriptor.labels, actual: wanted.labels)
      }
      handler = try self.handler(values, of: family, in: registry, statistics)
    } catch {
      defer { dropIfEmpty(name, in: registry) }
      throw mismatch(error, name, request)
    }
    remember(request, handler)
    return handler
  }

  private mutating func family(
    _ kind: InstrumentKind, _ wanted: MetricDescriptor, native: NativeBucketing?, in registry: MetricRegistry
  ) throws(MetricError) -> FactoryFamily {
    if let family = families[wanted.name] { return family }
    let family = try FactoryFamily(kind, wanted, native: native, in: registry)
    families[wanted.name] = family
    return family
  }

  private mutating func handler(
    _ values: [String], of family: FactoryFamily, in registry: MetricRegistry,
    _ statistics: FactoryStatistics
  ) throws(MetricError) -> Handler {
    let name = family.descriptor.name
    if let existing = handlers[name]?[values] {
      uses[existing.identity]?.users += 1
      return existing
    }
    let handler = try family.makeHandler(values, in: registry, statistics)
    handlers[name, default: [:]][values] = handler
    uses[handler.identity] = Use(family: name, values: values, handler: handler)
    return handler
  }

  private func mismatch(
    _ error: MetricError, _ name: String, _ request: MetricRequest
  ) -> MetricMismatch {
    guard let family = families[name], family.kind != request.kind else {
      return MetricMismatch(error, request)
    }
    return MetricMismatch(
      .otherKind, request,
      "\(name) is a \(family.kind.rawValue), so a \(request.kind.rawValue) needs another label")
  }

  /// Takes one user away. With the last one the series ends, and with the last series a family that the factory
  /// registered, so that its name is free again.
  mutating func release(_ identity: ObjectIdentifier, in registry: MetricRegistry) {
    guard var use = uses[identity] else { return }
    use.users -= 1
    guard use.users == 0 else {
      uses[identity] = use
      return
    }
    uses[identity] = nil
    for request in use.shortcuts { shortcuts[request] = nil }
    if case .counter(let handler) = use.handler { handler.release() }
    families[use.family]?.removeChild(use.values)
    handlers[use.family]?[use.values] = nil
    dropIfEmpty(use.family, in: registry)
  }

  private mutating func dropIfEmpty(_ name: String, in registry: MetricRegistry) {
    guard let family = families[name], handlers[name]?.isEmpty ?? true else { return }
    families[name] = nil
    handlers[name] = nil
    if family.isOwned { registry.unregister(name: name) }
  }

  private mutating func remember(_ request: MetricRequest, _ handler: Handler) {
    guard let known = uses[handler.identity]?.shortcuts.count, known < Self.maximumShortcuts else { return }
    uses[handler.identity]?.shortcuts.append(request)
    shortcuts[request] = handler
  }

  private static func labels(
    of request: MetricRequest, _ names: NameRule
  ) throws(MetricMismatch) -> [Label] {
    let labels = request.dimensions.map { Label(names.labelName($0.name), $0.value) }
    var seen = Set<String>()
    for label in labels where !seen.insert(label.name).inserted {
      throw MetricMismatch(.invalidLabels, request, "two of its dimensions are called \(label.name)")
    }
    return labels
  }
}
