import Foundation
import ServiceRuntime
import Testing

/// The fixture is a real process, since signals and exit codes belong to processes.
@Suite("Drain", .serialized, .timeLimit(.minutes(10)))
struct DrainTests {
  @Test("SIGTERM and SIGINT drain and exit with 0", arguments: [SIGTERM, SIGINT])
  func clean(signal: Int32) async throws {
    try await withFixture("clean") { fixture in
      let end = try await fixture.end(signal)
      #expect(end.reason == .exit)
      #expect(end.code == 0)
      #expect(end.standardError.isEmpty)
    }
  }

  @Test("a peer that never finishes its request, or never asks, does not hold up the end")
  func slowPeer() async throws {
    try await withFixture("clean") { fixture in
      let slow = try RawConnection(port: fixture.port)
      slow.write("POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc")
      let partial = try RawConnection(port: fixture.port)
      partial.write("GET /heal")
      let idle = try RawConnection(port: fixture.port)
      let end = try await fixture.end(SIGTERM)
      #expect(end.code == 0)
      // The peers close after the process has ended, not before.
      withExtendedLifetime((slow, partial, idle)) {}
    }
  }

  @Test("a service that does not stop is ended at the deadline with 70", arguments: ["stuck", "blocked"])
  func deadline(behaviour: String) async throws {
    try await withFixture(behaviour, deadline: 1) { fixture in
      let end = try await fixture.end(SIGTERM)
      #expect(end.reason == .exit)
      #expect(end.code == 70)
      #expect(end.seconds >= 0.9)
      #expect(end.standardError.contains("did not stop within 1s"))
    }
  }

  @Test("a second signal ends at once, however stuck the services are", arguments: ["stuck", "blocked"])
  func secondSignal(behaviour: String) async throws {
    try await withFixture(behaviour) { fixture in
      let end = try await fixture.end(SIGTERM, SIGINT)
      #expect(end.reason == .exit)
      // Two signals that are pending together come in any order.
      #expect([128 + SIGINT, 128 + SIGTERM].contains(end.code))
      #expect(end.standardError.contains("second signal"))
    }
  }

  @Test(
    "a service that throws ends the others, with 70; one that returns does so with 0",
    arguments: [("fails", Int32(70)), ("returns", 0)])
  func selfEnding(behaviour: String, code: Int32) async throws {
    try await withFixture(behaviour) { fixture in
      let end = try await fixture.end()
      #expect(end.reason == .exit)
      #expect(end.code == code)
      #expect(end.standardError.isEmpty)
    }
  }
}
