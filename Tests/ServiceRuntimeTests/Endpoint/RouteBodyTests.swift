import HTTPTransport
import Testing

@testable import ServiceRuntime

@Suite("Routes that take large bodies", .serialized, .timeLimit(.minutes(10)))
struct RouteBodyTests {
  private static let head = "POST /large HTTP/1.1\r\nHost: localhost\r\n"

  private static func route(
    _ bytes: Int, deadline: Duration = .seconds(60), budget: BodyBudget = BodyBudget(bytes: 1 << 20)
  ) -> EndpointRoute {
    EndpointRoute(
      "POST", "/large", body: RouteBody(maximumBytes: bytes, deadline: deadline, budget: budget)
    ) { request in
      EndpointResponse(contentType: "text/plain", bytes: Array("\(request.body.count)".utf8))
    }
  }

  @Test("a route takes as much as it says, whatever the endpoint takes, and gives back what it has taken")
  func limit() async throws {
    let configuration = EndpointConfiguration(listen: ListenAddress(port: 0), maximumBodyBytes: 1_000)
    let budget = BodyBudget(bytes: 6_000)
    try await withEndpoint(configuration: configuration, routes: [Self.route(5_000, budget: budget)]) {
      (endpoint: RunningEndpoint) async throws in
      let exact = String(repeating: "x", count: 5_000)
      // Were it not given back, the second one would not be taken.
      for _ in 0..<3 { #expect(try await endpoint.send("POST", "/large", body: exact).text == "5000") }
      #expect(try await endpoint.send("POST", "/large", body: exact + "x").status == 413)
      #expect(
        try await RawConnection.status(
          port: endpoint.port, Self.head + "Transfer-Encoding: chunked\r\n\r\n1389\r\n\(exact)x\r\n") == 413)
      #expect(try await endpoint.send("POST", "/large", body: exact).text == "5000")
    }
    #expect(budget.take(6_000))
  }

  @Test("what is more than all may send at once is to come again, and the connection closes")
  func crowded() async throws {
    let budget = BodyBudget(bytes: 3_000)
    try await withEndpoint(routes: [Self.route(10_000, budget: budget)]) {
      (endpoint: RunningEndpoint) async throws in
      let body = String(repeating: "x", count: 4_000)
      let answer = try await endpoint.send("POST", "/large", body: body)
      #expect(answer.status == 503 && answer.header("retry-after") == "1")
      #expect(answer.header("connection") == "close")
      #expect(try await endpoint.send("POST", "/large", body: "abc").text == "3")
    }
    #expect(budget.take(3_000))
  }

  @Test("who sends a body byte by byte is not waited for longer than the route says")
  func slow() async throws {
    try await withEndpoint(routes: [Self.route(10_000, deadline: .zero)]) {
      (endpoint: RunningEndpoint) async throws in
      #expect(
        try await RawConnection.status(port: endpoint.port, Self.head + "Content-Length: 9000\r\n\r\nabc")
          == 408)
      #expect(try await endpoint.get("/healthz").status == 200)
    }
  }
}
