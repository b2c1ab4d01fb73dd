/// Something that produces families at the time of a scrape, from a source that keeps its own numbers.
public protocol MetricCollector: Sendable {
  /// Everything that ``collect()`` may return; the registry refuses the rest.
  var descriptors: [MetricDescriptor] { get }

  /// Called from any thread, possibly from several at once. An error costs only this collector's families.
  func collect() throws -> [MetricFamily]
}

/// An instrument's family as the registry sees it.
protocol FamilySource: Sendable {
  var descriptor: MetricDescriptor { get }
  func family() -> MetricFamily
}
