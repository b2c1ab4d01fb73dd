import OpenMetrics

/// A span, by which a trace is found.
///
/// Source: W3C Trace Context, section 3.2 (https://www.w3.org/TR/trace-context/#traceparent-header)
public struct TraceReference: Sendable, Hashable {
  /// 32 hexadecimal digits in lower case, not all zero.
  public let traceID: String
  /// 16 hexadecimal digits in lower case, not all zero.
  public let spanID: String
  /// Whether the trace is being recorded, as far as the caller said.
  public let isSampled: Bool

  /// `nil` unless both are as many hexadecimal digits in lower case as they are to be, and not all zero.
  public init?(traceID: String, spanID: String, isSampled: Bool = true) {
    guard Self.isIdentifier(traceID.utf8[...], digits: 32), Self.isIdentifier(spanID.utf8[...], digits: 16)
    else { return nil }
    self.traceID = traceID
    self.spanID = spanID
    self.isSampled = isSampled
  }

  /// What the header `traceparent` refers to; `nil` where the specification has readers ignore the header.
  ///
  /// A version that is newer than 00 may go on after what version 00 has, with a hyphen.
  public init?(traceparent: String) {
    let text = traceparent.utf8
    // 2 digits of version, 32 of the trace, 16 of the span and 2 of flags, with hyphens between.
    let parts = text.prefix(55).split(separator: hyphen, omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0].count == 2, parts[3].count == 2,
      let version = Self.byte(parts[0]), version != 0xff, let flags = Self.byte(parts[3])
    else { return nil }
    if let next = text.dropFirst(55).first { guard version > 0, next == hyphen else { return nil } }
    self.init(traceID: String(parts[1]) ?? "", spanID: String(parts[2]) ?? "", isSampled: flags & 1 == 1)
  }

  /// `trace_id` and `span_id`, the labels of an exemplar that Grafana and others make links of.
  public var labels: LabelSet { ["trace_id": traceID, "span_id": spanID] }

  private static func isIdentifier(_ text: Substring.UTF8View, digits: Int) -> Bool {
    text.count == digits && text.allSatisfy { digit($0) != nil } && text.contains { $0 != UInt8(ascii: "0") }
  }

  private static func byte(_ text: Substring.UTF8View) -> UInt8? {
    text.reduce(0 as UInt8?) { sum, character in
      guard let sum, let digit = digit(character) else { return nil }
      return sum << 4 | digit
    }
  }

  private static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}

private let hyphen = UInt8(ascii: "-")
