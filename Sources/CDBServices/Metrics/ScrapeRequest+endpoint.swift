import OpenMetrics
import ServiceRuntime

extension ScrapeRequest {
  /// What a scraper asks of a service's endpoint.
  init(_ request: EndpointRequest) {
    self.init(
      accept: request.header("Accept"), acceptEncoding: request.header("Accept-Encoding"),
      names: request.query.filter { $0.name == "name[]" }.map(\.value),
      timeout: request.header("X-Prometheus-Scrape-Timeout-Seconds"))
  }
}

extension EndpointResponse {
  init(_ answer: ScrapeAnswer) {
    self.init(
      status: answer.status, headers: answer.headers.map { ($0.name, $0.value) }, body: .bytes(answer.body))
  }
}
