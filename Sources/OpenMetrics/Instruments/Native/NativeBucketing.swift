import Foundation

/// How fine a native histogram's buckets are, and what happens when there are too many.
///
/// Source: Prometheus, "Native Histograms"; the way to keep within the limit is that of its library for Go.
public struct NativeBucketing: Sendable, Hashable {
  /// -4 ... 8: a bucket's bound is 2^(2^-schema) times the one before.
  public var schema: Int32
  /// Observations of at most this magnitude are in the zero bucket; finite, not negative; 2^-128 by default.
  public var zeroThreshold: Double = 0x1p-128
  /// The most buckets beside the zero bucket; 0 for no limit. Beyond it, the histogram begins anew if it is old enough
  /// (``minimumResetInterval``), or else widens its zero bucket (``maximumZeroThreshold``), or else makes every two
  /// buckets one.
  public var maximumBuckets: Int = 160
  /// The least time between two new beginnings; `nil`, the default, for none at all. After a loss of resolution the
  /// histogram begins anew as soon as that time has passed.
  public var minimumResetInterval: Duration?
  /// How far the zero bucket may be widened; 0, the default, for not at all.
  public var maximumZeroThreshold: Double = 0

  /// - Parameter growthFactor: more than 1; the greatest schema is taken that grows by no more than this, but for the
  ///   limits of -4 and 8.
  public init(growthFactor: Double = 1.1) {
    let exponent = log2(log2(growthFactor)).rounded(.down)
    // Nothing is as coarse as a factor that is not a number, or does not grow, asks for: that is refused later.
    schema = !(growthFactor > 1) ? .min : -Int32(min(max(exponent, -8), 4))
  }

  public init(schema: Int32) { self.schema = schema }

  /// - Throws: ``MetricError/invalidBuckets(family:reason:)``
  func validate(family: String) throws(MetricError) {
    guard NativeHistogram.schemas.contains(schema) else {
      throw .invalidBuckets(
        family: family, reason: "a native schema is one of -4 ... 8, a growth factor above 1")
    }
    guard zeroThreshold >= 0, zeroThreshold.isFinite, maximumZeroThreshold >= 0, maximumZeroThreshold.isFinite
    else { throw .invalidBuckets(family: family, reason: "zero thresholds are finite and not negative") }
    guard maximumBuckets >= 0 else {
      throw .invalidBuckets(family: family, reason: "the most buckets are not negative")
    }
    if let minimumResetInterval, minimumResetInterval < .zero {
      throw .invalidBuckets(family: family, reason: "the time between resets is not negative")
    }
  }
}
