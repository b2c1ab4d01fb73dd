/// Renders a registry in the format that a reader prefers: everything about a scrape but the transport.
///
/// Servers want ``ScrapeHandler``, which adds compression, a time limit and sharing.
public struct MetricsRenderer: Sendable {
  public let registry: MetricRegistry
  /// The escaping is the reader's to choose; the option's is for nothing here.
  public let options: Exposition.Options

  public init(registry: MetricRegistry = .default, options: Exposition.Options = .init()) {
    self.registry = registry
    self.options = options
  }

  /// Collectors are called on this thread, without a limit to their time.
  ///
  /// - Parameters:
  ///   - accept: the header `Accept`, if there is one.
  ///   - names: the values of the query parameter `name[]`, each a family or sample name, as it was declared or
  ///     as this reader gets it; empty means all.
  /// - Returns: the header `Content-Type` and the body.
  public func render(accept: String?, names: [String] = []) -> (contentType: String, bytes: [UInt8]) {
    let negotiated = ContentNegotiation.negotiate(accept: accept)
    let families = registry.snapshot(names: registry.names(wantedAs: Set(names), negotiated.escaping))
    return (negotiated.contentType, render(families, negotiated))
  }

  func render(_ families: [MetricFamily], _ negotiated: ContentNegotiation) -> [UInt8] {
    var options = options
    options.escaping = negotiated.escaping
    return Exposition.write(families, as: negotiated.format, options: options)
  }
}
