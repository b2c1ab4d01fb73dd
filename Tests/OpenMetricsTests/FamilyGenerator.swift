@testable import OpenMetrics

/// Valid families of every type, with hostile label values and numbers.
struct FamilyGenerator {
  /// What a generator makes beyond what every format can show.
  struct Features: OptionSet {
    let rawValue: Int

    /// Names that need quotes; they stay apart when they are escaped.
    static let quotedNames = Features(rawValue: 1)
    /// Native buckets beside classic ones or instead of them.
    static let nativeHistograms = Features(rawValue: 2)
    /// Counts of histograms that are not whole.
    static let floatCounts = Features(rawValue: 4)
    /// Counters without `_total`, and several exemplars, all with a time.
    static let openMetrics2 = Features(rawValue: 8)
  }

  private var random: SeededGenerator
  private let features: Features

  init(seed: UInt64, features: Features = []) {
    random = SeededGenerator(seed: seed)
    self.features = features
  }

  mutating func families() -> [MetricFamily] {
    (0..<Int.random(in: 0...9, using: &random)).map { index in
      let isQuoted = features.contains(.quotedNames) && Bool.random(using: &random)
      return family(isQuoted ? "f\(index).\(nameText())_seconds" : "f\(index)_seconds")
    }
  }

  private mutating func nameText() -> String {
    ["", "ü", "a b", "\"", "\\", "\n", "{}", "日本", ":"].randomElement(using: &random) ?? ""
  }

  private mutating func family(_ name: String) -> MetricFamily {
    let type = MetricType.allCases.randomElement(using: &random) ?? .gauge
    let hasUnit = type != .info && type != .stateset && Bool.random(using: &random)
    let isTimed = Bool.random(using: &random)
    let metrics = (0..<Int.random(in: 0...4, using: &random)).map { index in
      let isQuoted = features.contains(.quotedNames) && Bool.random(using: &random)
      let name = isQuoted ? "te.xt\(nameText())" : "text"
      return metric(type, LabelSet([("id", "\(index)"), (name, text())]), isTimed)
    }
    let hasBareTotal = type == .counter && features.contains(.openMetrics2) && Bool.random(using: &random)
    return MetricFamily(
      name: name, type: type, help: text(), unit: hasUnit ? "seconds" : "", metrics: metrics,
      hasBareTotal: hasBareTotal)
  }

  private mutating func metric(_ type: MetricType, _ labels: LabelSet, _ isTimed: Bool) -> Metric {
    guard isTimed else { return Metric(labels: labels, value(type)) }
    var seconds = Int64.random(in: -2_000_000_000...2_000_000_000, using: &random)
    let points = (0..<Int.random(in: 1...3, using: &random)).map { _ in
      seconds += 1
      return MetricPoint(value(type), timestamp: time(seconds))
    }
    return Metric(labels: labels, points: points)
  }

  private mutating func value(_ type: MetricType) -> MetricPointValue {
    switch type {
    case .counter:
      .counter(CounterPoint(total: positive(), created: maybeTime(), exemplars: exemplars()))
    case .gauge: .gauge(number())
    case .unknown: .unknown(number())
    case .info: .info(["version": text()])
    case .stateset: .stateSet(["a", "b \"c\"", "\\"].map { StatePoint($0, Bool.random(using: &random)) })
    case .histogram: .histogram(histogram())
    case .gaugehistogram: .gaugeHistogram(histogram())
    case .summary:
      .summary(
        SummaryPoint(
          count: .integer(UInt64.random(in: 0...(.max), using: &random)), sum: number(),
          quantiles: [0, 0.5, 0.99, 1].map { .init($0, number()) }, created: maybeTime()))
    }
  }

  private mutating func histogram() -> HistogramPoint {
    guard features.contains(.nativeHistograms), Bool.random(using: &random) else {
      return classicHistogram()
    }
    let classic = classicHistogram()
    let native = nativeHistogram()
    var count = native.zeroCount.doubleValue
    for part in native.positive.counts + native.negative.counts { count += part.doubleValue }
    if Bool.random(using: &random) {
      // Both kinds, of the same observations.
      let last = HistogramBucket(upperBound: .infinity, cumulativeCount: .double(count))
      let buckets = classic.buckets.dropLast().filter { $0.cumulativeCount.doubleValue <= count } + [last]
      return HistogramPoint(
        buckets: buckets, native: native, count: .double(count), sum: number(), created: maybeTime())
    }
    return HistogramPoint(
      native: native, count: .double(count), sum: number(), created: maybeTime(), exemplars: exemplars())
  }

