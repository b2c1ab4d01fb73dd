@testable import OpenMetrics

/// Families as a careless collector may return them: of hostile names, times and numbers, many of them invalid.
struct ArbitraryFamilies {
  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func next() -> MetricFamily {
    let type = one(of: MetricType.allCases, or: .gauge)
    let isTimed = rarely(3)
    let metrics = (0..<Int.random(in: 0...3, using: &random)).map { _ in
      Metric(labels: labels(), points: points(type, isTimed: isTimed))
    }
    return MetricFamily(
      name: familyName(), type: type, help: text(), unit: rarely(3) ? unit() : "", metrics: metrics,
      hasBareTotal: rarely(4))
  }

  /// A declaration, often invalid, and values for its labels.
  mutating func nextDeclaration() -> (descriptor: MetricDescriptor, values: [String]) {
    let type = one(of: MetricType.allCases, or: .gauge)
    let labels = (0..<one(of: [0, 1, 2, 2, 3], or: 1)).map { _ in labelName() }
    let states = type == .stateset ? (0..<one(of: [1, 2], or: 1)).map { _ in text() } : []
    let descriptor = MetricDescriptor(
      familyName(), type: type, help: text(), unit: rarely(3) ? unit() : "", labels: labels,
      states: states)
    return (descriptor, labels.map { _ in text() })
  }

  // MARK: Names

  private mutating func familyName() -> String {
    one(
      of: [
        "c", "c.d", "a:b", ":a", "cé", "ce\u{301}", "c_seconds", "c_é", "c_e\u{301}", "U__c_2e_d", "c\u{600}",
        "c\n",
        "c\"", "c\\", "c_count", "c_dot_d", "c\r", "c_total", "c_info", "c_bucket", "le", "quantile",
        "c\u{0}",
      ], or: "c")
  }

  private mutating func unit() -> String {
    one(of: ["seconds", "é", "e\u{301}", "d", "s\n# EOF", " ", "total", "c"], or: "d")
  }

  private mutating func labels() -> LabelSet {
    LabelSet((0..<one(of: [0, 1, 1, 2, 3], or: 1)).map { _ in Label(labelName(), text()) })
  }

  private mutating func labelName() -> String {
    one(
      of: [
        "a", "b", "a.b", "U__a_2e_b", "a_b", "U__a__b", "a_dot_b", "aé", "ae\u{301}", "a\u{600}", "a:b",
        "a\n", "a\"",
        "{", "é", "le", "quantile", "", "_a", "a\u{0}", "c", "c.d", "U__c_2e_d", "cé", "__name__",
      ], or: "a")
  }

  private mutating func text() -> String {
    one(
      of: [
        "", "a", "b", "c", "d", "é", "e\u{301}", " \u{301}", " ", "\"", "\\", "\\n", "\n", "\r\n", "\u{0}",
        "# EOF", "}",
        "=", ",", "\u{FEFF}", "\u{2028}",
      ], or: "a")
  }

  // MARK: Points

  private mutating func points(_ type: MetricType, isTimed: Bool) -> [MetricPoint] {
    guard isTimed else { return [MetricPoint(value(type))] }
    if rarely(3) { return [MetricPoint(value(type), timestamp: time())] }
    var times = Set<MetricTimestamp>()
    for _ in 0..<Int.random(in: 1...3, using: &random) { times.insert(time()) }
    return times.sorted().map { MetricPoint(value(type), timestamp: $0) }
  }

  private mutating func value(_ type: MetricType) -> MetricPointValue {
    switch type {
    case .counter: .counter(CounterPoint(total: count(), created: maybeTime(), exemplars: exemplars()))
    case .gauge: .gauge(number())
    case .unknown: .unknown(number())
    case .histogram: .histogram(histogram())
    case .gaugehistogram: .gaugeHistogram(histogram())
    case .summary: .summary(summary())
    // A label without a value is the same as none, and which of the two it was is not read back.
    case .info: .info(labels().identity)
    case .stateset:
      .stateSet(
        (0..<Int.random(in: 0...3, using: &random)).map { _ in
          StatePoint(text(), Bool.random(using: &random))
        })
    }
  }

  private mutating func summary() -> SummaryPoint {
    let quantiles = [-0.0, 0.0, 0.5, 0.25, 1, 1e-300, 0.999999].shuffled(using: &random)
    return SummaryPoint(
      count: rarely(3) ? nil : count(), sum: rarely(3) ? nil : number(),
      quantiles: quantiles.prefix(one(of: [0, 1, 2, 3], or: 0)).map { .init($0, number()) },
      created: maybeTime())
  }

  private mutating func histogram() -> HistogramPoint {
    let native = rarely(2) ? nativeHistogram() : nil
    guard let native else {
      return HistogramPoint(
        buckets: buckets(upTo: nil), sum: rarely(3) ? nil : number(), created: maybeTime(),
        exemplars: exemplars())
    }
    let parts = [native.zeroCount] + native.negative.counts + native.positive.counts
    let isWhole = parts.allSatisfy { $0.count != nil }
    let exact = parts.reduce(UInt64(0)) { $0 &+ ($1.count ?? 0) }
    let sum = parts.reduce(0) { $0 + $1.doubleValue }
    let whole: MetricValue = isWhole ? .integer(exact &+ (rarely(8) ? 1 : 0)) : .double(sum)
    return HistogramPoint(
      buckets: Bool.random(using: &random) ? [] : buckets(upTo: whole), native: native, count: whole,
      sum: rarely(3) ? nil : number(), created: maybeTime(), exemplars: exemplars())
  }

