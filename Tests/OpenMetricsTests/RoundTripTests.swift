import Testing

@testable import OpenMetrics

@Suite("What is written can be read and is written again the same")
struct RoundTripTests {
  @Test("OpenMetrics 1.0: write, parse, write is identical", arguments: UInt64(0)..<200)
  func openMetrics(seed: UInt64) throws {
    var generator = FamilyGenerator(seed: seed)
    let families = generator.families()
    let options = Exposition.Options(includesCreated: true)
    let first = Exposition.write(families, as: .openMetrics1, options: options)
    let parsed = try ExpositionParser(format: .openMetrics1).parse(first).families
    let second = Exposition.write(parsed, as: .openMetrics1, options: options)
    #expect(String(decoding: second, as: UTF8.self) == String(decoding: first, as: UTF8.self))
  }

  @Test("0.0.4: write, parse, write is identical", arguments: UInt64(0)..<200)
  func text(seed: UInt64) throws {
    var generator = FamilyGenerator(seed: seed)
    let first = Exposition.write(generator.families(), as: .text004)
    let parsed = try ExpositionParser(format: .text004).parse(first).families
    let second = Exposition.write(parsed, as: .text004)
    #expect(String(decoding: second, as: UTF8.self) == String(decoding: first, as: UTF8.self))
  }
}

/// Valid families of every type, with hostile label values and numbers.
struct FamilyGenerator {
  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func families() -> [MetricFamily] {
    (0..<Int.random(in: 0...9, using: &random)).map { family("f\($0)_seconds") }
  }

  private mutating func family(_ name: String) -> MetricFamily {
    let type = MetricType.allCases.randomElement(using: &random) ?? .gauge
    let hasUnit = type != .info && type != .stateset && Bool.random(using: &random)
    let isTimed = Bool.random(using: &random)
    let metrics = (0..<Int.random(in: 0...4, using: &random)).map { index in
      metric(type, LabelSet([("id", "\(index)"), ("text", text())]), isTimed)
    }
    return MetricFamily(
      name: name, type: type, help: text(), unit: hasUnit ? "seconds" : "", metrics: metrics)
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
      .counter(CounterPoint(total: positive(), created: maybeTime(), exemplar: exemplar(below: .infinity)))
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

  private mutating func exemplar(below bound: Double) -> Exemplar? {
    guard Bool.random(using: &random) else { return nil }
    let value = min(bound, Double.random(in: -9...9, using: &random))
    return try? Exemplar(labels: [("trace_id", text())], value: value, timestamp: maybeTime())
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
