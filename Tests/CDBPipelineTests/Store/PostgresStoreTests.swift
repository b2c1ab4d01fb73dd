import CDBDomain
import Foundation
import PostgresClient
import PostgresTesting
import Synchronization
import Testing

@testable import CDBPipeline

@Suite(
  "The store on a server that misbehaves", .serialized,
  .enabled(if: PostgresServer.isExpected, Comment(rawValue: PostgresServer.comment)))
struct PostgresStoreTests {
  private func alerts(_ numbers: ClosedRange<UInt64>) -> [Envelope] {
    numbers.map { number in
      Envelope(
        time: at(1), origin: number,
        event: .alert(
          Alert(
            id: EventID(producer: .risk, partition: 0, sequence: number), level: .warning, reason: .none,
            message: "m", context: [:])))
    }
  }

  private func commit(_ store: any PipelineStore, _ numbers: ClosedRange<UInt64>, journal: UInt64 = 0)
    async throws
    -> Int
  {
    try await store.commit(
      alerts(numbers),
      position: SinkPosition(sequence: numbers.upperBound, origin: numbers.upperBound, journal: journal),
      configuration: try Fixture.configuration()
    ).newEvents
  }

  private func error(_ body: () async throws -> some Sendable) async -> (any Error)? {
    do { _ = try await body() } catch { return error }
    return nil
  }

  private func kind(_ body: () async throws -> some Sendable) async -> PostgresError.Kind? {
    (await error(body) as? PostgresError)?.kind
  }

  /// A store in a database of its own on the shared server.
  private func withStore(
    _ options: String = "", _ body: (PostgresServer, String, PostgresStore) async throws -> Void
  ) async throws {
    let server = try await PostgresServer.shared()
    let database = try await server.database()
    let store = try await PostgresStore(try PostgresSettings(server.url(database) + options))
    defer { store.close() }
    try await body(server, database, store)
  }

  @Test("a backend that is ended between two commits costs one attempt, and nothing")
  func terminated() async throws {
    try await withStore { server, database, store in
      #expect(try await commit(store, 1...5) == 5)
      let before = try await store.totals()
      try await server.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '\(database)'")
      // Who reads does not notice.
      #expect(try await store.totals() == before)
      #expect(await kind { try await commit(store, 6...9) } == .connectionLost)
      #expect(try await commit(store, 6...9) == 4)
      #expect(try await store.position().sequence == 9)
      #expect(try await store.totals().rows["alerts"] == 9)
    }
  }

  /// Holds a table's lock while `body` runs.
  private func holding(
    _ table: String, _ server: PostgresServer, _ database: String, _ body: () async throws -> Void
  ) async throws {
    let session = PostgresSession(try PostgresSettings(server.url(database)))
    defer { session.close() }
    let release = DispatchSemaphore(value: 0)
    async let holder: Void = session.run { connection in
      try connection.run(["BEGIN", "LOCK TABLE \(table)"].map { PostgresStatement($0) })
      release.wait()
      try connection.run([PostgresStatement("COMMIT")])
    }
    defer { release.signal() }
    try await server.wait("the lock is held") {
      let held = try? await server.execute(
        "SELECT count(*) FROM pg_locks WHERE relation = '\(table)'::regclass AND mode = 'AccessExclusiveLock' AND granted",
        in: database)
      return held == [["1"]]
    }
    try await body()
    release.signal()
    try await holder
  }

  @Test(
    "a lock that another session holds, and a statement that takes too long, are said as such, and pass",
    arguments: [
      ("?options=-clock_timeout%3D200", PostgresError.Kind.locked),
      ("?options=-clock_timeout%3D0%20-cstatement_timeout%3D3000", .timedOut),
    ])
  func held(options: String, expected: PostgresError.Kind) async throws {
    try await withStore(options) { server, database, store in
      _ = try await commit(store, 1...5)
      try await holding("alerts", server, database) {
        let failure = try #require(await error { try await commit(store, 6...9) } as? PostgresError)
        #expect(failure.kind == expected && "\(failure)".contains("127.0.0.1:\(server.port)/\(database)"))
        #expect(try await store.position().sequence == 5)
      }
      #expect(try await commit(store, 6...9) == 4)
    }
  }

  @Test(
    "a server that is gone refuses, typed and quickly; when it is back nothing is lost and nothing doubled")
  func goneAndBack() async throws {
    let server = try await PostgresServer()
    do {
      let store = try await PostgresStore(try PostgresSettings(server.url()))
      #expect(try await commit(store, 1...5) == 5)
      try await server.stop()
      for _ in 0..<3 {
        let kind = await kind { try await commit(store, 6...9) }
        #expect(kind == .connectionLost || kind == .cannotConnect)
      }
      #expect(await kind { try await store.totals() } != nil)
      try await server.start()
      try await server.wait("rows are taken") { await error { try await commit(store, 6...9) } == nil }
      #expect(try await store.totals().rows["alerts"] == 9)
      store.close()
    } catch {
      await server.remove()
      throw error
    }
    await server.remove()
  }

