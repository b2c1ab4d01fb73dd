/// What expressions are held against: a vocabulary, and what recording rules add to it.
struct LintScope: Sendable {
  let vocabulary: MetricVocabulary
  /// The names that recording rules make, and their labels where those can be told.
  private(set) var records: [String: Set<String>?] = [:]

  init(_ vocabulary: MetricVocabulary) { self.vocabulary = vocabulary }

  /// Learns a recording rule; a name that several rules make has the labels of all.
  mutating func learn(record: String, labels: Set<String>?) {
    if case .some(.some(let before)) = records[record], let labels {
      records[record] = .some(before.union(labels))
    } else {
      records.updateValue(labels, forKey: record)
    }
  }

  /// Whether anybody makes a metric of this name.
  func isKnown(_ name: String) -> Bool {
    vocabulary[name] != nil || records.keys.contains(name) || ForeignMetrics.contains(name)
  }

  /// All names of our own.
  var names: [String] { Array(vocabulary.samples.keys) + records.keys }

  /// Whether buckets of a classic histogram are among what an expression selects.
  func hasBuckets(_ expression: PromQLExpression) -> Bool {
    switch expression {
    case .scalar, .text: false
    case .selector(let selector): selector.name.map { vocabulary[$0.text]?.kind == .bucket } ?? false
    case .subquery(let inner): hasBuckets(inner)
    case .call(let call): call.arguments.contains { hasBuckets($0) }
    case .aggregation(let aggregation): hasBuckets(aggregation.operand)
    case .binary(let binary): hasBuckets(binary.left) || hasBuckets(binary.right)
    }
  }

  /// The labels that the series of an expression can have; nil where nobody knows.
  func labels(of expression: PromQLExpression) -> Set<String>? {
    switch expression {
    case .scalar, .text: nil
    case .selector(let selector): labels(of: selector)
    case .subquery(let inner): labels(of: inner)
    case .call(let call): labels(of: call)
    case .aggregation(let aggregation): labels(of: aggregation)
    case .binary(let binary): labels(of: binary)
    }
  }

  private func labels(of selector: PromQLSelector) -> Set<String>? {
    guard let name = selector.name, !name.isVariable else { return nil }
    if let sample = vocabulary[name.text] { return sample.labels.union(MetricVocabulary.targetLabels) }
    guard case .some(.some(let labels)) = records[name.text] else { return nil }
    return labels.union(MetricVocabulary.targetLabels)
  }

  private func labels(of call: PromQLCall) -> Set<String>? {
    switch call.function.text {
    case "absent", "absent_over_time":
      guard case .selector(let selector)? = call.arguments.first else { return [] }
      return Set(selector.matchers.filter { $0.operation == .equal }.map(\.label.text))
    case "label_replace", "label_join":
      guard call.arguments.count > 1, case .text(let target) = call.arguments[1] else { return nil }
      return labels(of: call.arguments[0])?.union([target])
    case "histogram_quantile":
      return call.arguments.last.flatMap { labels(of: $0) }?.subtracting(["le"])
    case "vector": return []
    case "scalar", "time", "pi", "info": return nil
    default: return call.arguments.lazy.compactMap { labels(of: $0) }.first
    }
  }

  private func labels(of aggregation: PromQLAggregation) -> Set<String>? {
    let inner = labels(of: aggregation.operand)
    // These keep the series as they are.
    if ["topk", "bottomk", "limitk", "limit_ratio"].contains(aggregation.operation.text) { return inner }
    guard !aggregation.labels.contains(where: \.isVariable) else { return nil }
    let named = Set(aggregation.labels.map(\.text))
    var added: Set<String> = []
    if aggregation.operation.text == "count_values" {
      guard case .text(let label)? = aggregation.parameter else { return nil }
      added = [label]
    }
    switch aggregation.grouping {
    case .by: return named.union(added)
    case .without: return inner?.subtracting(named).union(added)
    case nil: return added
    }
  }

  /// Whether it is one number and no series.
  private func isNumber(_ expression: PromQLExpression) -> Bool {
    switch expression {
    case .scalar: true
    case .call(let call): ["scalar", "time", "pi"].contains(call.function.text)
    case .binary(let binary): isNumber(binary.left) && isNumber(binary.right)
    case .text, .selector, .aggregation, .subquery: false
    }
  }

  private func labels(of binary: PromQLBinary) -> Set<String>? {
    let left = labels(of: binary.left)
    let right = labels(of: binary.right)
    switch binary.operation {
    case "and", "unless": return left
    case "or":
      guard let left, let right else { return nil }
      return left.union(right)
    default: break
    }
    if isNumber(binary.right) { return left }
    if isNumber(binary.left) { return right }
    guard let left, let right else { return nil }
    let borrowed = Set(binary.borrowed.map(\.text))
    switch binary.many {
    case .left: return left.union(borrowed)
    case .right: return right.union(borrowed)
    case nil: break
    }
    let named = Set(binary.labels.map(\.text))
    switch binary.matching {
    case .on: return named
    case .ignoring: return left.subtracting(named)
    case nil: return left.union(right)
    }
  }
}
