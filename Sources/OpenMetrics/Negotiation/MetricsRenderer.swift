/// Answers a scrape: what an HTTP handler for `/metrics` calls.
public struct MetricsRenderer: Sendable {
  public let registry: MetricRegistry
  public let options: Exposition.Options

  public init(registry: MetricRegistry = .default, options: Exposition.Options = .init()) {
    self.registry = registry
    self.options = options
  }

  /// - Parameters:
  ///   - accept: the header `Accept`, if there is one.
  ///   - names: the values of the query parameter `name[]`, each a family or sample name; empty means all.
  /// - Returns: the header `Content-Type` and the body.
  public func render(accept: String?, names: [String] = []) -> (contentType: String, bytes: [UInt8]) {
    let negotiated = ContentNegotiation.negotiate(accept: accept)
    let families = registry.snapshot(names: names.isEmpty ? nil : Set(names))
    return (negotiated.contentType, Exposition.write(families, as: negotiated.format, options: options))
  }
}
