import HTTPTransport
import Logging
import ServiceRuntime
import Synchronization
import Testing

/// What is asked of a service and comes too late. That the peer has gone is tested on a real process, which can be stopped.
@Suite("Requests that come too late", .timeLimit(.minutes(10)))
struct LatenessTests {
  /// Two changes that count how often they are made: `resume`, and `stop`, which is right however late.
  private func withChanges(
    _ body: (RunningEndpoint, _ made: @escaping @Sendable (String) -> Int) async throws -> Void
  ) async throws {
    let made = Made()
    func change(_ name: String, isDoneLate: Bool) -> AnyOperation {
      AnyOperation(
        Operation<NoInput, NoInput>(
          name: name, summary: "Counts.", effect: .change, isDoneLate: isDoneLate
        ) { _, _ in
          made.add(name)
          return NoInput()
        })
    }
    try await withEndpoint(
      configuration: ServiceEndpointTests.token,
      operations: [change("resume", isDoneLate: false), change("stop", isDoneLate: true)]
    ) { (endpoint: RunningEndpoint) async throws in try await body(endpoint) { made.count($0) } }
  }

  private final class Made: Sendable {
    private let counts = Mutex<[String: Int]>([:])
    func add(_ name: String) { counts.withLock { $0[name, default: 0] += 1 } }
    func count(_ name: String) -> Int { counts.withLock { $0[name] ?? 0 } }
  }

  @Test("a change that nobody waits for any more, by the service's own clock, is not made; a stop is")
  func deadline() async throws {
    try await withChanges { endpoint, made in
      func ask(_ operation: String, _ deadline: String?) async throws -> Int {
        var headers = [(name: "Authorization", value: "Bearer letmein")]
        if let deadline { headers.append((name: ServiceInstant.deadlineField, value: deadline)) }
        return try await endpoint.send("POST", "/api/v1/" + operation, headers: headers, body: "{}").status
      }
      let shown = try #require(try await endpoint.get("/readyz").header(ServiceInstant.field))
      let now = try #require(ServiceInstant(shown))
      #expect(try await ask("resume", now.advanced(by: .seconds(60)).description) == 200)
      #expect(try await ask("resume", nil) == 200)
      #expect(made("resume") == 2)
      try await Task.sleep(for: .milliseconds(20))
      // Past, of another process, and nonsense.
      #expect(try await ask("resume", shown) == 409)
      #expect(try await ask("resume", "another.\(now.milliseconds + 60_000)") == 409)
      for nonsense in ["soon", "a.b", "\(shown).1", "-1", "a.-5", "a.99999999999999999999999"] {
        #expect(try await ask("resume", nonsense) == 400, "\(nonsense)")
      }
      #expect(made("resume") == 2)
      #expect(try await ask("stop", shown) == 200 && made("stop") == 1)
    }
  }

  @Test("an instant is read as it is written, and never runs over")
  func instant() throws {
    let instant = try #require(ServiceInstant("a1.5"))
    #expect(instant.description == "a1.5")
    #expect(instant.advanced(by: .milliseconds(1_250)).description == "a1.1255")
    #expect(instant.advanced(by: .seconds(-3)).milliseconds == 5)
    #expect(instant.advanced(by: .seconds(Int64.max)).milliseconds > 1 << 40)
    let last = try #require(ServiceInstant("a.\(UInt64.max)"))
    #expect(last.advanced(by: .seconds(1)).milliseconds == .max)
  }
}
