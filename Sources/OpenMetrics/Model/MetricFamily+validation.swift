extension MetricFamily {
  /// The first rule of the data model that this family breaks, or `nil`.
  ///
  /// Rules that only one format has (in OpenMetrics text a sum must be a counter) are for its parser; its writer leaves
  /// out what breaks them.
  public func violation() -> ModelViolation? {
    if let broken = metadataViolation() { return broken }
    var seen = Set<LabelSet>(minimumCapacity: metrics.count)
    for metric in metrics {
      if let broken = labelViolation(metric) ?? pointsViolation(metric) { return broken }
      let isRepeated =
        type == .info
        ? repeats(shownLabels(metric), &seen) : !seen.insert(metric.labels.identity).inserted
      if isRepeated {
        return ModelViolation(.duplicateMetric, "\(name)\(metric.labels)")
      }
    }
    return nil
  }

  func metadataViolation() -> ModelViolation? {
    if name.isEmpty { return ModelViolation(.invalidMetricName, name) }
    // Whether it must be the name's suffix is for formats to say: OpenMetrics 2.0 and protobuf do not ask for it.
    let isAllowed = unit.isEmpty || (type != .info && type != .stateset)
    return isAllowed ? nil : ModelViolation(.unitNotAllowed, "\(name), \(unit)")
  }

  private func labelViolation(_ metric: Metric) -> ModelViolation? {
    for label in metric.labels where label.name.isEmpty {
      return ModelViolation(.invalidLabelName, "\(name), \(label.name)")
    }
    if let structural = type.structuralLabel(family: name), metric.labels[structural] != nil {
      return ModelViolation(.reservedLabel, "\(name), \(structural)")
    }
    return metric.labels.firstDuplicateName.map { ModelViolation(.duplicateLabel, "\(name), \($0)") }
  }

  private func pointsViolation(_ metric: Metric) -> ModelViolation? {
    let subject = "\(name)\(metric.labels)"
    guard !metric.points.isEmpty else { return ModelViolation(.noPoints, subject) }
    for point in metric.points {
      guard point.value.type == type else { return ModelViolation(.wrongPointType, subject) }
      if case .info(let information) = point.value, let broken = informationViolation(information, metric) {
        return broken
      }
      if let rule = point.value.brokenRule() { return ModelViolation(rule, subject) }
    }
    for (earlier, later) in zip(metric.points, metric.points.dropFirst()) {
      guard let first = earlier.timestamp, let second = later.timestamp else {
        return ModelViolation(.timestampPresenceMixed, subject)
      }
      if first >= second { return ModelViolation(.timestampsNotIncreasing, subject) }
    }
    return nil
  }

  private func informationViolation(_ information: LabelSet, _ metric: Metric) -> ModelViolation? {
    for label in information {
      if label.name.isEmpty {
        return ModelViolation(.invalidLabelName, "\(name), \(label.name)")
      }
      if metric.labels[label.name] != nil {
        return ModelViolation(.infoLabelOverlap, "\(name), \(label.name)")
      }
    }
    return information.firstDuplicateName.map { ModelViolation(.duplicateLabel, "\(name), \($0)") }
  }
}

extension MetricPointValue {
  /// The first rule that this value breaks by itself.
  func brokenRule() -> ModelRule? {
    switch self {
    case .gauge, .unknown, .info: return nil
    case .counter(let point):
      let total = point.total.doubleValue
      return total.isNaN ? .counterNaN : total < 0 ? .counterNegative : nil
    case .histogram(let point), .gaugeHistogram(let point): return Self.brokenRule(point)
    case .summary(let point):
      if point.count?.isCount == false { return .countNegative }
      if !point.quantiles.allSatisfy({ (0...1).contains($0.quantile) }) { return .quantileOutOfRange }
      return point.hasDuplicateQuantile ? .duplicateQuantile : nil
    case .stateSet(let states):
      if states.contains(where: \.name.isEmpty) { return .emptyState }
      return Set(states.map { ExactText($0.name) }).count == states.count ? nil : .duplicateState
    }
  }

  /// The first rule that this value breaks in OpenMetrics text, where sums are counters and quantiles not negative.
  func brokenOpenMetricsRule() -> ModelRule? {
    switch self {
    case .histogram(let point):
      guard let sum = point.sum?.doubleValue else { return nil }
      if point.hasNegativeThreshold { return .sumWithNegativeThreshold }
      return sum.isNaN ? .sumNaN : sum < 0 ? .sumNegative : nil
    case .gaugeHistogram(let point):
      guard let sum = point.sum?.doubleValue else { return nil }
      return sum.isNaN ? .sumNaN : sum < 0 && !point.hasNegativeThreshold ? .sumNegative : nil
    case .summary(let point):
      if let sum = point.sum?.doubleValue, !(sum >= 0) { return sum.isNaN ? .sumNaN : .sumNegative }
      return point.quantiles.contains { $0.value.doubleValue < 0 } ? .quantileValueNegative : nil
    default: return nil
    }
  }

  private static func brokenRule(_ point: HistogramPoint) -> ModelRule? {
    if let native = point.native, let broken = native.brokenRule(count: point.count, sum: point.sum) {
      return broken
    }
    guard let last = point.buckets.last else { return point.native == nil ? .noBuckets : nil }
    var previous: HistogramBucket?
    for bucket in point.buckets {
      if bucket.upperBound.isNaN { return .thresholdNaN }
      if !bucket.cumulativeCount.isCount { return .countNegative }
      if let previous {
        if !(previous.upperBound < bucket.upperBound) { return .bucketsNotAscending }
        if MetricValue.isLess(bucket.cumulativeCount, previous.cumulativeCount) {
          return .bucketsNotCumulative
        }
      }
      if let exemplar = bucket.exemplar, !(exemplar.value <= bucket.upperBound) {
        return .exemplarOutsideBucket
      }
      previous = bucket
    }
    guard last.upperBound == .infinity else { return .infinityBucketMissing }
    return MetricValue.isSame(last.cumulativeCount, point.count) ? nil : .countMismatch
  }
}

extension SummaryPoint {
  fileprivate var hasDuplicateQuantile: Bool {
    // As they usually come.
    if zip(quantiles, quantiles.dropFirst()).allSatisfy({ $0.quantile < $1.quantile }) { return false }
    return Set(quantiles.map(\.quantile)).count != quantiles.count
  }
}