  private mutating func nativeHistogram() -> NativeHistogram {
    NativeHistogram(
      schema: Int32.random(in: -4...8, using: &random),
      zeroThreshold: [0, 1e-128, 0.25].randomElement(using: &random) ?? 0, zeroCount: nativeCount(),
      negative: nativeBuckets(atMost: 3), positive: nativeBuckets(atMost: 6))
  }

  private mutating func nativeBuckets(atMost count: Int) -> NativeBuckets {
    var indices = Set<Int32>()
    for _ in 0..<Int.random(in: 0...count, using: &random) {
      indices.insert(Int32.random(in: -20...20, using: &random))
    }
    var buckets: [(index: Int32, count: MetricValue)] = []
    for index in indices.sorted() { buckets.append((index, nativeCount())) }
    return NativeBuckets(ascending: buckets)
  }

  private mutating func nativeCount() -> MetricValue {
    features.contains(.floatCounts)
      ? .double(Double.random(in: 0...100, using: &random))
      : .integer(UInt64.random(in: 0...100, using: &random))
  }

  private mutating func classicHistogram() -> HistogramPoint {
    var bound = Double.random(in: -3...3, using: &random)
    var count: UInt64 = 0
    var buckets: [HistogramBucket] = []
    for _ in 0..<Int.random(in: 0...5, using: &random) {
      buckets.append(
        HistogramBucket(upperBound: bound, cumulativeCount: .integer(count), exemplar: exemplar(below: bound))
      )
      bound += bound.magnitude + 0.001
      count += UInt64.random(in: 0...1_000_000_000_000, using: &random)
    }
    buckets.append(HistogramBucket(upperBound: .infinity, cumulativeCount: .integer(count)))
    return HistogramPoint(
      buckets: buckets, sum: Bool.random(using: &random) ? number() : nil, created: maybeTime())
  }

  private mutating func exemplars() -> [Exemplar] {
    let count = features.contains(.openMetrics2) ? Int.random(in: 0...3, using: &random) : 1
    return (0..<count).compactMap { _ in exemplar(below: .infinity) }
  }

  private mutating func exemplar(below bound: Double) -> Exemplar? {
    guard Bool.random(using: &random) else { return nil }
    let value = min(bound, Double.random(in: -9...9, using: &random))
    return try? Exemplar(
      labels: [("trace_id", text().filter { $0 != "\0" })], value: value,
      timestamp: features.contains(.openMetrics2) ? time(1_700_000_000) : maybeTime())
  }

  private mutating func positive() -> MetricValue {
    Bool.random(using: &random)
      ? .integer(UInt64.random(in: 0...(.max), using: &random))
      : .double(Double.random(in: 0...1e12, using: &random))
  }

  private mutating func number() -> MetricValue {
    switch Int.random(in: 0...6, using: &random) {
    case 0: .double(.nan)
    case 1:
      .double(
        [Double.infinity, -.infinity, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude].randomElement(
          using: &random) ?? 0)
    case 2: .integer(UInt64.random(in: 0...(.max), using: &random))
    case 3:
      .double(Double(Int.random(in: -2_000_000...2_000_000, using: &random)))
    default:
      Self.finite(UInt64.random(in: 0...(.max), using: &random))
    }
  }

  private static func finite(_ bits: UInt64) -> MetricValue {
    let value = Double(bitPattern: bits)
    return .double(value.isFinite ? value : 0.25)
  }

  private mutating func maybeTime() -> MetricTimestamp? {
    Bool.random(using: &random) ? time(Int64.random(in: -5...2_000_000_000, using: &random)) : nil
  }

  private mutating func time(_ seconds: Int64) -> MetricTimestamp {
    MetricTimestamp(
      seconds: seconds, nanoseconds: [0, 1, 500_000_000, 123_456_789].randomElement(using: &random) ?? 0)
  }

  private mutating func text() -> String {
    let alphabet: [Character] = [
      "a", "\"", "\\", "\n", "n", "}", "{", "=", ",", "#", " ", "é", "🚀", "\u{0}", "\r", "\t",
    ]
    return String(
      (0..<Int.random(in: 0...8, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
  }
}
