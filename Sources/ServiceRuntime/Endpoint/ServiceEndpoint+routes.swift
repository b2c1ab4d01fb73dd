extension ServiceEndpoint {
  /// `/metrics`, `/healthz`, `/readyz`.
  static func serviceRoutes(
    metrics: MetricsExposition?, health: @escaping HealthCheck, readiness: @escaping HealthCheck
  ) -> [EndpointRoute] {
    var routes = [
      EndpointRoute("GET", "/healthz") { _ in answer(await health()) },
      EndpointRoute("GET", "/readyz") { _ in answer(await readiness()) },
    ]
    if let metrics { routes.append(EndpointRoute("GET", "/metrics") { await metrics($0) }) }
    return routes
  }

  private static func answer(_ report: HealthReport) -> EndpointResponse {
    .json(report.status == .ok ? 200 : 503, report)
  }

  /// Everything below `/api/v1/`.
  static func operationRoutes(_ catalogue: OperationCatalogue) -> [EndpointRoute] {
    let listing = catalogue.listing
    var routes = [EndpointRoute("GET", "/api/v1/operations") { _ in .json(200, listing) }]
    for operation in catalogue.operations {
      let path = "/api/v1/\(operation.name)"
      switch operation.effect {
      case .read:
        routes.append(
          EndpointRoute("GET", path) { request in
            .json(200, bytes: try await operation.invoke(query: request.query, context: context(of: request)))
          })
      case .change:
        routes.append(
          EndpointRoute("POST", path, access: .token, isDoneLate: operation.isDoneLate) { request in
            guard request.query.isEmpty else {
              throw OperationError.invalidInput("the input of \(operation.name) goes into the body, as JSON")
            }
            return .json(
              200, bytes: try await operation.invoke(json: request.body, context: context(of: request)))
          })
      }
    }
    return routes
  }

  private static func context(of request: EndpointRequest) -> OperationContext {
    OperationContext(caller: "http", traceparent: request.header("traceparent"))
  }
}
