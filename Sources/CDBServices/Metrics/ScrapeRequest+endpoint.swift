import OpenMetrics
import ServiceRuntime

extension ScrapeRequest {
  /// What a scraper asks of a service's endpoint.
  init(_ request: EndpointRequest) {
    self.init(query: request.query.map { ($0.name, $0.value) }) { request.header($0) }
  }
}

extension EndpointResponse {
  init(_ answer: ScrapeAnswer) {
    self.init(
      status: answer.status, headers: answer.headers.map { ($0.name, $0.value) }, body: .bytes(answer.body))
  }
}
