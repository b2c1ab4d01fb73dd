/// A finished request, for whoever counts requests. Every field is of bounded cardinality but the time.
public struct RequestObservation: Sendable {
  /// The route's path as it was declared; `unmatched` where there is none.
  public let template: String
  /// A method of RFC 9110, or `OTHER`.
  public let method: String
  public let status: Int
  /// From the head's arrival to the answer; a streamed body comes after.
  public let seconds: Double

  init(template: String, method: String, status: Int, seconds: Double) {
    self.template = template
    self.method = Self.methods.contains(method) ? method : "OTHER"
    self.status = status
    self.seconds = seconds
  }

  private static let methods: Set<String> = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT",
  ]
}

/// Called once for each request.
public typealias RequestObserver = @Sendable (RequestObservation) -> Void

/// Answers a scrape: the request's headers `Accept`, `Accept-Encoding` and `X-Prometheus-Scrape-Timeout-Seconds` say in
/// which form and how soon, and `name[]` in its query limits the answer to those names.
public typealias MetricsExposition = @Sendable (EndpointRequest) async -> EndpointResponse
