/// A family whose values are asked for during a scrape.
struct CallbackCollector: MetricCollector, CustomStringConvertible {
  struct Failure: Error, CustomStringConvertible {
    let family: String
    let reason: any Error
    var description: String { "\(family): \(reason)" }
  }

  let descriptor: MetricDescriptor
  let read: @Sendable () throws -> MetricFamily

  var descriptors: [MetricDescriptor] { [descriptor] }

  var description: String { "callback of \(descriptor.name)" }

  func collect() throws -> [MetricFamily] {
    do {
      return [try read()]
    } catch {
      throw Failure(family: descriptor.name, reason: error)
    }
  }
}

extension MetricRegistry {
  /// Registers a counter, a gauge or an unknown without labels that is read by a closure during a scrape.
  ///
  /// - Parameters:
  ///   - descriptor: the declaration of the family.
  ///   - read: called from any thread, possibly from several at once. What it throws, and values that the family's
  ///     type does not allow, cost only this family, and count in ``RegistryStatistics/collectFailures``.
  /// - Throws: ``MetricError`` when the declaration is invalid, has labels, is of another type, or clashes.
  public func callback(
    _ descriptor: MetricDescriptor, read: @escaping @Sendable () throws -> Double
  ) throws(MetricError) {
    guard descriptor.labels.isEmpty else {
      throw .labelMismatch(family: descriptor.name, expected: descriptor.labels, actual: [])
    }
    try callback(descriptor, readAll: { [([], try read())] })
  }

  /// Registers a counter, a gauge or an unknown with labels that is read by a closure during a scrape.
  ///
  /// - Parameters:
  ///   - descriptor: the declaration of the family.
  ///   - readAll: as in ``callback(_:read:)``; returns a value for each list of label values.
  /// - Throws: ``MetricError`` when the declaration is invalid, is of another type, or clashes.
  public func callback<Values: Sequence<([String], Double)> & SendableMetatype>(
    _ descriptor: MetricDescriptor, readAll: @escaping @Sendable () throws -> Values
  ) throws(MetricError) {
    // Generic, so that a closure that only throws, and whose result is open, is the other form's.
    let family: @Sendable () throws -> MetricFamily
    switch descriptor.type {
    case .counter: family = { try .counter(descriptor, Array(readAll())) }
    case .gauge: family = { try .gauge(descriptor, Array(readAll())) }
    case .unknown: family = { try .unknown(descriptor, Array(readAll())) }
    default: throw .typeMismatch(family: descriptor.name, expected: .gauge, actual: descriptor.type)
    }
    try register(CallbackCollector(descriptor: descriptor, read: family))
  }
}
