import Foundation
import Glibc
import PostgresTesting
import RedisServerFixture
import Testing

/// What `docs/03_stacks/backup.md` promises of a copy.
@Suite(
  "A backup of the services", .serialized, .needsRecordings,
  .enabled(if: RedisServer.isExpected, "\(RedisServer.missing)"),
  .enabled(if: PostgresServer.isExpected, Comment(rawValue: PostgresServer.comment)))
struct BackupTests {
  /// Runs one of PostgreSQL's programs.
  private static func tool(_ name: String, _ arguments: [String], in folder: String) async throws {
    let binaries = try #require(PostgresServer.installed)
    let child = try ChildProcess(binaries + "/" + name, arguments, in: folder)
    let exit = try await child.exit()
    try #require(exit == .code(0), "\(name): \(child.errors.suffix(600))")
  }

  private static func settings(_ url: String, in folder: String) throws -> [String: String] {
    [
      "feed.source": "replay:" + RecordedData.both.joined(separator: ","), "feed.loops": "2",
      "feed.speed": "40", "gate.mode": "off", "pipeline.barrier_interval": "200ms",
      "store.url_file": try ServiceStack.secret(url, in: folder),
    ]
  }

  /// Runs the services until something was filled, ends them in order, and copies what they keep: the data directory to
  /// `folder/after/data`, the store to `folder/store.dump`. Returns the store's URL.
  private static func trade(on postgres: PostgresServer, in folder: String) async throws -> String {
    let url = postgres.url(try await postgres.database())
    try await RedisServer.run { redis in
      let stack = try ServiceStack(in: folder, redis: redis, settings: try settings(url, in: folder))
      do {
        for stage in ServiceStack.stages.reversed() { try stack.start(stage) }
        _ = try await eventually("a fill is in the store", every: .milliseconds(50)) {
          let fills = try await CDB.metric("cdb_fills_total", on: stack.ports["db_writer"] ?? 0) ?? 0
          return fills > 0 ? true : nil
        }
        try await stack.drain()
      } catch {
        await stack.end()
        throw error
      }
    }
    try await tool("pg_dump", ["--format=custom", "--file=store.dump", url], in: folder)
    try FileManager.default.createDirectory(atPath: folder + "/after", withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: folder + "/data", toPath: folder + "/after/data")
    return url
  }

  /// The same, with a store that follows from records that the journal has not: one that is newer than the data directory.
  private static func refusesShortJournal(
    _ postgres: PostgresServer, _ database: String, in folder: String, _ settings: [String: String]
  ) async throws {
    try await postgres.execute("UPDATE sink_position SET origin = origin + 1000000000", in: database)
    try await RedisServer.run { redis in
      let stack = try ServiceStack(in: folder, redis: redis, settings: settings)
      do {
        for stage in ServiceStack.stages { try stack.start(stage) }
        let ws = try #require(stack.running("ws"))
        let exit = try await ws.exit()
        #expect(exit == .code(2), "\(ws.errors.suffix(600))")
        #expect(
          ws.errors.contains("the journal ends at record")
            && ws.errors.contains("but the store follows from record 1000"), "\(ws.errors.suffix(600))")
      } catch {
        await stack.end()
        throw error
      }
      await stack.end()
    }
    try await postgres.execute("UPDATE sink_position SET origin = origin - 1000000000", in: database)
  }

  @Test(
    "in a new PostgreSQL, and over an empty Redis, the store is the same, and the services go on to that of a run left alone"
  )
  func whole() async throws {
    let first = try await PostgresServer.shared()
    let second = try await PostgresServer()
    do {
      try await withTemporaryDirectory { folder in
        let url = try await Self.trade(on: first, in: folder)
        let database = try await second.database()
        let restored = second.url(database)
        try await Self.tool(
          "pg_restore", ["--exit-on-error", "--no-owner", "--dbname=\(restored)", "store.dump"], in: folder)
        try await CDB.expectSame(url, restored, in: folder)
        let after = folder + "/after"
        let settings = try Self.settings(restored, in: after)
        let verified = try await CDB.run(
          ["gate", "verify", "--data-dir", after + "/data", "--set", "store.url_file=\(after)/url"],
          in: folder)
        #expect(
          verified.exit == .code(0) && verified.output.contains("the chain is whole"), "\(verified.output)")
        try await Self.refusesShortJournal(second, database, in: after, settings)
        try await RedisServer.run { redis in
          try await ServiceStack(in: after, redis: redis, settings: settings).run()
        }
        let alone = try await CDB.replay(
          RecordedData.both,
          ["--data-dir", folder + "/alone", "--set", "gate.mode=off", "--loops", "2"], in: folder)
        try await CDB.expectSame(restored, folder + "/alone", digest: alone.digest, in: folder)
      }
    } catch {
      await second.remove()
      throw error
    }
    await second.remove()
  }
}
