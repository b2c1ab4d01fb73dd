import Glibc
import PostgresTesting
import Synchronization
import Testing

@testable import PostgresClient

@Suite(
  "A session with a PostgreSQL server",
  .enabled(if: PostgresServer.isExpected, Comment(rawValue: PostgresServer.comment)))
struct PostgresSessionTests {
  private func session(_ options: String = "") async throws -> (PostgresServer, PostgresSession) {
    let server = try await PostgresServer.shared()
    return (server, PostgresSession(try PostgresSettings(server.url() + options)))
  }

  private func rows(_ session: PostgresSession, _ sql: String, _ parameters: [PostgresParameter] = [])
    async throws
    -> [[String?]]
  {
    try await session.run { try $0.run([PostgresStatement(sql, parameters)]).first?.rows ?? [] }
  }

  private func kind(_ body: () async throws -> Void) async -> PostgresError.Kind? {
    do { try await body() } catch { return (error as? PostgresError)?.kind }
    return nil
  }

  @Test("values go there and back as they are")
  func values() async throws {
    let (_, session) = try await session()
    defer { session.close() }
    let text = "é'\"\\ \n 🙂 $1"
    let found = try await rows(
      session,
      "SELECT $1::bigint, $2::text, $3::bytea, $4::float8, $5::text, $6::bigint[], $7::text[], $8::bytea[]",
      [
        .integer(.min), .text(text), .bytes([0, 255]), .real(0.1), .null, .integers([.max, nil]),
        .texts(["a,b", nil]),
        .blobs([[1]]),
      ])
    #expect(
      found == [
        [
          "-9223372036854775808", text, "\\x00ff", "0.1", nil, "{9223372036854775807,NULL}", "{\"a,b\",NULL}",
          "{\"\\\\x01\"}",
        ]
      ])
  }

  @Test("many rows are handed over one by one, and what the reader throws ends the query")
  func streaming() async throws {
    struct Enough: Error {}
    let (_, session) = try await session()
    defer { session.close() }
    let sum = try await session.run { connection in
      var sum = 0
      try connection.query(PostgresStatement("SELECT generate_series(1, 100000)")) { row in
        sum += Int(row.text(0) ?? "") ?? 0
      }
      return sum
    }
    #expect(sum == 5_000_050_000)
    await #expect(throws: Enough.self) {
      try await session.run { connection in
        try connection.query(PostgresStatement("SELECT generate_series(1, 1000)")) { _ in throw Enough() }
      }
    }
    #expect(try await rows(session, "SELECT 1") == [["1"]])
  }

  @Test(
    "of statements sent at once the first that is refused ends those behind it; what it was in is rolled back"
  )
  func pipeline() async throws {
    let (_, session) = try await session()
    defer { session.close() }
    _ = try await rows(session, "CREATE TEMP TABLE t (id bigint PRIMARY KEY)")
    let statements = ["BEGIN", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)", "COMMIT"]
    let failed = await kind {
      _ = try await session.run { connection in
        try connection.run(statements.map { PostgresStatement($0, isPrepared: true) })
      }
    }
    #expect(failed == .refused)
    #expect(try await rows(session, "SELECT count(*) FROM t") == [["0"]])
    let results = try await session.run { connection in
      try connection.run(
        ["BEGIN", "INSERT INTO t VALUES (1)", "COMMIT"].map { PostgresStatement($0, isPrepared: true) })
    }
    #expect(results.map(\.changed) == [0, 1, 0])
  }

  @Test("a batch that is larger than any buffer gets there and back")
  func large() async throws {
    let (_, session) = try await session()
    defer { session.close() }
    let text = String(repeating: "x", count: 8 << 20)
    let results = try await session.run { connection in
      try connection.run((0..<4).map { _ in PostgresStatement("SELECT $1::text", [.text(text)]) })
    }
    #expect(results.count == 4 && results.allSatisfy { $0.rows.first?.first??.utf8.count == 8 << 20 })
  }

  @Test("a statement that takes too long, and a lock that is held, are said as such; the session goes on")
  func timeouts() async throws {
    let (_, session) = try await session("?options=-cstatement_timeout%3D300%20-clock_timeout%3D100")
    defer { session.close() }
    #expect(await kind { _ = try await rows(session, "SELECT pg_sleep(30)") } == .timedOut)
    let (_, other) = try await self.session()
    defer { other.close() }
    _ = try await rows(other, "SELECT pg_advisory_lock(4711)")
    #expect(await kind { _ = try await rows(session, "SELECT pg_advisory_lock(4711)") } == .locked)
    #expect(try await rows(session, "SELECT 1") == [["1"]])
  }

  @Test("a session that the server ends is lost, and the next statement has a new one")
  func terminated() async throws {
    let (server, session) = try await session()
    defer { session.close() }
    let pid = try #require(try await rows(session, "SELECT pg_backend_pid()")[0][0])
    try await server.execute("SELECT pg_terminate_backend(\(pid), 5000)")
    #expect(await kind { _ = try await rows(session, "SELECT 1") } == .connectionLost)
    #expect(try await rows(session, "SELECT 1") == [["1"]])
  }

  @Test("cancelling the task ends the statement at the server too")
  func cancelled() async throws {
    let (server, session) = try await session("?application_name=cancelled")
    defer { session.close() }
    let running =
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cancelled' AND state = 'active'"
    let task = Task { try await rows(session, "SELECT pg_sleep(60)") }
    try await server.wait("it runs") { (try? await server.execute(running)) == [["1"]] }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    try await server.wait("it is ended") { (try? await server.execute(running)) == [["0"]] }
    #expect(try await rows(session, "SELECT 1") == [["1"]])
  }

  @Test("who is cancelled does not wait for a server that takes no connections any more")
  func cancelledInSilence() async throws {
    let server = try await PostgresServer()
    let session = PostgresSession(try PostgresSettings(server.url() + "?application_name=cancelled"))
    defer { session.close() }
    let task = Task { try await rows(session, "SELECT pg_sleep(60)") }
    try await server.wait("it runs") {
      let running =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cancelled' AND state = 'active'"
      return (try? await server.execute(running)) == [["1"]]
    }
    // The system still takes connections for it, and nobody answers them.
    let postmaster = try #require(server.pid)
    #expect(kill(postmaster, SIGSTOP) == 0)
    let awake = Task {
      try? await Task.sleep(for: .seconds(300))
      kill(postmaster, SIGCONT)
    }
    let clock = ContinuousClock()
    let start = clock.now
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(clock.now - start < .seconds(120))
    awake.cancel()
    await awake.value
    await server.remove()
  }

  @Test("nobody there, nobody of that name, a database that is none: typed, with the place")
  func refused() async throws {
    let server = try await PostgresServer.shared()
    let nobody = PostgresSession(try PostgresSettings("postgresql://cdb@127.0.0.1:1/x"))
    for _ in 0..<2 { #expect(await kind { _ = try await rows(nobody, "SELECT 1") } == .cannotConnect) }
    let noDatabase = PostgresSession(try PostgresSettings(server.url("nowhere")))
    #expect(await kind { _ = try await rows(noDatabase, "SELECT 1") } == .notAdmitted)
    let noUser = PostgresSession(try PostgresSettings(server.url(user: "nobody")))
    #expect(await kind { _ = try await rows(noUser, "SELECT 1") } == .notAdmitted)
    let noTLS = PostgresSession(try PostgresSettings(server.url() + "?sslmode=require"))
    #expect(await kind { _ = try await rows(noTLS, "SELECT 1") } == .cannotConnect)
  }

  @Test("a session that only reads writes nothing")
  func readOnly() async throws {
    let server = try await PostgresServer.shared()
    var settings = try PostgresSettings(server.url())
    settings.isReadOnly = true
    let session = PostgresSession(settings)
    defer { session.close() }
    #expect(await kind { _ = try await rows(session, "CREATE TABLE written (id bigint)") } == .readOnly)
  }

  @Test("what is asked at once is done one after another, and a closed session refuses")
  func serial() async throws {
    let (_, session) = try await session()
    let total = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 1...50 {
        group.addTask {
          Int(try await rows(session, "SELECT $1::bigint", [.integer(Int64(number))])[0][0] ?? "") ?? 0
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(total == 1_275)
    session.close()
    #expect(await kind { _ = try await rows(session, "SELECT 1") } == .cannotConnect)
  }
}
