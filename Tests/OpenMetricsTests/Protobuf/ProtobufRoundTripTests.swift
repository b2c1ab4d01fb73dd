import Testing

@testable import OpenMetrics

@Suite("Protobuf: what is written can be read and is written again the same")
struct ProtobufRoundTripTests {
  static let options = Exposition.Options(escaping: .allowUTF8)

  @Test("families of every type: write, parse, write is identical", arguments: UInt64(0)..<200)
  func everyType(seed: UInt64) throws {
    var generator = FamilyGenerator(seed: seed)
    let first = Exposition.write(generator.families(), as: .protobuf, options: Self.options)
    let parsed = try Wire.parse(first)
    #expect(Exposition.write(parsed, as: .protobuf, options: Self.options) == first)
    let lenient = try Wire.parse(lenient: first)
    #expect(lenient.overlooked.isEmpty)
    #expect(Exposition.write(lenient.families, as: .protobuf, options: Self.options).count >= first.count)
  }

  @Test("native histograms come back as they were", arguments: UInt64(0)..<200)
  func native(seed: UInt64) throws {
    var generator = NativeGenerator(seed: seed)
    let family = generator.family()
    #expect(family.violation() == nil)
    let bytes = Exposition.write([family], as: .protobuf, options: Self.options)
    // By their texts: a sum that is not a number is equal to none.
    #expect("\(try Wire.parse(bytes))" == "\([family])")
  }

  @Test(
    "bytes at random, and valid streams with bytes changed, are parsed or refused", arguments: UInt64(0)..<8)
  func fuzz(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var accepted = 0
    for round in 0..<400 {
      var bytes = round.isMultiple(of: 4) ? noise(&random) : valid(&random)
      for _ in 0..<Int.random(in: 0...4, using: &random) { mutate(&bytes, &random) }
      if let lenient = try? Wire.parse(lenient: bytes) {
        accepted += 1
        #expect(lenient.families.allSatisfy { $0.violation() == nil })
        // What a lenient reader gives can be written in every format.
        for format in ExpositionFormat.allCases { _ = Exposition.write(lenient.families, as: format) }
      }
      if let strict = try? Wire.parse(bytes) {
        #expect(strict.allSatisfy { $0.violation() == nil })
        let again = Exposition.write(strict, as: .protobuf, options: Self.options)
        #expect((try? Wire.parse(again)) != nil, "seed \(seed), round \(round)")
      }
    }
    #expect(accepted > 40, "the fuzzer hardly reaches beyond the framing")
  }

  private func noise(_ random: inout SeededGenerator) -> [UInt8] {
    (0..<Int.random(in: 0...64, using: &random)).map { _ in UInt8.random(in: 0...(.max), using: &random) }
  }

  private func valid(_ random: inout SeededGenerator) -> [UInt8] {
    var families = FamilyGenerator(seed: random.next())
    var natives = NativeGenerator(seed: random.next())
    return Exposition.write(
      families.families().prefix(2) + [natives.family()], as: .protobuf, options: Self.options)
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    guard let index = bytes.indices.randomElement(using: &random) else { return }
    switch Int.random(in: 0...4, using: &random) {
    case 0: bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
    case 1: bytes[index] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
    case 2: bytes.remove(at: index)
    case 3: bytes.insert(UInt8.random(in: 0...(.max), using: &random), at: index)
    default: bytes.removeLast(bytes.count - index)
    }
  }
}

/// Valid families of native histograms, of whole counts and of others, some with classic buckets beside.
struct NativeGenerator {
  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func family() -> MetricFamily {
    let isGauge = Bool.random(using: &random)
    let metrics = (0..<Int.random(in: 1...3, using: &random)).map { index in
      let point = point()
      return Metric(
        labels: ["id": "\(index)"], isGauge ? .gaugeHistogram(point) : .histogram(point))
    }
    return MetricFamily(
      name: "native", type: isGauge ? .gaugehistogram : .histogram, help: "h", metrics: metrics)
  }

  private mutating func point() -> HistogramPoint {
    let isFloat = Bool.random(using: &random)
    let native = NativeHistogram(
      schema: Int32.random(in: NativeHistogram.schemas, using: &random),
      zeroThreshold: Bool.random(using: &random) ? 0 : Double.random(in: 0...1, using: &random),
      zeroCount: count(isFloat), negative: buckets(isFloat), positive: buckets(isFloat))
    let parts = [native.zeroCount] + native.negative.counts + native.positive.counts
    let total = parts.reduce(0.0) { $0 + $1.doubleValue }
    let whole = parts.reduce(0 as UInt64) { $0 + ($1.count ?? 0) }
    // What is counted beyond the buckets is not a number, and then the sum is none.
    let nans: UInt64 = isFloat || Bool.random(using: &random) ? 0 : 5
    let all: MetricValue = isFloat ? .double(total) : .integer(whole + nans)
    let classic =
      Bool.random(using: &random) ? [HistogramBucket(upperBound: .infinity, cumulativeCount: all)] : []
    let time = MetricTimestamp(seconds: Int64.random(in: 0...4_000_000_000, using: &random), nanoseconds: 5)
    let exemplar = try? Exemplar(labels: [("trace", "é")], value: 1, timestamp: time)
    return HistogramPoint(
      buckets: classic, native: native, count: all,
      sum: .double(nans > 0 ? .nan : Double.random(in: -9...9, using: &random)),
      created: Bool.random(using: &random) ? time : nil,
      exemplars: Bool.random(using: &random) ? [exemplar].compactMap(\.self) : [])
  }

  private mutating func buckets(_ isFloat: Bool) -> NativeBuckets {
    var index = Int32.random(in: -1000...1000, using: &random)
    return NativeBuckets(
      ascending: (0..<Int.random(in: 0...6, using: &random)).map { _ in
        // A gap of two buckets or less is filled with whole zeros.
        index += Int32.random(in: (isFloat ? 4 : 1)...9, using: &random)
        return (index, count(isFloat))
      })
  }

  private mutating func count(_ isFloat: Bool) -> MetricValue {
    isFloat
      ? .double(Double.random(in: 0...1e6, using: &random))
      : .integer(UInt64.random(in: 0...(1 << 40), using: &random))
  }
}
