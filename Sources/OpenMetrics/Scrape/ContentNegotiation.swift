/// Chooses a format from the HTTP header `Accept`.
///
/// The supported media range of the highest quality wins, the first one among equals; when none is supported the
/// answer is text 0.0.4, because a scrape is better served than refused. The content type is composed of constants
/// only: nothing of the header is ever echoed.
/// Source: RFC 9110 section 12.5.1; OpenMetrics 1.0, "Protocol Negotiation"; Prometheus, "Content negotiation".
public struct ContentNegotiation: Sendable, Hashable {
  public let format: ExpositionFormat
  /// How the reader wants names that need quotes; what every reader understands, if it does not say.
  public let escaping: EscapingScheme
  /// The value of the header `Content-Type`.
  public let contentType: String

  /// Longer headers are not looked at; Prometheus' own has some 300 bytes.
  public static let maximumHeaderLength = 8192

  public static func negotiate(accept: String?) -> ContentNegotiation {
    guard let accept, accept.utf8.count <= maximumHeaderLength else {
      return ContentNegotiation(.text004, nil)
    }
    let ranges = MediaRange.parse(accept)
    let refused = Set(
      ranges.filter { $0.quality == 0 && !$0.isWildcard }.compactMap { answer(to: $0)?.format })
    var best: (quality: Double, answer: ContentNegotiation)?
    for range in ranges where range.quality > (best?.quality ?? 0) {
      let answer = range.isWildcard ? answer(toWildcard: range, without: refused) : answer(to: range)
      if let answer { best = (range.quality, answer) }
    }
    return best?.answer ?? ContentNegotiation(.text004, nil)
  }

  private init(_ format: ExpositionFormat, _ escaping: EscapingScheme?, as contentType: String? = nil) {
    self.format = format
    self.escaping = escaping ?? .underscores
    self.contentType =
      (contentType ?? format.contentType) + (escaping.map { "; escaping=\($0.rawValue)" } ?? "")
  }

  private static let openMetricsDraft = "application/openmetrics-text; version=0.0.1; charset=utf-8"

  private static func answer(to range: MediaRange) -> ContentNegotiation? {
    let version = range.parameters["version"]
    let escaping = range.parameters["escaping"].flatMap { EscapingScheme(rawValue: $0) }
    switch (range.type, range.subtype, version) {
    // A reader that names no version gets the oldest version of the standard.
    case ("application", "openmetrics-text", nil), ("application", "openmetrics-text", "1.0.0"):
      return ContentNegotiation(.openMetrics1, escaping)
    // The drafts of 1.0 had this version, and the same form. Prometheus 2.5 to 2.33 asks for no other, and by text it
    // would get no exemplars. client_golang answers in the same way.
    case ("application", "openmetrics-text", "0.0.1"):
      return ContentNegotiation(.openMetrics1, escaping, as: openMetricsDraft)
    case ("application", "openmetrics-text", "2.0.0"): return ContentNegotiation(.openMetrics2, escaping)
    case ("text", "plain", nil), ("text", "plain", "0.0.4"): return ContentNegotiation(.text004, escaping)
    case ("text", "plain", "1.0.0"): return ContentNegotiation(.text100, escaping)
    case ("application", "vnd.google.protobuf", _):
      let isDelimited =
        range.parameters["proto"] == "io.prometheus.client.MetricFamily"
        && range.parameters["encoding"] == "delimited"
      return isDelimited ? ContentNegotiation(.protobuf, escaping) : nil
    default: return nil
    }
  }

  private static func answer(
    toWildcard range: MediaRange, without refused: Set<ExpositionFormat>
  ) -> ContentNegotiation? {
    let formats: [ExpositionFormat] =
      switch range.type {
      case "*": [.text004, .openMetrics1]
      case "text": [.text004]
      case "application": [.openMetrics1]
      default: []
      }
    return formats.first { !refused.contains($0) }.map { ContentNegotiation($0, nil) }
  }
}
