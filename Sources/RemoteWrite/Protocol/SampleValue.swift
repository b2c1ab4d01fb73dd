/// Values as bits: a staleness marker is a signalling NaN, which arithmetic and conversions turn into another one.
public enum SampleValue {
  /// That a series has ended (Prometheus, model/value).
  public static let stale: UInt64 = 0x7ff0_0000_0000_0002
  /// What every other NaN is sent as.
  public static let notANumber: UInt64 = 0x7ff8_0000_0000_0001

  /// The bits that stand for a number that was scraped.
  public static func bits(_ value: Double) -> UInt64 { value.isNaN ? notANumber : value.bitPattern }
}
