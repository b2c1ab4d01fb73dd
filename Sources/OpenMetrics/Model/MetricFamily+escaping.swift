extension MetricFamily {
  /// Whether two labels of a metric, or two metrics, become one for a reader that knows no more than `[a-zA-Z0-9_]`, or a
  /// label's name becomes a reserved one.
  func escapingViolation() -> ModelViolation? {
    let isPlain = metrics.allSatisfy { metric in
      metric.labels.isPlain && (type != .info || metric.points.allSatisfy { $0.value.information.isPlain })
    }
    if isPlain, type != .stateset || NameGrammar.isLabelName(name.utf8) { return nil }
    for escaping in EscapingScheme.joining {
      if let broken = violation(under: escaping) { return broken }
    }
    return nil
  }

  private func violation(under escaping: EscapingScheme) -> ModelViolation? {
    var seen = Set<LabelSet>(minimumCapacity: metrics.count)
    for metric in metrics {
      let shown = shownLabels(metric).map { $0.shown(by: escaping) }
      for labels in shown {
        if let reserved = labels.first(where: { $0.name.utf8.first == UInt8(ascii: "_") }) {
          return ModelViolation(.reservedName, "\(name), \(reserved.name)")
        }
        let structural = type == .stateset ? [Label(escaping.escapeLabel(name), "")] : []
        if let repeated = LabelSet(Array(labels) + structural).firstDuplicateName {
          return ModelViolation(.duplicateLabel, "\(name), \(repeated)")
        }
      }
      if repeats(shown, &seen) { return ModelViolation(.duplicateMetric, "\(name)\(metric.labels)") }
    }
    return nil
  }

  /// The label sets under which text shows a metric: of an info, its own labels and those of the information are one set,
  /// which may be another at each time.
  func shownLabels(_ metric: Metric) -> [LabelSet] {
    guard type == .info else { return [metric.labels] }
    return metric.points.map { metric.labels.appending($0.value.information) }
  }

  /// Whether a series of one metric, given by the labels at each time, has been there before.
  func repeats(_ series: [LabelSet], _ seen: inout Set<LabelSet>) -> Bool {
    var previous: LabelSet?
    for labels in series {
      let identity = labels.identity
      if identity != previous, !seen.insert(identity).inserted { return true }
      previous = identity
    }
    return false
  }
}

extension MetricPointValue {
  /// An info's own labels.
  fileprivate var information: LabelSet { if case .info(let labels) = self { labels } else { .empty } }
}

extension LabelSet {
  /// Whether no name needs quotes or is reserved.
  fileprivate var isPlain: Bool {
    guard case .text(let text) = storage else {
      return allSatisfy { NameGrammar.isLabelName($0.name.utf8) && $0.name.utf8.first != UInt8(ascii: "_") }
    }
    var isPlain = true
    text.forEach { name, _ in
      isPlain = name.first != UInt8(ascii: "_")
      return isPlain
    }
    return isPlain
  }
}
