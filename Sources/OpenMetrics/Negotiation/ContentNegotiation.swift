/// Chooses a format from the HTTP header `Accept`.
///
/// The supported media range of the highest quality wins, the first one among equals; when none is supported the
/// answer is text 0.0.4, because a scrape is better served than refused. The content type is composed of constants
/// only: nothing of the header is ever echoed.
/// Source: RFC 9110 section 12.5.1; OpenMetrics 1.0, "Protocol Negotiation".
public struct ContentNegotiation: Sendable, Hashable {
  public let format: ExpositionFormat
  /// The value of the header `Content-Type`.
  public let contentType: String

  /// Longer headers are not looked at; Prometheus' own has some 300 bytes.
  public static let maximumHeaderLength = 8192

  public static func negotiate(accept: String?) -> ContentNegotiation {
    var best: (range: MediaRange, answer: ContentNegotiation)?
    if let accept, accept.utf8.count <= maximumHeaderLength {
      for range in MediaRange.parse(accept) where range.quality > (best?.range.quality ?? 0) {
        if let answer = answer(to: range) { best = (range, answer) }
      }
    }
    return best?.answer ?? ContentNegotiation(.text004, nil)
  }

  private init(_ format: ExpositionFormat, _ escaping: EscapingScheme?) {
    self.format = format
    contentType = format.contentType + (escaping.map { "; escaping=\($0.rawValue)" } ?? "")
  }

  private static func answer(to range: MediaRange) -> ContentNegotiation? {
    let version = range.parameters["version"]
    let escaping = range.parameters["escaping"].flatMap { EscapingScheme(rawValue: $0) }
    switch (range.type, range.subtype) {
    case ("application", "openmetrics-text"):
      // A reader that names no version gets the oldest version of the standard.
      return version == nil || version == "1.0.0" ? ContentNegotiation(.openMetrics1, escaping) : nil
    case ("text", "plain"):
      return version == nil || version == "0.0.4" ? ContentNegotiation(.text004, escaping) : nil
    case ("application", "*"): return ContentNegotiation(.openMetrics1, nil)
    case ("text", "*"), ("*", "*"): return ContentNegotiation(.text004, nil)
    default: return nil
    }
  }
}
