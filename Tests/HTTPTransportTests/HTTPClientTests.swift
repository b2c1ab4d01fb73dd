import HTTPTransport
import Testing

@Suite("HTTP client", .timeLimit(.minutes(10)))
struct HTTPClientTests {
  private func ok(_ body: String, headers: String = "") -> String {
    "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
  }

  @Test("a response has its status, lower-case header names and body")
  func response() async throws {
    let server = try LoopbackServer(answer: ok("hello", headers: "X-Kind: a \r\nX-Kind: b\r\n"))
    defer { server.stop() }
    let response = try await HTTPClient().send(HTTPRequest(url: "http://127.0.0.1:\(server.port)/x?y=1"))
    #expect(response.status == 200)
    #expect(response.header("X-KIND") == "a")
    #expect(response.headers.filter { $0.name == "x-kind" }.map(\.value) == ["a", "b"])
    #expect(response.body == Array("hello".utf8))
    #expect(server.requests.first?.hasPrefix("GET /x?y=1 HTTP/1.1\r\n") == true)
  }

  @Test("an error status is a response, and a redirect is not followed")
  func statuses() async throws {
    let server = try LoopbackServer(
      answer: "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
    defer { server.stop() }
    let response = try await HTTPClient().send(HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
    #expect(response.status == 302)
  }

  @Test("a body goes out as it is, with the caller's headers and none that libcurl invents")
  func requestBody() async throws {
    let server = try LoopbackServer(answer: ok(""))
    defer { server.stop() }
    let body = [UInt8](repeating: UInt8(ascii: "x"), count: 100_000)
    let request = HTTPRequest(
      method: "POST", url: "http://127.0.0.1:\(server.port)/", headers: [("X-A", "1"), ("X-Empty", "")],
      body: body)
    _ = try await HTTPClient().send(request)
    let sent = try #require(server.requests.first)
    #expect(sent.hasPrefix("POST / HTTP/1.1\r\n"))
    #expect(sent.hasSuffix("\r\n\r\n" + String(repeating: "x", count: 100_000)))
    #expect(sent.contains("\r\nX-A: 1\r\n"))
    #expect(sent.contains("\r\nX-Empty:\r\n"))
    #expect(!sent.contains("Expect"))
    #expect(!sent.lowercased().contains("content-type"))
  }

  @Test("a POST or DELETE without a body says so")
  func emptyBodies() async throws {
    for method in ["POST", "PUT", "DELETE"] {
      let server = try LoopbackServer(answer: ok(""))
      defer { server.stop() }
      _ = try await HTTPClient().send(HTTPRequest(method: method, url: "http://127.0.0.1:\(server.port)/"))
      let sent = try #require(server.requests.first)
      #expect(sent.hasPrefix("\(method) / HTTP/1.1\r\n"))
      #expect(sent.contains("\r\nContent-Length: 0\r\n"))
    }
  }

  @Test("HEAD has no body to wait for")
  func head() async throws {
    let server = try LoopbackServer(answer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
    defer { server.stop() }
    let response = try await HTTPClient().send(
      HTTPRequest(method: "HEAD", url: "http://127.0.0.1:\(server.port)/"))
    #expect(response.status == 200)
    #expect(response.body.isEmpty)
  }

  @Test("nobody listening is cannotConnect")
  func refused() async throws {
    let server = try LoopbackServer(answer: nil)
    server.stop()
    let error = await failure(HTTPRequest(url: "http://127.0.0.1:1/"))
    guard case .cannotConnect = error else { return #expect(Bool(false), "\(String(describing: error))") }
  }

  @Test("a name that does not exist is cannotResolve")
  func unresolved() async throws {
    let error = await failure(HTTPRequest(url: "http://nothing.invalid/"))
    guard case .cannotResolve = error else { return #expect(Bool(false), "\(String(describing: error))") }
  }

  @Test("a silent server times out")
  func timeout() async throws {
    let server = try LoopbackServer(answer: nil)
    defer { server.stop() }
    let request = HTTPRequest(
      url: "http://127.0.0.1:\(server.port)/", timeouts: HTTPTimeouts(total: .milliseconds(50)))
    guard case .timedOut = await failure(request) else { return #expect(Bool(false)) }
  }

  @Test("a server that speaks no TLS is a TLS error")
  func tls() async throws {
    let server = try LoopbackServer(answer: ok("plain"))
    defer { server.stop() }
    let request = HTTPRequest(
      url: "https://127.0.0.1:\(server.port)/", timeouts: HTTPTimeouts(total: .milliseconds(500)))
    let error = await failure(request)
    switch error {
    case .tls, .timedOut: break
    default: #expect(Bool(false), "\(String(describing: error))")
    }
  }

  @Test("a response beyond the limit is cut off, with or without a declared length")
  func tooLarge() async throws {
    let body = String(repeating: "x", count: 2_000)
    for answer in [ok(body), "HTTP/1.1 200 OK\r\n\r\n" + body, ok("", headers: "X: \(body)\r\n")] {
      let server = try LoopbackServer(answer: answer)
      defer { server.stop() }
      let request = HTTPRequest(url: "http://127.0.0.1:\(server.port)/", maximumResponseBytes: 1_000)
      #expect(await failure(request) == .responseTooLarge(limit: 1_000))
    }
  }

  @Test(
    "an answer that breaks off or is not HTTP is broken",
    arguments: [
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "", "SSH-2.0-OpenSSH\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ])
  func broken(answer: String) async throws {
    let server = try LoopbackServer(answer: answer)
    defer { server.stop() }
    let error = await failure(HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
    switch error {
    case .broken, .invalidRequest: break
    default: #expect(Bool(false), "\(String(describing: error))")
    }
  }

  @Test("cancelling the task ends the transfer at once")
  func cancellation() async throws {
    let server = try LoopbackServer(answer: nil)
    defer { server.stop() }
    let client = HTTPClient()
    let port = server.port
    let task = Task { () -> HTTPTransportError? in
      do throws(HTTPTransportError) {
        _ = try await client.send(HTTPRequest(url: "http://127.0.0.1:\(port)/"))
        return nil
      } catch { return error }
    }
    while server.requests.isEmpty { await Task.yield() }
    task.cancel()
    #expect(await task.value == .cancelled)
  }

  @Test("a task that is cancelled already sends nothing")
  func cancelledBefore() async throws {
    let server = try LoopbackServer(answer: ok(""))
    defer { server.stop() }
    let port = server.port
    let task = Task { () -> HTTPTransportError? in
      withUnsafeCurrentTask { $0?.cancel() }
      do throws(HTTPTransportError) {
        _ = try await HTTPClient().send(HTTPRequest(url: "http://127.0.0.1:\(port)/"))
        return nil
      } catch { return error }
    }
    #expect(await task.value == .cancelled)
    #expect(server.requests.isEmpty)
  }

  @Test("shutting down ends what is in flight, and later requests")
  func shutDown() async throws {
    let server = try LoopbackServer(answer: nil)
    defer { server.stop() }
    let client = HTTPClient()
    async let pending = failure(HTTPRequest(url: "http://127.0.0.1:\(server.port)/"), client)
    while server.requests.isEmpty { await Task.yield() }
    client.shutdown()
    #expect(await pending == .shutDown)
    for _ in 0..<100 { #expect(await failure(HTTPRequest(url: "http://127.0.0.1:1/"), client) == .shutDown) }
  }

  @Test("many requests at once all get their own answer")
  func concurrency() async throws {
    let server = try LoopbackServer(answer: ok("x"))
    defer { server.stop() }
    let client = HTTPClient()
    let url = "http://127.0.0.1:\(server.port)/"
    let answers = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<200 { group.addTask { try await client.send(HTTPRequest(url: url)).status } }
      return try await group.reduce(into: [Int]()) { $0.append($1) }
    }
    #expect(answers == [Int](repeating: 200, count: 200))
  }

  @Test(
    "what would smuggle a second header or request is refused before anything is sent",
    arguments: [
      HTTPRequest(method: "GE T", url: "http://127.0.0.1:1/"),
      HTTPRequest(url: "http://127.0.0.1:1/ HTTP/1.1\r\nX: y"), HTTPRequest(url: ""),
      HTTPRequest(url: "http://127.0.0.1:1/", headers: [("X", "a\r\nY: b")]),
      HTTPRequest(url: "http://127.0.0.1:1/", headers: [("X: Y", "a")]),
      HTTPRequest(url: "http://127.0.0.1:1/", unixSocketPath: ""),
      HTTPRequest(url: "file:///etc/passwd"), HTTPRequest(url: "not a url"),
    ])
  func smuggling(request: HTTPRequest) async throws {
    let error = await failure(request)
    guard case .invalidRequest = error else { return #expect(Bool(false), "\(String(describing: error))") }
  }

  private func failure(_ request: HTTPRequest, _ client: HTTPClient = HTTPClient()) async
    -> HTTPTransportError?
  {
    do throws(HTTPTransportError) {
      _ = try await client.send(request)
      return nil
    } catch { return error }
  }
}
