/// Why a scrape has no samples.
public enum ScrapeFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// No answer; with the transport's words.
  case transport(String)
  case status(Int)
  case contentType(String)
  /// The body is none of the format. The line counts from 1.
  case malformed(line: Int, reason: String)
  /// The body is none of protobuf's.
  case message(String)
  case tooManySamples(limit: Int)
  case bodyTooLarge(limit: Int)
  /// A series has more or longer labels than the job allows.
  case labels(String)

  /// For a metric's label.
  public var reason: String {
    switch self {
    case .transport: "transport"
    case .status: "status"
    case .contentType: "content_type"
    case .malformed, .message: "malformed"
    case .tooManySamples: "sample_limit"
    case .bodyTooLarge: "body_size_limit"
    case .labels: "label_limit"
    }
  }

  /// Every value of ``reason``.
  public static let reasons = [
    "transport", "status", "content_type", "malformed", "sample_limit", "body_size_limit", "label_limit",
  ]

  public var description: String {
    switch self {
    case .transport(let words): words
    case .status(let code): "HTTP status \(code)"
    case .contentType(let type): "Content-Type \(type) is none of the formats"
    case .malformed(let line, let reason): "line \(line): \(reason)"
    case .message(let words): words
    case .tooManySamples(let limit): "more than \(limit) samples"
    case .bodyTooLarge(let limit): "more than \(limit) bytes"
    case .labels(let words): words
    }
  }
}
