import HTTPTransport
import OpenMetrics

/// Asks a URL for target groups. What cannot be had or understood leaves those of before.
struct HTTPDiscoverer: Sendable {
  let source: HTTPDiscovery
  let client: HTTPClient
  let userAgent: String

  /// How soon a look that failed is repeated at the latest, in milliseconds.
  static let pauseAfterFault: Int64 = 5_000

  func look() async -> DiscoveryLook {
    do throws(TargetGroupText.Fault) {
      var groups = try TargetGroupText.json(try await body())
      for index in groups.indices {
        groups[index].labels.append(Label("__meta_url", source.url.withoutUserInformation))
      }
      return DiscoveryLook(groups: groups, pause: source.interval)
    } catch {
      return DiscoveryLook(
        groups: nil, faults: ["\(source.url.withoutUserInformation): \(error)"],
        pause: min(source.interval, Self.pauseAfterFault))
    }
  }

  private func body() async throws(TargetGroupText.Fault) -> [UInt8] {
    var headers: [(name: String, value: String)] = [
      ("Accept", "application/json"), ("User-Agent", userAgent),
      ("X-Prometheus-Refresh-Interval-Seconds", "\(Double(source.interval) / 1000)"),
    ]
    let response: HTTPResponse
    do {
      headers += try source.access.fields()
      let timeout = Duration.milliseconds(min(max(source.interval, 1_000), 30_000))
      response = try await client.send(
        HTTPRequest(
          url: source.url, headers: headers, timeouts: HTTPTimeouts(connect: timeout, total: timeout),
          acceptsGzip: true, proxy: source.access.proxy))
    } catch {
      throw TargetGroupText.Fault(description: "\(error)")
    }
    guard response.status == 200 else {
      throw TargetGroupText.Fault(description: "HTTP status \(response.status)")
    }
    let type = (response.header("content-type") ?? "").lowercased().filter { $0 != " " && $0 != "\"" }
    guard type == "application/json" || type == "application/json;charset=utf-8" else {
      throw TargetGroupText.Fault(description: "its Content-Type is not application/json")
    }
    return response.body
  }
}
