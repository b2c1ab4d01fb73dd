import HTTPTransport
import OpenMetrics

/// A group of metrics on a Pushgateway, for jobs that end before anyone scrapes them.
///
/// Source: github.com/prometheus/pushgateway, README, "API"
public struct Pushgateway: Sendable {
  public let key: GroupingKey
  /// Where requests go, with the path of the group.
  public let url: String
  /// Protobuf unless set. A Pushgateway takes protobuf and text 0.0.4, and tries to read anything else as text.
  public var format = ExpositionFormat.protobuf
  /// How names are shown that are not `[a-zA-Z_:][a-zA-Z0-9_:]*`. Gateways before 1.11 take only names in ASCII.
  public var escaping = EscapingScheme.underscores
  /// Of each request; the whole of it takes no longer than `total`.
  public var timeouts = HTTPTimeouts(connect: .seconds(5), total: .seconds(10))
  public var credentials: BasicCredentials?
  private let client: HTTPClient

  /// - Parameters:
  ///   - url: `http://` or `https://`, host, and perhaps a port and a path; not the `/metrics/job/…` part.
  ///   - job: the label `job` of everything pushed.
  ///   - grouping: further labels of everything pushed.
  ///   - credentials: for a gateway that asks for some.
  ///   - client: one for the whole program is enough; it decides whom to trust.
  /// - Throws: ``PushError/invalidURL(_:)`` or ``PushError/invalidGroupingKey(_:)``.
  public init(
    url: String, job: String, grouping: [String: String] = [:], credentials: BasicCredentials? = nil,
    client: HTTPClient = HTTPClient()
  ) throws(PushError) {
    key = try GroupingKey(job: job, labels: grouping)
    self.url = try Self.base(url) + key.path
    self.credentials = credentials
    self.client = client
  }

  /// Replaces all metrics of the group.
  ///
  /// - Throws: ``PushError``.
  public func push(_ families: [MetricFamily]) async throws(PushError) {
    try await send("PUT", families)
  }

  /// Replaces those metrics of the group that have a name of these.
  ///
  /// - Throws: ``PushError``.
  public func pushAdd(_ families: [MetricFamily]) async throws(PushError) {
    try await send("POST", families)
  }

  /// Deletes the group. One that does not exist is no error.
  ///
  /// - Throws: ``PushError``.
  public func delete() async throws(PushError) {
    try await send(HTTPRequest(method: "DELETE", url: url))
  }

  private func send(_ method: String, _ families: [MetricFamily]) async throws(PushError) {
    try check(families)
    let body = Exposition.write(families.map(Self.asKnown), as: format, options: .init(escaping: escaping))
    // A gateway reads the escaping only where names can be in UTF-8 at all.
    let suffix = escaping == .allowUTF8 ? "; escaping=allow-utf-8" : ""
    try await send(
      HTTPRequest(
        method: method, url: url, headers: [("Content-Type", format.contentType + suffix)], body: body))
  }

  private func send(_ request: HTTPRequest) async throws(PushError) {
    var request = request
    request.timeouts = timeouts
    if let credentials { request.headers.append(("Authorization", credentials.authorization)) }
    let response: HTTPResponse
    do throws(HTTPTransportError) {
      response = try await client.send(request)
    } catch {
      throw .transport(error)
    }
    guard (200..<300).contains(response.status) else { throw .refused(response) }
  }

  private func check(_ families: [MetricFamily]) throws(PushError) {
    for family in families {
      for metric in family.metrics {
        if metric.points.contains(where: { $0.timestamp != nil }) { throw .timestamp(family: family.name) }
        var labels = metric.labels
        if case .info(let information)? = metric.points.last?.value { labels = labels.appending(information) }
        if let label = labels.first(where: { key.claims($0.name) }) {
          throw .labelOfGroupingKey(family: family.name, label: label.name)
        }
      }
    }
  }

  /// Gateways do not know gauge histograms: one that has got one by protobuf breaks off in the middle of every scrape.
  /// They get histograms, as in the text formats.
  private static func asKnown(_ family: MetricFamily) -> MetricFamily {
    guard family.type == .gaugehistogram else { return family }
    let metrics = family.metrics.map { metric in
      guard case .gaugeHistogram(let point)? = metric.points.last?.value else { return metric }
      return Metric(labels: metric.labels, .histogram(point))
    }
    return MetricFamily(
      name: family.name, type: .histogram, help: family.help, unit: family.unit, metrics: metrics)
  }

  private static func base(_ url: String) throws(PushError) -> String {
    let lowered = url.lowercased()
    guard let scheme = ["http://", "https://"].first(where: { lowered.hasPrefix($0) }) else {
      throw .invalidURL("it begins with neither http:// nor https://")
    }
    let rest = url.dropFirst(scheme.count)
    guard let first = rest.first, first != "/" else { throw .invalidURL("it has no host") }
    guard !rest.contains(where: { "?#".contains($0) }) else {
      throw .invalidURL("it has a query or a fragment")
    }
    // They would be shown wherever the URL is.
    guard !rest.prefix(while: { $0 != "/" }).contains("@") else {
      throw .invalidURL("it has a user; give the credentials apart")
    }
    guard url.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) else {
      throw .invalidURL("it has blanks or control characters")
    }
    return String(url.reversed().drop { $0 == "/" }.reversed())
  }
}
