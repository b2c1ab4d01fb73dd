extension LineLexer {
  /// OpenMetrics 2.0, ABNF `native-buckets`, from the schema's number on.
  mutating func nativeHistogram() throws(ParseError) -> NativeHistogram {
    let schema = try integer()
    try expect(",zero_threshold:")
    let zeroThreshold = try realNumber()
    try expect(",zero_count:")
    let zeroCount = try compositeNumber()
    let negative =
      skip(word: ",negative_spans:[")
      ? try nativeBuckets(",negative_buckets:[") : NativeBuckets.empty
    let positive =
      skip(word: ",positive_spans:[")
      ? try nativeBuckets(",positive_buckets:[") : NativeBuckets.empty
    return NativeHistogram(
      schema: schema, zeroThreshold: zeroThreshold, zeroCount: zeroCount, negative: negative,
      positive: positive)
  }

  private mutating func nativeBuckets(_ field: StaticString) throws(ParseError) -> NativeBuckets {
    var spans: [NativeBuckets.Span] = []
    while !skip("]") {
      if !spans.isEmpty { try expect(",") }
      // Only the first span may go back.
      if !spans.isEmpty, next == UInt8(ascii: "-") { throw error(.rule(.nativeSpansInvalid)) }
      let offset = try integer()
      try expect(":")
      spans.append(NativeBuckets.Span(offset: offset, length: try spanLength()))
    }
    try expect(field)
    var counts: [MetricValue] = []
    while !skip("]") {
      if !counts.isEmpty { try expect(",") }
      counts.append(try compositeNumber())
    }
    return NativeBuckets(spans: spans, counts: counts)
  }

  /// A positive number without a sign.
  private mutating func spanLength() throws(ParseError) -> UInt32 {
    let position = index
    guard let next, NameGrammar.isDigit(next) else { throw error(.invalidNumber) }
    let length = try integer()
    guard length > 0 else { throw error(.rule(.nativeSpansInvalid), at: position) }
    return UInt32(length)
  }

  private mutating func integer() throws(ParseError) -> Int32 {
    let token = compositeToken()
    do {
      return try NumberGrammar.integer(slice(token))
    } catch {
      throw numberError(error, token)
    }
  }
}
