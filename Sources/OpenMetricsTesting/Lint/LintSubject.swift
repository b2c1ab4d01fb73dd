import OpenMetrics

/// What the rules look at, of a family or of a declaration.
struct LintSubject {
  let name: String
  let type: MetricType
  let help: String
  let hasBareTotal: Bool
  /// Label names, each once, in the order of their first use.
  let labels: [String]
  /// Label sets that more than one metric has.
  let duplicates: [LabelSet]

  init(_ descriptor: MetricDescriptor) {
    name = descriptor.name
    type = descriptor.type
    help = descriptor.help
    hasBareTotal = false
    labels = descriptor.labels
    duplicates = []
  }

  init(_ family: MetricFamily) {
    name = family.name
    type = family.type
    help = family.help
    hasBareTotal = family.type == .counter && family.hasBareTotal
    var known = Set<String>()
    labels = family.metrics.flatMap(Self.labels).map(\.name).filter { known.insert($0).inserted }
    var counts: [LabelSet: Int] = [:]
    for metric in family.metrics { counts[Self.labels(metric).comparable, default: 0] += 1 }
    duplicates = counts.filter { $0.value > 1 }.keys.sorted { $0.description < $1.description }
  }

  /// The name's parts in small letters.
  var words: [String] {
    name.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
  }

  /// With an info's own, which text shows as the metric's.
  private static func labels(_ metric: Metric) -> LabelSet {
    if case .info(let information)? = metric.points.first?.value {
      metric.labels.appending(information)
    } else {
      metric.labels
    }
  }
}