  private mutating func buckets(upTo count: MetricValue?) -> [HistogramBucket] {
    let bounds = [-.infinity, -1, -0.0, 0.0, 0.5, 1e22, .greatestFiniteMagnitude].filter { _ in rarely(3) }
    let scale = one(of: [1, 0.5, 1e300], or: 1.0)
    var total = 0.0
    var buckets: [HistogramBucket] = []
    for bound in bounds {
      if count == nil { total += Double(Int.random(in: 0...3, using: &random)) * scale }
      buckets.append(
        HistogramBucket(
          upperBound: bound, cumulativeCount: scale == 1 ? .integer(UInt64(total)) : .double(total),
          exemplar: exemplar()))
    }
    let last: MetricValue = rarely(6) ? .double(.infinity) : .double(total)
    buckets.append(
      HistogramBucket(upperBound: .infinity, cumulativeCount: count ?? last, exemplar: exemplar()))
    return buckets
  }

  private mutating func nativeHistogram() -> NativeHistogram {
    let isFloat = rarely(3)
    return NativeHistogram(
      schema: Int32.random(in: -4...8, using: &random),
      zeroThreshold: one(of: [0, 1e-128, 0.25, .greatestFiniteMagnitude, -0.0], or: 0),
      zeroCount: nativeCount(isFloat), negative: nativeBuckets(isFloat), positive: nativeBuckets(isFloat))
  }

  private mutating func nativeBuckets(_ isFloat: Bool) -> NativeBuckets {
    let extremes: [Int32] = [.min, .min + 1, -20, -3, 0, 1, 64, 65, 1025, 262_145, 262_146, .max - 1, .max]
    switch Int.random(in: 0...5, using: &random) {
    case 0: return .empty
    case 1:
      // Spans of no length and without a gap.
      let spans = (0..<4).map { _ in
        NativeBuckets.Span(
          offset: one(of: [0, 0, 1, 7, .max], or: 0), length: one(of: [0, 0, 1, 2], or: 0))
      }
      let length = spans.reduce(0) { $0 + Int($1.length) }
      return NativeBuckets(spans: spans, counts: (0..<length).map { _ in nativeCount(isFloat) })
    case 2:
      return NativeBuckets(
        ascending: extremes.filter { _ in rarely(3) }.map { ($0, nativeCount(isFloat)) })
    default:
      return NativeBuckets(
        ascending: [-20, -3, 0, 1, 30].filter { _ in rarely(2) }.map { ($0, nativeCount(isFloat)) })
    }
  }

  private mutating func nativeCount(_ isFloat: Bool) -> MetricValue {
    if isFloat { return one(of: [0, 0.5, 2, 1e300, .double(.infinity)], or: 0) }
    return one(of: [0, 1, 3, 7, .integer(UInt64(Int64.max) + 1)], or: 0)
  }

  // MARK: Exemplars, times and numbers

  private mutating func exemplars() -> [Exemplar] {
    (0..<one(of: [0, 0, 1, 3], or: 0)).compactMap { _ in exemplar() }
  }

  private mutating func exemplar() -> Exemplar? {
    guard rarely(2) else { return nil }
    let value = one(of: [-.infinity, -2, -0.0, 0.25, 1e300, .infinity, .nan], or: 0.0)
    return try? Exemplar(
      labels: rarely(6) ? LabelSet([("t", String(repeating: "é", count: 200))]) : labels(), value: value,
      timestamp: maybeTime(), maximumCodePoints: nil)
  }

  private mutating func maybeTime() -> MetricTimestamp? { rarely(2) ? time() : nil }

  private mutating func time() -> MetricTimestamp {
    MetricTimestamp(
      seconds: one(
        of: [
          .min, .min + 1, -62_135_596_801, -62_135_596_800, -1, 0, 1_700_000_000, 253_402_300_799,
          253_402_300_800, 9_223_372_036_854_775, 9_223_372_036_854_776, .max,
        ], or: 0), nanoseconds: one(of: [0, 0, 1, 100_000_000, 999_999_999], or: 0))
  }

  private mutating func count() -> MetricValue {
    one(of: [0, 1, .integer(.max), .double(2), 1.5, 1e22, .double(.infinity), .double(-1)], or: 0)
  }

  private mutating func number() -> MetricValue {
    one(
      of: [
        0, 1, .integer(.max), 0.5, .double(-0.0), .double(-1.5), .double(.nan), .double(.infinity),
        .double(-.infinity), 1e22, .double(.leastNonzeroMagnitude),
      ], or: 0)
  }

  // MARK: Chance

  /// True once in so many times.
  private mutating func rarely(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }

  private mutating func one<Element>(of elements: [Element], or other: Element) -> Element {
    elements.randomElement(using: &random) ?? other
  }
}
