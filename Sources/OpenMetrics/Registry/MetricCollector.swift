/// Something that produces families at the time of a scrape, from a source that keeps its own numbers.
public protocol MetricCollector: Sendable {
  /// Everything that ``collect()`` may return; the registry refuses the rest.
  var descriptors: [MetricDescriptor] { get }

  /// Called from any thread, possibly from several at once. An error costs only this collector's families.
  func collect() throws -> [MetricFamily]
}

/// An instrument's family as the registry sees it.
protocol FamilySource: Sendable {
  /// The name of the registry's function that makes such families.
  static var instrument: String { get }
  /// How label sets are given.
  static var labelling: String { get }

  var descriptor: MetricDescriptor { get }
  var options: InstrumentOptions { get }
  func family() -> MetricFamily
}
