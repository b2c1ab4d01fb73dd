import HTTPTransport
import ServiceRuntime
import Testing

@Suite("Hostile requests", .serialized, .timeLimit(.minutes(10)))
struct HostileRequestTests {
  private static let post = EndpointRoute("POST", "/echo") { request in
    EndpointResponse(contentType: "text/plain", bytes: request.body)
  }

  @Test(
    "a request for another host is misdirected",
    arguments: [
      "evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "[::2]",
      "localhost:x",
      "localhost:99999", "localhost/", "user@localhost", "",
    ])
  func wrongHost(host: String) async throws {
    try await withEndpoint { (endpoint: RunningEndpoint) async throws in
      let status = try await RawConnection.status(
        port: endpoint.port, "GET /healthz HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
      #expect(status == 421 || status == 400)
    }
  }

  @Test(
    "a request without a host, or with two, is malformed",
    arguments: ["", "Host: localhost\r\nHost: evil.example\r\n", "Host: localhost\r\nHOST: localhost\r\n"])
  func hostCount(fields: String) async throws {
    try await withEndpoint { (endpoint: RunningEndpoint) async throws in
      let status = try await RawConnection.status(
        port: endpoint.port, "GET /healthz HTTP/1.1\r\n\(fields)Connection: close\r\n\r\n")
      #expect(status == 400)
    }
  }

  @Test(
    "the loopback names are answered with any port and in any case",
    arguments: [
      "localhost", "LOCALHOST:1234", "127.0.0.1", "[::1]", "[::1]:80",
    ])
  func rightHost(host: String) async throws {
    try await withEndpoint { (endpoint: RunningEndpoint) async throws in
      let status = try await RawConnection.status(
        port: endpoint.port, "GET /healthz HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
      #expect(status == 200)
    }
  }

  @Test("a configured host may be bound to a port")
  func configuredHost() async throws {
    let configuration = EndpointConfiguration(
      listen: ListenAddress(port: 0), allowedHosts: ["cdb.example:8443"])
    try await withEndpoint(configuration: configuration) { (endpoint: RunningEndpoint) async throws in
      #expect(try await endpoint.get("/healthz", headers: [("Host", "cdb.example:8443")]).status == 200)
      #expect(try await endpoint.get("/healthz", headers: [("Host", "cdb.example")]).status == 421)
      #expect(try await endpoint.get("/healthz").status == 421)
    }
  }

  @Test("a page of another origin is refused, whatever it asks")
  func origins() async throws {
    try await withEndpoint { (endpoint: RunningEndpoint) async throws in
      for origin in [
        "http://evil.example", "null", "file://", "http://localhost.evil.example", "localhost", "http://",
      ] {
        let answer = try await endpoint.get("/healthz", headers: [("Origin", origin)])
        #expect(answer.status == 403)
        #expect(answer.text.hasPrefix(#"{"error":{"code":"forbidden_origin""#))
      }
      for origin in ["http://localhost:3000", "https://127.0.0.1", "HTTP://LOCALHOST"] {
        #expect(try await endpoint.get("/healthz", headers: [("Origin", origin)]).status == 200)
      }
    }
  }

  @Test("a body beyond the limit is refused, declared or chunked, and the connection closes")
  func oversizedBody() async throws {
    let configuration = EndpointConfiguration(listen: ListenAddress(port: 0), maximumBodyBytes: 1_000)
    try await withEndpoint(configuration: configuration, routes: [Self.post]) {
      (endpoint: RunningEndpoint) async throws in
      let exact = String(repeating: "x", count: 1_000)
      #expect(try await endpoint.send("POST", "/echo", body: exact).text == exact)
      #expect(try await endpoint.send("POST", "/echo", body: exact + "x").status == 413)
      let head = "POST /echo HTTP/1.1\r\nHost: localhost\r\n"
      // Nothing follows the promise of a gigabyte: the answer must not wait for it.
      #expect(
        try await RawConnection.status(port: endpoint.port, head + "Content-Length: 1000000000\r\n\r\n")
          == 413)
      let chunk = "3e8\r\n\(exact)\r\n"
      #expect(
        try await RawConnection.status(
          port: endpoint.port, head + "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk) == 413)
    }
  }

  @Test("long targets, many and large header fields are refused")
  func oversizedHeads() async throws {
    try await withEndpoint { (endpoint: RunningEndpoint) async throws in
      let long = String(repeating: "a", count: 10_000)
      #expect(try await endpoint.get("/healthz?\(long)").status == 414)
      let start = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
      let large = "X-A: " + String(repeating: "a", count: 60_000) + "\r\n"
      let many = String(repeating: "X-A: a\r\n", count: 500)
      for fields in [large, many] {
        let status = try await RawConnection.status(port: endpoint.port, start + fields + "\r\n")
        #expect(status == 400 || status == nil)
      }
    }
  }

  @Test(
    "what is not HTTP is refused, and the endpoint lives",
    arguments: [
      "\r\n\r\n\r\n", "GET\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}", "GET /healthz HTTP/9.9\r\n\r\n",
      "GET /healthz HTTP/1.1\r\n\r\n", "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "GET http://evil.example/healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
      "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    ])
  func malformed(request: String) async throws {
    let configuration = EndpointConfiguration(listen: ListenAddress(port: 0), idleTimeout: .milliseconds(200))
    try await withEndpoint(configuration: configuration, routes: [Self.post]) {
      (endpoint: RunningEndpoint) async throws in
      let status = try await RawConnection.status(port: endpoint.port, request)
      #expect(status != 200)
      #expect(try await endpoint.get("/healthz").status == 200)
    }
  }

  @Test("requests that never finish do not block others, and are closed when idle")
  func slowRequests() async throws {
    let configuration = EndpointConfiguration(listen: ListenAddress(port: 0), idleTimeout: .milliseconds(300))
    try await withEndpoint(configuration: configuration, routes: [Self.post]) {
      (endpoint: RunningEndpoint) async throws in
      let partial = [
        "GET /heal", "GET /healthz HTTP/1.1\r\nHost: local",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc",
      ]
      let connections = try (0..<12).map { index in
        let connection = try RawConnection(port: endpoint.port)
        connection.write(partial[index % partial.count])
        return connection
      }
      #expect(try await endpoint.get("/healthz").status == 200)
      for connection in connections {
        #expect(try await !connection.readToEnd().contains("200 OK"))
      }
    }
  }
}
