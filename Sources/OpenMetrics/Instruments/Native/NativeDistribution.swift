/// The native buckets of one histogram, and how they are kept within their limit; a pure value.
struct NativeDistribution: Sendable, Equatable {
  private(set) var schema: Int32
  private(set) var zeroThreshold: Double
  private(set) var zeroCount: UInt64 = 0
  private(set) var positive = SparseBuckets()
  private(set) var negative = SparseBuckets()

  init(_ bucketing: NativeBucketing) {
    schema = bucketing.schema
    zeroThreshold = bucketing.zeroThreshold
  }

  var bucketCount: Int { positive.count + negative.count }

  /// - Parameter value: not NaN.
  mutating func observe(_ value: Double, count: UInt64) {
    let magnitude = value.magnitude
    if magnitude <= zeroThreshold {
      zeroCount &+= count
    } else if value > 0 {
      positive.add(count, at: NativeIndex.of(magnitude, schema: schema))
    } else {
      negative.add(count, at: NativeIndex.of(magnitude, schema: schema))
    }
  }

  /// The bucket nearest to zero, or two of the same magnitude, become part of the zero bucket; false when that would
  /// take the zero bucket past `limit`.
  mutating func widenZero(upTo limit: Double) -> Bool {
    guard let index = [positive.smallest, negative.smallest].compactMap({ $0 }).min() else { return false }
    let threshold = NativeHistogram.upperBound(index: index, schema: schema)
    guard threshold <= limit, threshold.isFinite else { return false }
    zeroThreshold = threshold
    zeroCount &+= positive.take(index) &+ negative.take(index)
    return true
  }

  /// Halves the resolution; false when it is the coarsest already.
  mutating func coarsen() -> Bool {
    guard schema > NativeHistogram.schemas.lowerBound else { return false }
    schema -= 1
    positive.halve()
    negative.halve()
    return true
  }

  /// Brings the number of buckets down to the limit; whether something was lost by it.
  mutating func limit(_ bucketing: NativeBucketing) -> Bool {
    guard bucketing.maximumBuckets > 0 else { return false }
    var isReduced = false
    while bucketCount > bucketing.maximumBuckets {
      guard widenZero(upTo: bucketing.maximumZeroThreshold) || coarsen() else { break }
      isReduced = true
    }
    return isReduced
  }

  var model: NativeHistogram {
    NativeHistogram(
      schema: schema, zeroThreshold: zeroThreshold, zeroCount: .integer(zeroCount),
      negative: NativeBuckets(ascending: negative.all), positive: NativeBuckets(ascending: positive.all))
  }
}
