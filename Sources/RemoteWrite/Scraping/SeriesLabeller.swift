import OpenMetrics

/// A way that samples go: what is done with labels for the endpoints that share it.
struct SampleRoute: Sendable, Hashable {
  var externalLabels: SeriesLabels
  var rules: [RelabelRule]
  var samplesPerFragment: Int
  var sendsExemplars = false
  var sendsHistograms = false
  /// How often metadata are sent, in milliseconds; nil for never.
  var metadataInterval: Int64?

  /// The labels that are sent; nil where the rules drop the series, or remote write 1.0 has no room for a name.
  func labels(of series: SeriesLabels) -> SeriesLabels? {
    var labels = series
    for label in externalLabels.labels where !labels.contains(label.name) { labels[label.name] = label.value }
    guard let made = RelabelRule.apply(rules, to: labels), SeriesLabeller.isSendable(made) else { return nil }
    return made
  }
}

/// Makes a series' labels of what a line says and of what the target is.
struct SeriesLabeller: Sendable, Equatable {
  let target: SeriesLabels
  let honorsLabels: Bool
  let rules: [RelabelRule]
  let limits: ScrapeLimits

  enum Made: Equatable {
    case kept(SeriesLabels)
    /// By a rule.
    case dropped
    /// Its names are not those of remote write 1.0.
    case unsendable
  }

  func labels(of text: UnsafeRawBufferPointer, line: Int) throws(ScrapeFault) -> Made {
    let exposed: [Label]
    do throws(SeriesText.Fault) {
      exposed = try SeriesText.labels(text)
    } catch {
      throw .malformed(line: line, reason: error.reason)
    }
    guard let made = RelabelRule.apply(rules, to: merged(SeriesLabels(exposed))), !made.isEmpty else {
      return .dropped
    }
    guard made.contains(SeriesLabels.nameLabel) else {
      throw .malformed(line: line, reason: "relabelling left a series without a name")
    }
    try check(made)
    return Self.isSendable(made) ? .kept(made) : .unsendable
  }

  /// With the target's labels. Those that a series has itself win where the job honours them, and are kept as `exported_…`
  /// otherwise.
  func merged(_ exposed: SeriesLabels) -> SeriesLabels {
    var labels = exposed
    if honorsLabels {
      for label in target.labels where !exposed.contains(label.name) { labels[label.name] = label.value }
      return labels
    }
    var conflicts: [Label] = []
    for label in target.labels {
      if exposed.contains(label.name) { conflicts.append(Label(label.name, exposed[label.name])) }
      labels[label.name] = label.value
    }
    for label in conflicts.sorted(by: { $0.name.utf8.count < $1.name.utf8.count }) {
      var name = label.name
      repeat { name = "exported_" + name } while labels.contains(name)
      labels[name] = label.value
    }
    return labels
  }

  private func check(_ labels: SeriesLabels) throws(ScrapeFault) {
    if limits.labels > 0, labels.labels.count > limits.labels {
      throw .labels("a series with \(labels.labels.count) labels, of at most \(limits.labels)")
    }
    for label in labels.labels {
      if limits.labelNameBytes > 0, label.name.utf8.count > limits.labelNameBytes {
        throw .labels("a label's name of more than \(limits.labelNameBytes) bytes")
      }
      if limits.labelValueBytes > 0, label.value.utf8.count > limits.labelValueBytes {
        throw .labels("a label's value of more than \(limits.labelValueBytes) bytes")
      }
    }
  }

  static func isSendable(_ labels: SeriesLabels) -> Bool {
    labels.labels.allSatisfy {
      $0.name == SeriesLabels.nameLabel ? LabelName.isLegacyMetric($0.value) : LabelName.isLegacy($0.name)
    } && labels.contains(SeriesLabels.nameLabel)
  }
}
