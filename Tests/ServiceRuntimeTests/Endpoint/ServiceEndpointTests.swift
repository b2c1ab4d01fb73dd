import HTTPTransport
import Logging
import ServiceRuntime
import Synchronization
import Testing

@Suite("Service endpoint", .serialized, .timeLimit(.minutes(10)))
struct ServiceEndpointTests {
  struct Input: Codable, Sendable { var since: Int? }
  struct Output: Codable, Sendable { var trading: Bool; var since: Int }

  static let why = AnyOperation(
    Operation<Input, Output>(name: "why", summary: "Why there is no trading.") { input, _ in
      guard input.since != 404 else { throw OperationError.notFound("no such time") }
      return Output(trading: true, since: input.since ?? 0)
    })
  static let stop = AnyOperation(
    Operation<Input, Output>(name: "stop", summary: "Stops.", effect: .change) { input, _ in
      Output(trading: false, since: input.since ?? 0)
    })
  static let token = EndpointConfiguration(
    listen: ListenAddress(port: 0), token: FixedSecretSource(Secret("letmein")))

  @Test("metrics are written by the closure, which sees the request's headers and name[]")
  func metrics() async throws {
    try await withEndpoint(metrics: { request in
      let names = request.query.filter { $0.name == "name[]" }.map(\.value)
      return EndpointResponse(
        contentType: "text/x",
        bytes: Array("\(request.header("Accept") ?? "none") \(names.joined(separator: "|"))".utf8))
    }) { (endpoint: RunningEndpoint) async throws in
      let answer = try await endpoint.get("/metrics?name[]=a&name%5B%5D=b", headers: [("Accept", "x/y")])
      #expect(answer.status == 200)
      #expect(answer.header("content-type") == "text/x")
      #expect(answer.text == "x/y a|b")
      #expect(answer.header("cache-control") == "no-store")
    }
  }

  @Test("health is 200 or 503 with the components")
  func health() async throws {
    try await withEndpoint { (endpoint: RunningEndpoint) async throws in
      #expect(try await endpoint.get("/healthz").text == #"{"components":[],"status":"ok"}"# + "\n")
    }
    let failed = HealthReport(components: [
      .init(name: "store", healthy: false, reason: "disk full", age: .milliseconds(1500)),
      .init(name: "bus", healthy: true),
    ])
    try await withEndpoint(health: failed) { (endpoint: RunningEndpoint) async throws in
      let answer = try await endpoint.get("/healthz")
      #expect(answer.status == 503)
      #expect(
        answer.text
          == #"{"components":[{"age_seconds":1.5,"healthy":false,"name":"store","reason":"disk full"},"#
          + #"{"healthy":true,"name":"bus"}],"status":"failed"}"# + "\n")
      #expect(try await endpoint.get("/readyz").status == 200)
    }
  }

  @Test("a read is a GET with a query, and HEAD leaves the body out")
  func reads() async throws {
    try await withEndpoint(operations: [Self.why]) { (endpoint: RunningEndpoint) async throws in
      let answer = try await endpoint.get("/api/v1/why?since=7")
      #expect(answer.text == #"{"since":7,"trading":true}"# + "\n")
      #expect(answer.header("content-type") == "application/json")
      let head = try await endpoint.send("HEAD", "/api/v1/why?since=7")
      #expect(head.status == 200)
      #expect(head.header("content-length") == "\(answer.body.count)")
      let wrong = try await endpoint.get("/api/v1/why?since=x")
      #expect(wrong.status == 400)
      #expect(
        wrong.text == #"{"error":{"code":"invalid_input","message":"since must be a whole number"}}"# + "\n")
      #expect(try await endpoint.get("/api/v1/why?since=404").status == 404)
      #expect(try await endpoint.get("/api/v1/why?since=%zz").status == 400)
      #expect(try await endpoint.get("/api/v1/why?sinse=1").text.contains("did you mean since?"))
    }
  }

