/// What single samples of a point may be.
extension PointAssembler {
  /// A number where a number belongs, a composite value where one of that type does, and a start time only there
  /// where something is counted.
  @inline(__always)
  func checkKind(_ sample: SampleLine, _ role: SampleRole, _ lexer: LineLexer) throws(ParseError) {
    guard dialect.allowsComposites else { return }
    guard sample.composite?.type == (role == .composite ? type : nil) else {
      throw lexer.error(.wrongValueKind, at: sample.valueToken.lowerBound, "\(type.rawValue)")
    }
    guard sample.startTimestamp == nil || type == .counter || type == .histogram || type == .summary else {
      throw lexer.error(.startTimestampNotAllowed, at: lexer.start, "\(type.rawValue)")
    }
  }

  /// The exemplars that the model keeps.
  func allowed(
    _ exemplars: [Exemplar], _ role: SampleRole, _ lexer: inout LineLexer
  ) throws(ParseError) -> [Exemplar] {
    if role == .total || role == .bucket { return exemplars }
    if role == .composite { return type == .summary ? [] : exemplars }
    try lexer.overlook(
      .exemplarLeftOut, lexer.error(.exemplarNotAllowed, at: lexer.start, "\(type.rawValue)"))
    return []
  }

  /// The number in the label of the type's own; infinities only as `+Inf` (OpenMetrics 1.0, "Canonical Numbers") and
  /// `-Inf`.
  func threshold(_ label: Int?, _ lexer: inout LineLexer) throws(ParseError) -> Double? {
    guard let label else { return nil }
    let raw = lexer.labels[label].value
    guard !raw.isEscaped, let value = try? NumberGrammar.value(lexer.slice(raw.range)).doubleValue,
      !value.isNaN
    else {
      let error = lexer.error(.invalidThreshold, at: raw.range.lowerBound, "\"\(lexer.raw(raw.range))\"")
      try lexer.overlook(.sampleLeftOut, error)
      return nil
    }
    if value.isInfinite, !lexer.isText(raw, Array((value < 0 ? "-Inf" : "+Inf").utf8)) {
      let error = lexer.error(.invalidThreshold, at: raw.range.lowerBound, "\"\(lexer.raw(raw.range))\"")
      try lexer.overlook(.infinitySpelling, error)
    }
    return value
  }

  /// A count: whole in OpenMetrics 1.0, and never negative.
  func countValue(_ sample: SampleLine, _ lexer: inout LineLexer) throws(ParseError) -> MetricValue? {
    if let whole = sample.value.count { return .integer(whole) }
    let position = sample.valueToken.lowerBound
    guard sample.value.isCount else {
      let rule: ModelRule = dialect.allowsFloatCounts ? .countNegative : .countNotInteger
      try lexer.overlook(.sampleLeftOut, lexer.error(.rule(rule), at: position))
      return nil
    }
    if !dialect.allowsFloatCounts {
      try lexer.overlook(.floatCount, lexer.error(.rule(.countNotInteger), at: position))
    }
    return sample.value
  }

  func creationTime(_ sample: SampleLine, _ lexer: inout LineLexer) throws(ParseError) -> MetricTimestamp? {
    if let time = try? NumberGrammar.timestamp(lexer.slice(sample.valueToken)) { return time }
    try lexer.overlook(
      .sampleLeftOut, lexer.error(.invalidTimestamp, at: sample.valueToken.lowerBound))
    return nil
  }

  func valueError(_ sample: SampleLine, _ rule: String, _ lexer: LineLexer) -> ParseError {
    lexer.error(
      .valueNotAllowed, at: sample.valueToken.lowerBound, "\(lexer.text(sample.name.text)): \(rule)")
  }
}

extension LineLexer {
  /// The line's series was there before.
  func duplicateSample() -> ParseError {
    let labels = labelSet(excluding: nil)
    return error(.duplicateSample, at: start, "\(labels)")
  }
}

extension HistogramPoint {
  /// The same with what stands behind a composite value.
  func adding(_ created: MetricTimestamp?, _ exemplars: [Exemplar]) -> HistogramPoint {
    HistogramPoint(
      buckets: buckets, native: native, count: count, sum: sum, created: created, exemplars: exemplars)
  }
}
