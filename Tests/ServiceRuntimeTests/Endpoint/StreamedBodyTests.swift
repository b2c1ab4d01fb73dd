import Logging
import ServiceLifecycle
import ServiceRuntime
import Synchronization
import Testing

@Suite("Bodies that are made piece by piece")
struct StreamedBodyTests {
  private static let request = "GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n"

  /// A stream that sends pieces of that size until it cannot, and tells how it ended.
  private static func endless(
    _ bytes: Int, _ sent: Sent
  ) -> EndpointRoute {
    EndpointRoute("GET", "/stream") { _ in
      EndpointResponse(
        body: .stream { send in
          do {
            while true {
              try await send([UInt8](repeating: 46, count: bytes))
              sent.state.withLock { $0.pieces += 1 }
              if bytes < 100 { try await Task.sleep(for: .milliseconds(5)) }
            }
          } catch {
            sent.state.withLock { $0.end = "\(type(of: error))" }
            throw error
          }
        })
    }
  }

  private final class Sent: Sendable {
    let state = Mutex((pieces: 0, end: String?.none))
    var pieces: Int { state.withLock { $0.pieces } }
    var end: String? { state.withLock { $0.end } }
  }

  private func until(_ what: Comment, _ condition: () -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(300)
    while !condition() {
      try #require(ContinuousClock.now < deadline, what)
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test("a reader who takes nothing holds the producer up, and is disconnected")
  func slow() async throws {
    let sent = Sent()
    let configuration = EndpointConfiguration(
      listen: ListenAddress(port: 0), streamTimeout: .milliseconds(500))
    try await withEndpoint(configuration: configuration, routes: [Self.endless(1 << 20, sent)]) { endpoint in
      let reader = try RawConnection(port: endpoint.port)
      reader.write(Self.request)
      try await until("the producer hears of it") { sent.end != nil }
      // What the kernel and the server took for him, and no more.
      #expect((1...64).contains(sent.pieces), "\(sent.pieces)")
      withExtendedLifetime(reader) {}
    }
  }

  @Test("a reader who has gone ends the producer")
  func gone() async throws {
    let sent = Sent()
    try await withEndpoint(
      configuration: EndpointConfiguration(listen: ListenAddress(port: 0)), routes: [Self.endless(10, sent)]
    ) { endpoint in
      do {
        let reader = try RawConnection(port: endpoint.port)
        reader.write(Self.request)
        try await until("it has begun") { sent.pieces > 0 }
      }
      try await until("the producer hears of it") { sent.end != nil }
    }
  }

  @Test("the drain ends a stream as a complete body, at once, and one that begins then as an empty one")
  func drain() async throws {
    let sent = Sent()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let endpoint = ServiceEndpoint(
      configuration: EndpointConfiguration(listen: ListenAddress(port: 0), drainTimeout: .seconds(600)),
      routes: [Self.endless(10, sent)], logger: logger)
    let group = ServiceGroup(services: [endpoint], gracefulShutdownSignals: [], logger: logger)
    let run = Task { try await group.run() }
    let reader = try RawConnection(port: try await endpoint.address.port)
    reader.write(Self.request)
    try await until("it has begun") { sent.pieces > 2 }
    let start = ContinuousClock.now
    await group.triggerGracefulShutdown()
    let text = try await reader.readToEnd()
    try await run.value
    #expect(text.hasSuffix("0\r\n\r\n"), "\(text.suffix(40))")
    #expect(ContinuousClock.now - start < .seconds(300), "it waited for the end of its time")
    #expect(sent.end == "CancellationError")
  }
}