  @Test("a change is a POST with the bearer token, and nothing else")
  func changes() async throws {
    try await withEndpoint(configuration: Self.token, operations: [Self.stop]) {
      (endpoint: RunningEndpoint) async throws in
      func post(_ authorization: String?) async throws -> HTTPResponse {
        try await endpoint.send(
          "POST", "/api/v1/stop", headers: authorization.map { [("Authorization", $0)] } ?? [],
          body: #"{"since":3}"#)
      }
      #expect(try await post("Bearer letmein").text == #"{"since":3,"trading":false}"# + "\n")
      #expect(try await post("bearer letmein").status == 200)
      for wrong in [nil, "Bearer letmeinn", "Bearer letmei", "Bearer", "Bearer ", "Basic letmein", "letmein"]
      {
        let answer = try await post(wrong)
        #expect(answer.status == 401)
        #expect(answer.header("www-authenticate") == "Bearer")
        #expect(!answer.text.contains("letmein"))
      }
      let get = try await endpoint.get("/api/v1/stop")
      #expect(get.status == 405)
      #expect(get.header("allow") == "POST")
    }
  }

  @Test("without a token nothing can be changed")
  func noToken() async throws {
    try await withEndpoint(operations: [Self.stop]) { (endpoint: RunningEndpoint) async throws in
      let answer = try await endpoint.send("POST", "/api/v1/stop", headers: [("Authorization", "Bearer ")])
      #expect(answer.status == 403)
      #expect(answer.text.contains("no token is configured"))
    }
  }

  @Test("the catalogue lists itself")
  func listing() async throws {
    try await withEndpoint(operations: [Self.why, Self.stop]) { (endpoint: RunningEndpoint) async throws in
      let text = try await endpoint.get("/api/v1/operations").text
      #expect(text.contains(#""name":"why""#))
      #expect(text.contains(#""effect":"change""#))
      #expect(text.contains(#"{"name":"since","required":false,"type":"integer"}"#))
    }
  }

  @Test("unknown paths are 404 and wrong methods 405, as JSON")
  func unknown() async throws {
    try await withEndpoint { (endpoint: RunningEndpoint) async throws in
      for path in ["/", "/api/v1/nothing", "/metrics", "/healthz/", "/../etc/passwd", "/%68ealthz"] {
        let answer = try await endpoint.get(path)
        #expect(answer.status == 404)
        #expect(answer.text.hasPrefix(#"{"error":{"code":"not_found""#))
      }
      for method in ["POST", "DELETE", "OPTIONS", "PROPFIND"] {
        let answer = try await endpoint.send(method, "/healthz")
        #expect(answer.status == 405)
        #expect(answer.header("allow") == "GET, HEAD")
      }
    }
  }

  @Test("routes may be added, with a wildcard, a token and a stream")
  func routes() async throws {
    let routes = [
      EndpointRoute("GET", "/ui/*") {
        EndpointResponse(contentType: "text/plain", bytes: Array($0.path.utf8))
      },
      EndpointRoute("GET", "/stream") { _ in
        EndpointResponse(
          headers: [("Content-Type", "text/event-stream")],
          body: .stream { send in
            for number in 1...3 { try await send(Array("data: \(number)\n\n".utf8)) }
          })
      },
      EndpointRoute("DELETE", "/mcp", access: .token) { _ in EndpointResponse(status: 204) },
      EndpointRoute("GET", "/broken") { _ in throw ConnectionFailure() },
    ]
    try await withEndpoint(configuration: Self.token, routes: routes) {
      (endpoint: RunningEndpoint) async throws in
      #expect(try await endpoint.get("/ui/a/b").text == "/ui/a/b")
      #expect(try await endpoint.get("/stream").text == "data: 1\n\ndata: 2\n\ndata: 3\n\n")
      #expect(try await endpoint.send("DELETE", "/mcp").status == 401)
      #expect(
        try await endpoint.send("DELETE", "/mcp", headers: [("Authorization", "Bearer letmein")]).status
          == 204)
      let broken = try await endpoint.get("/broken")
      #expect(broken.status == 500)
      #expect(!broken.text.contains("ConnectionFailure"))
    }
  }

  @Test("every request is observed with its route, not its path")
  func observation() async throws {
    let seen = Mutex<[String]>([])
    try await withEndpoint(
      operations: [Self.why],
      observer: { request in
        seen.withLock {
          $0.append("\(request.method) \(request.template) \(request.status) \(request.seconds >= 0)")
        }
      }
    ) { (endpoint: RunningEndpoint) async throws in
      _ = try await endpoint.get("/api/v1/why?since=1")
      _ = try await endpoint.get("/secret/path")
      _ = try await endpoint.send("PROPFIND", "/healthz")
    }
    #expect(
      seen.withLock { $0 } == [
        "GET /api/v1/why 200 true", "GET unmatched 404 true", "OTHER /healthz 405 true",
      ])
  }

  @Test("a port in use is one clear line, also for who waits for the address")
  func portInUse() async throws {
    try await withEndpoint { (running: RunningEndpoint) async throws in
      let address = ListenAddress(port: running.port)
      let second = ServiceEndpoint(
        configuration: EndpointConfiguration(listen: address),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      let waiting = Task { try await second.address }
      await #expect(throws: EndpointError.addressInUse(address)) { try await second.run() }
      await #expect(throws: EndpointError.addressInUse(address)) { try await waiting.value }
      #expect(
        EndpointError.addressInUse(address).description
          == "127.0.0.1:\(running.port) is in use; choose another with --listen")
      await #expect(throws: EndpointError.alreadyRun) { try await second.run() }
    }
  }

  @Test("whether an address is free can be asked before anything is begun, and asking takes nothing")
  func requireFree() async throws {
    var released = ListenAddress(port: 0)
    try await withEndpoint { (running: RunningEndpoint) async throws in
      let address = ListenAddress(port: running.port)
      released = address
      await #expect(throws: EndpointError.addressInUse(address)) { try await address.requireFree() }
    }
    try await released.requireFree()
    try await released.requireFree()
    try await ListenAddress(port: 0).requireFree()
    await #expect(throws: EndpointError.self) {
      try await ListenAddress(host: "nowhere.invalid", port: 1).requireFree()
    }
    await #expect(throws: EndpointError.self) {
      try await ListenAddress(host: "192.0.2.1", port: 65_000).requireFree()
    }
  }

  @Test("an address that is not this machine's cannot be listened on")
  func foreignAddress() async throws {
    for host in ["192.0.2.1", "nothing.invalid"] {
      let endpoint = ServiceEndpoint(
        configuration: EndpointConfiguration(listen: ListenAddress(host: host, port: 0)),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      await #expect {
        try await endpoint.run()
      } throws: { error in
        guard case .cannotListen = error as? EndpointError else { return false }
        return true
      }
    }
  }

  @Test(
    "addresses parse",
    arguments: [
      ("127.0.0.1:8000", "127.0.0.1:8000"), ("[::1]:80", "[::1]:80"), (":9", "127.0.0.1:9"),
      ("9", "127.0.0.1:9"),
      ("localhost:0", "localhost:0"),
    ])
  func addresses(text: String, description: String) {
    #expect(ListenAddress(text)?.description == description)
  }

  @Test(
    "what is no address is nil",
    arguments: ["", "a", "a:", "a:65536", "::1:80", "[::1]", "a:-1", "a b:1", "a:+1"])
  func notAddresses(text: String) {
    #expect(ListenAddress(text) == nil)
  }
}
