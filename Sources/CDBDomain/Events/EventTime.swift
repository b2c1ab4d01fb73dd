/// An instant as the pipeline counts it: nanoseconds since the Unix epoch, UTC.
///
/// Event time is the receive time that the journal fixed, so it never decreases and never depends on
/// when or where a stage runs.
public struct EventTime: Sendable, Hashable, Comparable, Codable {
  public var nanoseconds: Int64
  @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

  public static let distantPast = EventTime(nanoseconds: .min)
  public static let distantFuture = EventTime(nanoseconds: .max)

  /// This instant moved by nanoseconds, held at the ends of the range instead of wrapping.
  @inlinable
  public func advanced(by nanoseconds: Int64) -> EventTime {
    let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
    guard overflow else { return EventTime(nanoseconds: sum) }
    return nanoseconds > 0 ? .distantFuture : .distantPast
  }

  public init(from decoder: any Decoder) throws {
    nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
  }
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nanoseconds)
  }
}
