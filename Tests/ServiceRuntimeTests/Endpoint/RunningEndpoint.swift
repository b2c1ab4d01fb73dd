import HTTPTransport
import Logging
import ServiceRuntime
import Synchronization

/// Runs an endpoint on a free port for the time of `body`, and waits for its end.
func withEndpoint(
  configuration: EndpointConfiguration = EndpointConfiguration(listen: ListenAddress(port: 0)),
  operations: [AnyOperation] = [], metrics: MetricsExposition? = nil, health: HealthReport = .ok,
  routes: [EndpointRoute] = [], observer: RequestObserver? = nil,
  _ body: (RunningEndpoint) async throws -> Void
) async throws {
  let endpoint = ServiceEndpoint(
    configuration: configuration, operations: try OperationCatalogue(operations), metrics: metrics,
    health: { health }, routes: routes, observer: observer,
    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  let run = Task { try await endpoint.run() }
  do {
    try await body(RunningEndpoint(port: try await endpoint.address.port))
  } catch {
    run.cancel()
    throw error
  }
  run.cancel()
  _ = await run.result
}

struct RunningEndpoint {
  let port: Int
  let client = HTTPClient()

  func get(_ target: String, headers: [(name: String, value: String)] = []) async throws -> HTTPResponse {
    try await send("GET", target, headers: headers)
  }

  func send(
    _ method: String, _ target: String, headers: [(name: String, value: String)] = [], body: String = ""
  ) async throws -> HTTPResponse {
    try await client.send(
      HTTPRequest(
        method: method, url: "http://127.0.0.1:\(port)\(target)", headers: headers, body: Array(body.utf8)))
  }
}

extension HTTPResponse {
  var text: String { String(decoding: body, as: UTF8.self) }
}