  @Test("a server that is killed again and again while it commits loses nothing and doubles nothing")
  func killed() async throws {
    let server = try await PostgresServer()
    do {
      let store = try await PostgresStore(try PostgresSettings(server.url()))
      let batches = (0..<600).map { (number: UInt64) -> ClosedRange<UInt64> in
        number * 20 + 1...number * 20 + 20
      }
      let failures = Mutex(0)
      // What SinkLoop does: a commit is tried again until it succeeds.
      async let committing: Void = {
        for batch in batches {
          try await server.wait("rows are taken") {
            guard await error({ try await commit(store, batch) }) != nil else { return true }
            failures.withLock { $0 += 1 }
            return false
          }
        }
      }()
      for (round, signal) in [SIGKILL, SIGQUIT, SIGKILL, SIGQUIT].enumerated() {
        let target = UInt64(1_500 * (round + 1))
        try await server.wait("commits go on") { (try? await store.position().sequence) ?? 0 >= target }
        try await server.stop(signal)
        try await server.start()
      }
      try await committing
      #expect(failures.withLock { $0 } > 0)
      #expect(try await store.position().sequence == 12_000)
      try await withStores(.sqlite) { stores in
        let twin = try await stores.store()
        for batch in batches { _ = try await commit(twin, batch) }
        let comparison = try await StoreComparison(store, twin)
        #expect(comparison.isSame)
      }
      store.close()
    } catch {
      await server.remove()
      throw error
    }
    await server.remove()
  }

  @Test("a commit whose answer is lost is done once: tried again it changes nothing")
  func answerLost() async throws {
    let server = try await PostgresServer()
    do {
      let store = try await PostgresStore(try PostgresSettings(server.url()))
      _ = try await commit(store, 1...5)
      // A commit that waits for a standby that is not there is done, and not answered.
      try await server.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
      try await server.execute("SELECT pg_reload_conf()")
      // The server takes the setting over in its own time; those that are answered until then are done.
      let answered = Mutex<UInt64>(5)
      async let lost: PostgresError.Kind? = {
        while true {
          let first = answered.withLock { $0 } + 1
          if let failure = await kind({ try await commit(store, first...first + 3) }) { return failure }
          answered.withLock { $0 = first + 3 }
        }
      }()
      let waiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
      try await server.wait("it is not answered") {
        (try? await server.execute("SELECT count(*) \(waiting)")) == [["1"]]
      }
      try await server.execute("SELECT pg_terminate_backend(pid, 5000) \(waiting)")
      #expect(await lost == .connectionLost)
      let unanswered = answered.withLock { $0 } + 1...answered.withLock { $0 } + 4
      #expect(try await store.position().sequence == unanswered.upperBound)
      try await server.execute("ALTER SYSTEM RESET synchronous_standby_names")
      try await server.execute("SELECT pg_reload_conf()")
      try await server.wait("rows are taken") { await error { try await commit(store, unanswered) } == nil }
      #expect(try await commit(store, unanswered) == 0)
      #expect(try await store.totals().rows["alerts"] == Int(unanswered.upperBound))
      store.close()
    } catch {
      await server.remove()
      throw error
    }
    await server.remove()
  }

  @Test("a database that writes nothing any more is said as such")
  func readOnlyServer() async throws {
    try await withStore { server, database, store in
      _ = try await commit(store, 1...5)
      try await server.execute("ALTER DATABASE \(database) SET default_transaction_read_only = on")
      try await server.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '\(database)'")
      _ = await kind { try await commit(store, 6...9) }
      #expect(await kind { try await commit(store, 6...9) } == .readOnly)
      #expect(try await store.position().sequence == 5)
    }
  }

  @Test(
    "a disk that is full is said as such; nothing of the batch is there, and all of it once there is room",
    .enabled(if: geteuid() == 0, "makes a small file system for the server, which needs root"))
  func fullDisk() async throws {
    let server = try await PostgresServer(smallDisk: 32)
    do {
      try await server.execute("CREATE TABLESPACE small LOCATION '\(server.directory)/small'")
      try await server.execute("CREATE DATABASE narrow TABLESPACE small")
      try await server.execute(
        "CREATE TABLE filler AS SELECT repeat(md5(i::text), 60) FROM generate_series(1, 5000) i", in: "narrow"
      )
      let store = try await PostgresStore(try PostgresSettings(server.url("narrow")))
      var failure: (any Error)?
      var last: UInt64 = 0
      while failure == nil, last < 400_000 {
        let batch = last + 1...last + 5_000
        failure = await error { try await commit(store, batch) }
        if failure == nil { last += 5_000 }
      }
      #expect((failure as? PostgresError)?.kind == .exhausted, "\(String(describing: failure))")
      #expect(try await store.position().sequence == last)
      #expect(try await store.totals().rows["alerts"] == Int(last))
      try await server.execute("DROP TABLE filler", in: "narrow")
      try await server.execute("CHECKPOINT", in: "narrow")
      #expect(try await commit(store, last + 1...last + 5_000) == 5_000)
      store.close()
    } catch {
      await server.remove()
      throw error
    }
    await server.remove()
  }

