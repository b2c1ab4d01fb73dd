import Foundation
import Glibc
import LoopbackPorts
import PostgresClient
import PostgresTesting
import Testing

@Suite(
  "A run with its store on a PostgreSQL server",
  .enabled(if: PostgresServer.isExpected, Comment(rawValue: PostgresServer.comment)))
struct PostgresTests {
  private struct Check: Decodable {
    struct Comparison: Decodable {
      struct Table: Decodable {
        var name: String
        var firstRows: Int
        var missingInSecond: Int
      }
      struct Side: Decodable { var digest: String }
      var first: Side
      var second: Side
      var tables: [Table]
    }
    var isSame: Bool
    var comparison: Comparison
  }

  @Test("it trades, survives the server's sudden end, and its store is what a replay of its journal makes")
  func run() async throws {
    let server = try await PostgresServer()
    do {
      try await withTemporaryDirectory { folder in try await trade(server, folder) }
    } catch {
      await server.remove()
      throw error
    }
    await server.remove()
  }

  private func trade(_ server: PostgresServer, _ folder: String) async throws {
    let url = server.url()
    try "\(url)\n".write(toFile: folder + "/url", atomically: true, encoding: .utf8)
    #expect(chmod(folder + "/url", 0o600) == 0)
    let settings = ["--set", "store.url_file=\(folder)/url"]
    let run = try LiveRun(in: folder, settings)
    try await run.during { child in
      try await run.firstFill()
      // Killed at once and started again, while it trades: the sink waits, says so and goes on.
      let before = try #require(try await CDB.metric("cdb_fills_total", on: run.port))
      try await server.stop(SIGKILL)
      _ = try await eventually("the sink says so", every: .milliseconds(50)) {
        run.logLines().contains { $0["event.reason"] == "store_failed" } ? true : nil
      }
      // The gate knows by the stage: an error in the log would keep it shut beyond the cure.
      let said = run.logLines().filter { $0["event.reason"] == "store_failed" }
      #expect(said.allSatisfy { $0["log.level"] == "warning" }, "\(said)")
      try await server.start()
      _ = try await eventually("fills go on", every: .milliseconds(100)) {
        try await CDB.metric("cdb_fills_total", on: run.port).flatMap { $0 > before ? $0 : nil }
      }
      child.send(SIGTERM)
      #expect(try await child.exit() == .code(0))
    }
    #expect(!FileManager.default.fileExists(atPath: run.dataDirectory + "/store.sqlite"))

    // A replay of the journal has its store in a file, whatever store.url says.
    let report = try await CDB.replay(
      [run.dataDirectory + "/journal"], settings + ["--data-dir", folder + "/again"], in: folder)
    let check = try await CDB.run(["store", "check", url, folder + "/again", "--json"], in: folder)
    #expect(check.exit == .code(0), "\(check.output.prefix(3_000)) \(check.errors.suffix(500))")
    let compared = try check.json(as: Check.self)
    #expect(compared.isSame && compared.comparison.first.digest == report.digest)
    #expect(compared.comparison.tables.first { $0.name == "fills" }?.firstRows ?? 0 > 0)

    let digest = try await CDB.run(
      ["store", "digest", "--data-dir", run.dataDirectory, "--json"] + settings, in: folder)
    #expect(digest.exit == .code(0) && digest.output.contains(report.digest))
    let verified = try await CDB.run(
      ["gate", "verify", "--data-dir", run.dataDirectory] + settings, in: folder)
    #expect(verified.exit == .code(0) && verified.output.contains("the chain is whole"), "\(verified.output)")

    // Whatever is taken away is found, by id.
    try await server.execute("DELETE FROM fills WHERE result_id = (SELECT max(result_id) FROM fills)")
    let differing = try await CDB.run(["store", "check", url, folder + "/again"], in: folder)
    #expect(differing.exit == .code(1) && differing.output.contains("the stores DIFFER"))
    #expect(differing.output.contains("execution-0-"), "\(differing.output)")
  }

  @Test(
    "a server that is not there, a database that is none, another installation's: said in a line, and 3 or 2")
  func refused() async throws {
    let server = try await PostgresServer.shared()
    let database = try await server.database()
    try await withTemporaryDirectory { folder in
      func run(_ url: String, _ directory: String) async throws -> CDB.Finished {
        try (url + "\n").write(toFile: folder + "/url", atomically: true, encoding: .utf8)
        return try await CDB.run(
          [
            "run", "--listen", "127.0.0.1:\(try FreePort.next())", "--data-dir", folder + "/" + directory,
            "--set",
            "store.url_file=\(folder)/url", "--duration", "3s",
          ], in: folder)
      }
      func told(_ url: String, _ directory: String = "data", code: Int32 = 2) async throws -> [String] {
        let finished = try await run(url, directory)
        #expect(finished.exit == .code(code), "\(finished.errors.suffix(500))")
        #expect(!(finished.output + finished.errors).contains("s3cret"))
        return finished.told
      }
      let nobody = try await told("postgresql://cdb:s3cret@127.0.0.1:1/cdb", code: 3)
      #expect(nobody.contains { $0.contains("PostgreSQL at 127.0.0.1:1/cdb") }, "\(nobody)")
      let none = try await told("postgresql://cdb:s3cret@127.0.0.1:\(server.port)/nowhere")
      #expect(none.contains { $0.contains("nowhere") }, "\(none)")
      let unreadable = try await told("postgresql://cdb:s3cret@127.0.0.1/cdb?nonsense=1")
      #expect(unreadable.contains { $0.contains("the connection string cannot be read") }, "\(unreadable)")
      // A database that another directory's journal made.
      let first = try await run(server.url(database), "first")
      #expect(first.exit == .code(0), "\(first.errors.suffix(500))")
      let other = try await told(server.url(database), "other")
      #expect(other.contains { $0.contains("is another installation's") }, "\(other)")
      let check = try await CDB.run(
        ["store", "check", "postgresql://cdb:s3cret@127.0.0.1:1/cdb", folder], in: folder)
      #expect(check.exit == .code(3) && !check.errors.contains("s3cret"), "\(check.errors)")
    }
  }
}
