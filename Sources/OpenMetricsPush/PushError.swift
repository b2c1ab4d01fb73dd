import HTTPTransport

/// Why metrics were not pushed, or a group not deleted.
public enum PushError: Error, Sendable, Equatable {
  /// Not an `http` or `https` URL of a host and, perhaps, a path.
  case invalidURL(String)
  case invalidGroupingKey(String)
  case invalidCredentials(String)
  /// A Pushgateway does not take points with a time: Prometheus gives them the time of the scrape.
  case timestamp(family: String)
  /// A metric has a label that the grouping key has: the gateway would overwrite it.
  case labelOfGroupingKey(family: String, label: String)
  /// There was no answer.
  case transport(HTTPTransportError)
  /// The gateway answered with an error. `answer` is what it said, at most ``maximumAnswer`` characters of it, in
  /// printable characters.
  case refused(status: Int, answer: String)

  public static let maximumAnswer = 1024

  /// Whether the same push may succeed later.
  public var isTransient: Bool {
    switch self {
    case .transport(let error): error.isTransient
    case .refused(let status, _): status == 429 || status >= 500
    default: false
    }
  }

  static func refused(_ response: HTTPResponse) -> PushError {
    let text = String(decoding: response.body.prefix(maximumAnswer * 4), as: UTF8.self)
    let printable = text.unicodeScalars.prefix(maximumAnswer).map { scalar in
      scalar.properties.generalCategory == .control ? " " : String(scalar)
    }
    return .refused(status: response.status, answer: printable.joined())
  }
}

extension PushError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .invalidURL(let reason): "the URL of the Pushgateway is invalid: \(reason)"
    case .invalidGroupingKey(let reason): "the grouping key is invalid: \(reason)"
    case .invalidCredentials(let reason): "the credentials are invalid: \(reason)"
    case .timestamp(let family): "\(family) has a timestamp, which a Pushgateway does not take"
    case .labelOfGroupingKey(let family, let label):
      "\(family) has the label \"\(label)\", which belongs to the grouping key"
    case .transport(let error): "the Pushgateway was not reached: \(error)"
    case .refused(let status, let answer): "the Pushgateway answered \(status): \(answer)"
    }
  }
}