  @Test("two processes do not write into one store, and the second may when the first has ended")
  func oneWriter() async throws {
    try await withStore { server, database, store in
      let settings = try PostgresSettings(server.url(database) + "?options=-clock_timeout%3D200")
      #expect(
        await error { try await PostgresStore(settings) } as? StoreRefusal
          == .inUse(place: "127.0.0.1:\(server.port)/\(database)"))
      store.close()
      let next = try await PostgresStore(try PostgresSettings(server.url(database)))
      next.close()
    }
  }

  @Test("a store of a newer version is refused, to write and to read", arguments: StoreKind.available)
  func newer(kind: StoreKind) async throws {
    try await withStores(kind) { stores in
      try await stores.store().close()
      let table = kind == .sqlite ? "grdb_migrations" : "store_migrations"
      try await stores.change(["INSERT INTO \(table) (identifier) VALUES ('99 later')"])
      let expected = StoreRefusal.newer(place: try stores.location().description, migrations: ["99 later"])
      #expect(await error { try await stores.store() } as? StoreRefusal == expected)
      #expect(await error { try await stores.existing() } as? StoreRefusal == expected)
    }
  }

  @Test("a database with tables of somebody else is refused, and so is one without a store to read")
  func occupied() async throws {
    try await withStores(.postgres) { stores in
      try await stores.make()
      let place = try stores.location().description
      #expect(await error { try await stores.existing() } as? StoreRefusal == .missing(place: place))
      try await stores.change(["CREATE TABLE orders (id text)"])
      #expect(
        await error { try await stores.store() } as? StoreRefusal == .occupied(place: place, reason: "orders")
      )
    }
  }

  @Test("a store that another journal's rows are in is refused", arguments: StoreKind.available)
  func otherJournal(kind: StoreKind) async throws {
    try await withStores(kind) { stores in
      _ = try await stores.run(MemorySource(MemorySource.market(frames: 2_000)))
      try await withTemporaryDirectory { directory in
        let location = try stores.location()
        // As long as the other, so that nothing but its first record tells it apart.
        var configuration = try Fixture.configuration()
        configuration.momentum.cooldown = 4_000_000_000
        let other = configuration
        _ = try await run(
          MemorySource(MemorySource.market(frames: 2_000)), in: directory, configuration: other)
        let digest = try await stores.existing().digest()
        let failure = await error {
          try await run(
            MemorySource(MemorySource.market(frames: 2_500)), in: directory, configuration: other
          ) { $0.store = location }
        }
        #expect(failure as? StoreRefusal == .otherJournal(place: location.description))
        #expect(try await stores.existing().digest() == digest)
      }
    }
  }

  @Test("a database that was emptied under a running process takes no rows")
  func setBack() async throws {
    try await withStore { server, database, store in
      _ = try await commit(store, 1...5)
      try await server.execute("DROP SCHEMA public CASCADE", in: database)
      try await server.execute("CREATE SCHEMA public", in: database)
      #expect(await error { try await commit(store, 6...9) } != nil)
      try await server.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '\(database)'")
      _ = await error { try await commit(store, 6...9) }
      #expect(
        await error { try await commit(store, 6...9) } as? StoreRefusal
          == .setBack(place: "127.0.0.1:\(server.port)/\(database)"))
    }
  }

  @Test("the documented role for dashboards reads everything and writes nothing")
  func readers() async throws {
    try await withStore { server, database, store in
      _ = try await commit(store, 1...5)
      for statement in try Self.documentedGrants(database: database) {
        try await server.execute(statement, in: database)
      }
      let settings = try PostgresSettings(server.url(database, user: "cdb_reader"))
      let archive = try await StoreLocation.postgres(settings).openExisting()
      #expect(try await archive.digest() == (try await store.digest()))
      try archive.close()
      let session = PostgresSession(settings)
      defer { session.close() }
      for statement in [
        "DELETE FROM alerts", "INSERT INTO alerts VALUES (9, 9, '', '', '', '')", "DROP TABLE alerts",
      ] {
        let kind = await kind { try await session.run { try $0.run([PostgresStatement(statement)]) } }
        #expect(kind == .notPermitted || kind == .readOnly, "\(statement)")
      }
      // Set by the role itself, it does not help: the tables are not its.
      let insisted = await kind {
        try await session.run {
          try $0.run(
            ["SET default_transaction_read_only = off", "DELETE FROM alerts"].map { PostgresStatement($0) })
        }
      }
      #expect(insisted == .notPermitted || insisted == .readOnly)
      #expect(await error { try await PostgresStore(settings) } != nil)
    }
  }

  /// The statements of docs/01_architektur/pipeline.md, for a database.
  private static func documentedGrants(database: String) throws -> [String] {
    let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(
        path: "docs/01_architektur/pipeline.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let block = try #require(
      text.components(separatedBy: "```sql\n").dropFirst().first?.components(separatedBy: "```").first)
    return block.replacingOccurrences(of: "DATABASE cdb", with: "DATABASE \(database)")
      .components(separatedBy: ";").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.filter {
        !$0.isEmpty
      }
  }
}
