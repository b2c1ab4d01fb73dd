import OpenMetrics

/// The names that an expression may use: of samples, of their labels, and of the values of labels that are closed.
struct MetricVocabulary: Sendable {
  /// Who knows it.
  enum Source: String, Sendable, Hashable, Codable {
    case catalogue
    case scrape
  }

  /// All values that a label can have.
  struct ClosedValues: Sendable, Hashable {
    var values: Set<String>
    var source: Source
  }

  /// One name of a sample.
  struct Sample: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
      /// It only grows, until its process ends.
      case counter
      /// The buckets of a classic histogram, which only grow too.
      case bucket
      /// The name of the family itself, which a native histogram has.
      case nativeHistogram
      case other

      var onlyGrows: Bool { self == .counter || self == .bucket }
    }

    var family: String
    var kind: Kind
    var labels: Set<String>
    var closed: [String: ClosedValues] = [:]
  }

  let source: Source
  /// By the name as Prometheus sees it.
  private(set) var samples: [String: Sample] = [:]
  /// Names that the catalogue declares and the scrape does not have; empty without a scrape.
  private(set) var absent: Set<String> = []

  subscript(name: String) -> Sample? { samples[name] }

  /// Labels that Prometheus itself adds to each sample, and that a selector always has.
  static let targetLabels: Set = ["job", "instance"]

  /// What the code declares.
  init(catalogue: [MetricDescriptor]) {
    source = .catalogue
    for descriptor in catalogue { add(descriptor, source: .catalogue) }
  }

  /// What scrapes have. Labels of a family without a sample, and closed values, are those of the catalogue.
  init(scrape: [MetricFamily], catalogue: [MetricDescriptor]) {
    source = .scrape
    let declared = Dictionary(catalogue.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for family in scrape {
      add(MetricDescriptor(scraped: family), source: .scrape)
      if let descriptor = Self.descriptor(of: family.name, in: declared) {
        add(descriptor, source: .catalogue)
      }
    }
    absent = Set(MetricVocabulary(catalogue: catalogue).samples.keys).subtracting(samples.keys)
  }

  /// The declaration of a family, which older formats call as its sample.
  static func descriptor(of family: String, in declared: [String: MetricDescriptor]) -> MetricDescriptor? {
    if let descriptor = declared[family] { return descriptor }
    for suffix in ["_total", "_info"] where family.hasSuffix(suffix) {
      return declared[String(family.dropLast(suffix.count))]
    }
    return nil
  }

  private mutating func add(_ descriptor: MetricDescriptor, source: Source) {
    for (name, kind) in descriptor.sampleKinds {
      var labels = Set(descriptor.labels)
      var closed = ClosedLabels.values(of: descriptor, source: source)
      if kind == .bucket { labels.insert("le") }
      if descriptor.type == .summary { labels.insert("quantile") }
      if descriptor.type == .stateset {
        labels.insert(descriptor.name)
        closed[descriptor.name] = ClosedValues(values: Set(descriptor.states), source: source)
      }
      var sample =
        samples[name] ?? Sample(family: descriptor.name, kind: kind, labels: [], closed: [:])
      sample.labels.formUnion(labels)
      // What the code declares is all there can be; what a scrape has, all there was.
      sample.closed.merge(closed) { source == .catalogue ? $1 : $0 }
      samples[name] = sample
    }
  }
}

extension MetricDescriptor {
  /// A family as a scrape shows it.
  init(scraped family: MetricFamily) {
    var labels: [String] = []
    var seen: Set<String> = []
    var states: [String] = []
    for metric in family.metrics {
      for label in metric.labels where seen.insert(label.name).inserted { labels.append(label.name) }
      for point in metric.points {
        switch point.value {
        case .stateSet(let points): states += points.map(\.name).filter { !states.contains($0) }
        case .info(let added):
          for label in added where seen.insert(label.name).inserted { labels.append(label.name) }
        default: break
        }
      }
    }
    self.init(family.name, type: family.type, help: family.help, labels: labels, states: states)
  }

  /// The names of its samples as Prometheus stores them, and what they are.
  fileprivate var sampleKinds: [(name: String, kind: MetricVocabulary.Sample.Kind)] {
    switch type {
    case .counter:
      // The older text format calls the family as its sample.
      name.hasSuffix("_total")
        ? [(name, .counter)] : [(name + "_total", .counter), (name + "_created", .other)]
    case .histogram:
      [
        (name, .nativeHistogram), (name + "_bucket", .bucket), (name + "_count", .counter),
        (name + "_sum", .counter), (name + "_created", .other),
      ]
    case .summary:
      [(name, .other), (name + "_count", .counter), (name + "_sum", .counter), (name + "_created", .other)]
    case .info: [(name + "_info", .other)]
    default: sampleNames.map { ($0, .other) }
    }
  }
}
