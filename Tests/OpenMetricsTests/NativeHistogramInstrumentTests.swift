import Testing

@testable import OpenMetrics

@Suite("Native histograms as instruments")
struct NativeHistogramInstrumentTests {
  let clock = ManualClock()
  let registry: MetricRegistry

  init() { registry = MetricRegistry(maximumChildren: 10, clock: clock) }

  func histogram(
    _ bucketing: NativeBucketing = NativeBucketing(), buckets: [Double] = []
  ) throws -> SparseHistogram {
    try registry.nativeHistogram(.init("h", type: .histogram, help: "", buckets: buckets), bucketing).child
  }

  func point(_ histogram: SparseHistogram) throws -> HistogramPoint {
    guard case .histogram(let point) = histogram.point() else { throw StubCollector.Failure() }
    return point
  }

  @Test(
    "the growth factor chooses the schema",
    arguments: [
      (1.1, 3), (2, 0), (1.00271, 8), (1.0001, 8), (65_536, -4), (1e30, -4), (1.5, 1), (.infinity, -4),
    ])
  func growth(factor: Double, schema: Int32) throws {
    #expect(NativeBucketing(growthFactor: factor).schema == schema)
  }

  @Test("a bucketing that cannot be is refused", arguments: [1, 0.5, 0, -1, .nan] as [Double])
  func invalidGrowth(factor: Double) {
    #expect(throws: MetricError.self) { try histogram(NativeBucketing(growthFactor: factor)) }
  }

  @Test("limits that cannot be are refused")
  func invalidLimits() {
    for change in [
      { $0.zeroThreshold = -1 }, { $0.zeroThreshold = .infinity }, { $0.maximumBuckets = -1 },
      { $0.maximumZeroThreshold = .nan }, { $0.minimumResetInterval = .seconds(-1) }, { $0.schema = 9 },
    ] as [(inout NativeBucketing) -> Void] {
      var bucketing = NativeBucketing()
      change(&bucketing)
      #expect(throws: MetricError.self) { try bucketing.validate(family: "h") }
    }
  }

  @Test("a value is in the bucket whose bounds are around it", arguments: -4...8 as ClosedRange<Int32>)
  func index(schema: Int32) {
    var generator = SeededGenerator(seed: UInt64(schema + 5))
    let edges: [Double] = [
      1, 2, 0.5, 1.0.nextUp, 1.0.nextDown, 65_536, 0x1p-1022,
      .greatestFiniteMagnitude,
    ]
    let random = (0..<500).map { _ in Double.random(in: 1e-9...1e9, using: &generator) }
    for value in edges + random {
      let index = NativeIndex.of(value, schema: schema)
      #expect(value <= NativeHistogram.upperBound(index: index, schema: schema))
      #expect(value > NativeHistogram.upperBound(index: index - 1, schema: schema))
    }
  }

  @Test("values, zero, negative values and infinities each have their bucket, and NaN is refused")
  func observations() throws {
    var bucketing = NativeBucketing(schema: 0)
    bucketing.zeroThreshold = 0.001
    let histogram = try histogram(bucketing)
    for value in [3, 4, 5, -3, 0, 0.001, -0.001, .infinity, .nan] as [Double] { histogram.observe(value) }
    let point = try point(histogram)
    #expect(point.count == 8)
    #expect(point.native?.zeroCount == 3)
    #expect(point.native?.positive.indexed.filter { $0.count != 0 }.map(\.index) == [2, 3, 1025])
    #expect(point.native?.negative.indexed.map(\.index) == [2])
    #expect(registry.statistics.rejectedUpdates == 1)
    #expect(registry.snapshot()[0].violation() == nil)
  }

  @Test("a count that no longer fits into 64 bits is refused, and what was counted stays consistent")
  func overflowing() throws {
    let histogram = try histogram(NativeBucketing(schema: 0))
    let most = Int(UInt64.max / Histogram.maximumCount)
    for _ in 0..<most + 3 { histogram.observe(1, count: Histogram.maximumCount) }
    histogram.observe(2, count: Histogram.maximumCount - 1)
    histogram.observe(2)
    #expect(try point(histogram).count == .integer(.max))
    #expect(registry.statistics.rejectedUpdates == 4)
    #expect(registry.snapshot()[0].violation() == nil)
  }

  @Test("classic buckets may be beside the native ones, and count the same")
  func classic() throws {
    let histogram = try histogram(buckets: [1, 10])
    histogram.observe(0.5)
    histogram.observe(5, count: 2, exemplar: try Exemplar(labels: [("t", "1")], value: 5))
    let point = try point(histogram)
    #expect(point.buckets.map(\.cumulativeCount) == [1, 3, 3])
    #expect(point.buckets[1].exemplar?.labels["t"] == "1")
    #expect(point.exemplars.count == 1)
    #expect(point.sum == 10.5)
  }

  @Test("too many buckets cost resolution, and no observation")
  func coarser() throws {
    var bucketing = NativeBucketing(schema: 8)
    bucketing.maximumBuckets = 20
    let histogram = try histogram(bucketing)
    for value in 1...1000 { histogram.observe(Double(value)) }
    let native = try #require(try point(histogram).native)
    #expect(native.positive.indexed.filter { $0.count != 0 }.count <= 20)
    #expect(native.schema < 8)
    #expect(native.positive.counts.map(\.doubleValue).reduce(0, +) == 1000)
    #expect(registry.snapshot()[0].violation() == nil)
  }

  @Test("the zero bucket is widened before resolution is lost, as far as it may be")
  func widening() throws {
    var bucketing = NativeBucketing(schema: 0)
    bucketing.maximumBuckets = 3
    bucketing.maximumZeroThreshold = 4
    let histogram = try histogram(bucketing)
    for exponent in 0..<5 { histogram.observe(Double(1 << exponent)) }
    var native = try #require(try point(histogram).native)
    #expect(native.schema == 0)
    #expect(native.zeroThreshold == 2)
    #expect(native.zeroCount == 2)
    histogram.observe(-1024)
    histogram.observe(2048)
    native = try #require(try point(histogram).native)
    #expect(native.zeroThreshold == 4)
    #expect(native.schema < 0)
    #expect(try point(histogram).count == 7)
  }

  @Test("after the least time a histogram that is too large begins anew, with what it just saw")
  func reset() throws {
    var bucketing = NativeBucketing(schema: 8)
    bucketing.maximumBuckets = 5
    bucketing.minimumResetInterval = .seconds(60)
    let histogram = try histogram(bucketing)
    clock.advance(by: .seconds(61))
    for value in 1...6 { histogram.observe(Double(value), count: 2) }
    var point = try point(histogram)
    #expect(point.count == 2)
    #expect(point.sum == 12.0)
    #expect(point.native?.schema == 8)
    #expect(point.created == clock.now())
    for value in 7...11 { histogram.observe(Double(value)) }
    #expect(try self.point(histogram).native?.schema != 8)
    clock.advance(by: .seconds(60))
    histogram.observe(1)
    point = try self.point(histogram)
    #expect(point.native?.schema == 8)
    #expect(point.count == 1)
  }

  @Test("the last ten exemplars are kept")
  func exemplars() throws {
    let histogram = try histogram()
    for number in 0..<12 {
      histogram.observe(1, exemplar: try Exemplar(labels: [("t", "\(number)")], value: 1))
    }
    #expect(try point(histogram).exemplars.compactMap { $0.labels["t"] } == (2..<12).map { "\($0)" })
  }
}
