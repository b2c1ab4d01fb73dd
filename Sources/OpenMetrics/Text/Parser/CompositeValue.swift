/// What OpenMetrics 2.0 writes in braces instead of a number; without exemplars and creation time, which follow it.
enum CompositeValue {
  indirect case histogram(HistogramPoint)
  indirect case gaugeHistogram(HistogramPoint)
  indirect case summary(SummaryPoint)

  /// How many numbers its lists have.
  var elements: Int {
    switch self {
    case .histogram(let point), .gaugeHistogram(let point):
      point.buckets.count + (point.native.map { $0.negative.counts.count + $0.positive.counts.count } ?? 0)
    case .summary(let point): point.quantiles.count
    }
  }

  /// The type of family that has such values.
  var type: MetricType {
    switch self {
    case .histogram: .histogram
    case .gaugeHistogram: .gaugehistogram
    case .summary: .summary
    }
  }
}

extension LineLexer {
  /// OpenMetrics 2.0, ABNF `composite-value`; the opening brace is next.
  mutating func compositeValue() throws(ParseError) -> CompositeValue {
    if skip(word: "{gcount:") {
      let count = try compositeNumber()
      try expect(",gsum:")
      let sum = try compositeNumber()
      return .gaugeHistogram(try distribution(count, sum))
    }
    try expect("{count:")
    let count = try compositeNumber()
    try expect(",sum:")
    let sum = try compositeNumber()
    guard skip(word: ",quantile:[") else { return .histogram(try distribution(count, sum)) }
    let quantiles = try quantileList()
    try expect("}")
    return .summary(SummaryPoint(count: count, sum: sum, quantiles: quantiles))
  }

  private mutating func distribution(_ count: MetricValue, _ sum: MetricValue) throws(ParseError)
    -> HistogramPoint
  {
    let native = skip(word: ",schema:") ? try nativeHistogram() : nil
    var buckets: [HistogramBucket] = []
    if native == nil || !isNext("}") {
      try expect(",bucket:[")
      buckets = try bucketList(count)
    }
    try expect("}")
    return HistogramPoint(buckets: buckets, native: native, count: count, sum: sum)
  }

  /// The list after its opening bracket.
  private mutating func bucketList(_ count: MetricValue) throws(ParseError) -> [HistogramBucket] {
    var buckets: [HistogramBucket] = []
    while !skip("]") {
      if !buckets.isEmpty { try expect(",") }
      let bound = try threshold(isFirst: buckets.isEmpty)
      try expect(":")
      buckets.append(HistogramBucket(upperBound: bound, cumulativeCount: try compositeNumber()))
      if bound == .infinity {
        try expect("]")
        return buckets
      }
    }
    try overlook(.missingInfinityBucket, error(.rule(.infinityBucketMissing), at: index - 1))
    return buckets + [HistogramBucket(upperBound: .infinity, cumulativeCount: count)]
  }

  /// Infinite thresholds are spelt in one way only, and a negative one comes first.
  private mutating func threshold(isFirst: Bool) throws(ParseError) -> Double {
    if skip(word: "+Inf") { return .infinity }
    if isFirst, skip(word: "-Inf") { return -.infinity }
    return try realNumber()
  }

  private mutating func quantileList() throws(ParseError) -> [SummaryPoint.Quantile] {
    var quantiles: [SummaryPoint.Quantile] = []
    while !skip("]") {
      if !quantiles.isEmpty { try expect(",") }
      let quantile = try realNumber()
      try expect(":")
      quantiles.append(SummaryPoint.Quantile(quantile, try compositeNumber()))
    }
    return quantiles
  }

  /// Up to the next character that ends a number within braces.
  mutating func compositeToken() -> Range<Int> {
    let first = index
    loop: while index < end {
      switch bytes[index] {
      case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: " "):
        break loop
      default: index &+= 1
      }
    }
    return first..<index
  }

  mutating func compositeNumber() throws(ParseError) -> MetricValue { try number(compositeToken()) }

  mutating func realNumber() throws(ParseError) -> Double {
    let token = compositeToken()
    do {
      return try NumberGrammar.real(slice(token))
    } catch {
      throw numberError(error, token)
    }
  }

  mutating func expect(_ word: StaticString) throws(ParseError) {
    guard skip(word: word) else { throw error(.invalidComposite, "expected \"\(word)\"") }
  }
}
