extension MetricDescriptor {
  /// - Throws: the first rule of OpenMetrics 1.0 that this declaration breaks.
  public func validate() throws(MetricError) {
    try validateName()
    try validateUnit()
    try validateLabels()
    try validateBuckets()
    try validateStates()
  }

  /// The bounds a histogram works with: the defaults when none are given, and without a trailing `+Inf`.
  var effectiveBuckets: [Double] {
    if buckets.isEmpty { return Self.defaultBuckets }
    return buckets.last == .infinity ? Array(buckets.dropLast()) : buckets
  }

  private func validateName() throws(MetricError) {
    guard !name.isEmpty else { throw .invalidName(family: name, reason: "it is empty") }
    guard name.utf8.first != UInt8(ascii: "_") else {
      throw .invalidName(family: name, reason: "a leading underscore is reserved")
    }
    // OpenMetrics 1.0, "MetricFamily": names that begin with an underscore are reserved.
    let scheme = EscapingScheme.underscores
    let shown = type == .stateset ? scheme.escapeLabel(name) : scheme.escape(name)
    guard shown.utf8.first != UInt8(ascii: "_") else {
      throw .invalidName(
        family: name,
        reason: "it must begin with an ASCII letter: escaped, it begins with an underscore, which is reserved"
      )
    }
    // A family called foo_total would be exposed as foo_total_total.
    let ownSuffix: String? =
      switch type {
      case .counter: "_total"
      case .info: "_info"
      default: nil
      }
    if let ownSuffix, name.endsExactly(in: ownSuffix) {
      throw .invalidName(family: name, reason: "the suffix \(ownSuffix) is added on exposition; leave it out")
    }
  }

  private func validateUnit() throws(MetricError) {
    guard !unit.isEmpty else { return }
    guard type != .info, type != .stateset, name.endsExactly(in: "_" + unit) else {
      throw .invalidUnit(family: name, unit: unit)
    }
  }

  private func validateLabels() throws(MetricError) {
    for label in labels {
      guard !label.isEmpty else { throw .invalidLabelName(family: name, label: label) }
      if let error = Label(label, "").reservation(family: name) { throw error }
      let isOfStates = type == .stateset && ExactText(label) == ExactText(name)
      guard label != "le", label != "quantile", !isOfStates else {
        throw .reservedLabel(family: name, label: label)
      }
    }
    // Names must differ for readers too that do not know more than [a-zA-Z0-9_].
    for escaping in EscapingScheme.joining {
      var seen: Set<String> = type == .stateset ? [escaping.escapeLabel(name)] : []
      for label in labels where !seen.insert(escaping.escapeLabel(label)).inserted {
        throw .duplicateLabel(family: name, label: label)
      }
    }
  }

  private func validateBuckets() throws(MetricError) {
    guard !buckets.isEmpty else { return }
    guard type == .histogram || type == .gaugehistogram else {
      throw .invalidBuckets(family: name, reason: "a \(type.rawValue) has none")
    }
    let bounds = effectiveBuckets
    guard bounds.allSatisfy(\.isFinite) else {
      throw .invalidBuckets(family: name, reason: "bounds must be finite, but for a last +Inf")
    }
    guard zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw .invalidBuckets(family: name, reason: "bounds must ascend")
    }
  }

  private func validateStates() throws(MetricError) {
    guard type == .stateset else {
      guard states.isEmpty else {
        throw .invalidStates(family: name, reason: "a \(type.rawValue) has none")
      }
      return
    }
    guard !states.isEmpty, states.count <= Self.maximumStates else {
      throw .invalidStates(family: name, reason: "there must be 1 to \(Self.maximumStates)")
    }
    guard Set(states.map(ExactText.init)).count == states.count else {
      throw .invalidStates(family: name, reason: "they must be unique")
    }
    guard !states.contains("") else {
      throw .invalidStates(family: name, reason: "an empty label value is the same as no label")
    }
  }
}
