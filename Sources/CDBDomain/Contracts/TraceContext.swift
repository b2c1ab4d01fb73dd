/// The W3C trace context of an event, derived and not drawn: all that follows from one journal record is one
/// trace, and each event is a span of it. A replay gives the same ids, so a log line of yesterday finds the
/// event of today.
///
/// Format: https://www.w3.org/TR/trace-context/#traceparent-header
public struct TraceContext: Sendable, Hashable {
  private let high: UInt64
  private let low: UInt64
  private let span: UInt64

  /// - Parameters:
  ///   - journal: the journal's identity.
  ///   - origin: the journal record that caused the event.
  ///   - event: the event itself.
  public init(journal: UInt64, origin: UInt64, event: EventID) {
    // All-zero ids are invalid in the format.
    high = Self.mix(journal ^ Self.mix(origin))
    let second = Self.mix(high ^ origin &+ 0x9E37_79B9_7F4A_7C15)
    low = second == 0 ? 1 : second
    let key = UInt64(event.producer.position) << 56 ^ UInt64(event.partition) << 40 ^ event.sequence
    let mixed = Self.mix(low ^ Self.mix(key))
    span = mixed == 0 ? 1 : mixed
  }

  /// 32 hexadecimal digits.
  public var traceID: String { Self.hexadecimal(high) + Self.hexadecimal(low) }
  /// 16 hexadecimal digits.
  public var spanID: String { Self.hexadecimal(span) }
  /// The header's value; always sampled.
  public var traceparent: String { "00-\(traceID)-\(spanID)-01" }

  /// The finaliser of SplitMix64: a bijection, so that different records never share it.
  private static func mix(_ value: UInt64) -> UInt64 {
    var state = value &+ 0x9E37_79B9_7F4A_7C15
    state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
    return state ^ (state >> 31)
  }

  private static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
