extension LineLexer {
  mutating func timestampIfPresent() throws(ParseError) -> MetricTimestamp? {
    if !dialect.isOpenMetrics {
      skipFreeWhitespace()
      if isAtEnd { return nil }
      let timestamp = try timestamp()
      skipFreeWhitespace()
      return timestamp
    }
    if isAtEnd || isNext(" #") || (dialect.format == .openMetrics2 && isNext(" st@")) { return nil }
    try separator()
    return try timestamp()
  }

  /// When counting began, which OpenMetrics 2.0 has in the sample's own line.
  mutating func startTimestampIfPresent() throws(ParseError) -> MetricTimestamp? {
    guard dialect.format == .openMetrics2, skip(word: " st@") else { return nil }
    return try timestamp()
  }

  /// One at most in OpenMetrics 1.0, any number in 2.0, none elsewhere. The sample's labels are kept.
  mutating func exemplars() throws(ParseError) -> [Exemplar] {
    guard dialect.isOpenMetrics, !isAtEnd else { return [] }
    var sampleLabels: [RawLabel] = []
    swap(&labels, &sampleLabels)
    defer { swap(&labels, &sampleLabels) }
    var result: [Exemplar] = []
    repeat {
      result.append(try exemplar())
    } while dialect.format == .openMetrics2 && !isAtEnd
    return result
  }

  private mutating func exemplar() throws(ParseError) -> Exemplar {
    guard skip(word: " # ") else { throw error(.invalidExemplar) }
    guard next == UInt8(ascii: "{") else { throw error(.invalidExemplar, "expected labels") }
    let position = index
    _ = try labelsInBraces(mayHaveName: false, areExemplars: true)
    let labels = labelSet(excluding: nil)
    try separator()
    let value = try number().value.doubleValue
    var timestamp: MetricTimestamp?
    if isAtEnd || isNext(" #") {
      if dialect.format == .openMetrics2 {
        try overlook(.exemplarForm, error(.exemplarTimestampMissing))
      }
    } else {
      try separator()
      timestamp = try self.timestamp()
    }
    let codePoints = dialect.format == .openMetrics1 ? labels.codePoints : 0
    if codePoints > Exemplar.maximumCodePoints {
      try overlook(.exemplarForm, error(.exemplarTooLong, at: position, "\(codePoints)"))
    }
    do {
      return try Exemplar(read: labels, value: value, timestamp: timestamp)
    } catch {
      throw self.error(.invalidExemplar, at: position, "\(error)")
    }
  }
}
