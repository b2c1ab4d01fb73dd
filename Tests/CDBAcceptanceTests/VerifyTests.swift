import Foundation
import Glibc
import PostgresTesting
import Testing

/// `cdb gate verify` says where it looked and what it could not compare.
@Suite("The record of decisions, verified in the wrong place or with a part missing", .twoAtATime)
struct VerifyTests {
  private struct Trail: Decodable {
    struct Gap: Decodable {
      var kind: String
      var decisions: Int
    }
    var gaps: [Gap]
  }

  @Test("where there is no store it names the directory and ends with 2")
  func wrongPlace() async throws {
    try await withTemporaryDirectory { folder in
      try FileManager.default.createDirectory(atPath: folder + "/empty", withIntermediateDirectories: true)
      for directory in ["empty", "nowhere"] {
        let finished = try await CDB.run(["gate", "verify", "--data-dir", directory], in: folder)
        #expect(finished.exit == .code(2), "\(finished.output)")
        #expect(finished.told.count == 1 && finished.output.isEmpty, "\(finished.told) \(finished.output)")
        for part in [directory, "no store", "--data-dir", "store.url"] {
          #expect(finished.told.first?.contains(part) == true, "\(finished.told)")
        }
      }
    }
  }

  @Test("a journal may be elsewhere, and one that is damaged leaves decisions that were not compared")
  func journal() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { child in
        try await run.gate(is: "open")
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
      }
      let verify = ["gate", "verify", "--data-dir", run.dataDirectory]
      let moved = folder + "/elsewhere/journal"
      try FileManager.default.createDirectory(
        atPath: folder + "/elsewhere", withIntermediateDirectories: true)
      try FileManager.default.moveItem(atPath: run.dataDirectory + "/journal", toPath: moved)
      #expect(try await CDB.run(verify, in: folder).output.contains("none to hold them against"))
      for place in [moved, folder + "/elsewhere"] {
        let whole = try await CDB.run(verify + ["--journal", place], in: folder)
        #expect(whole.exit == .code(0) && whole.output.contains("records 1 to"), "\(whole.output)")
      }
      let wrong = try await CDB.run(verify + ["--journal", folder], in: folder)
      #expect(wrong.exit == .code(2) && wrong.told.first?.contains("--journal") == true, "\(wrong.told)")

      let names = try FileManager.default.contentsOfDirectory(atPath: moved)
      let segment = try #require(names.filter { $0.hasSuffix(".seg") }.sorted().first)
      var bytes = try #require(FileManager.default.contents(atPath: moved + "/" + segment))
      // Behind its first records, which the decisions of a start are among.
      bytes[bytes.count / 3] ^= 0xff
      try bytes.write(to: URL(filePath: moved + "/" + segment))
      let damaged = try await CDB.run(verify + ["--journal", moved], in: folder)
      #expect(damaged.exit == .code(1))
      #expect(damaged.output.contains("the store's chain is whole"), "\(damaged.output)")
      #expect(damaged.output.contains("were not compared with the journal, because"), "\(damaged.output)")
      #expect(damaged.output.contains(segment), "\(damaged.output)")
      let trail = try await CDB.run(verify + ["--journal", moved, "--json"], in: folder)
        .json(as: Trail.self)
      #expect(trail.gaps.map(\.kind) == ["journal"] && trail.gaps[0].decisions > 0)
    }
  }

  @Test(
    "beside a store on a server, evidence that is elsewhere is not looked at, and not called lost",
    .enabled(if: PostgresServer.isExpected, Comment(rawValue: PostgresServer.comment)))
  func evidence() async throws {
    struct Incident: Decodable {
      struct File: Decodable { var path: String }
      var files: [File]
    }
    let server = try await PostgresServer.shared()
    let url = server.url(try await server.database())
    try await withTemporaryDirectory { folder in
      try "\(url)\n".write(toFile: folder + "/url", atomically: true, encoding: .utf8)
      #expect(chmod(folder + "/url", 0o600) == 0)
      let settings = ["--set", "store.url_file=\(folder)/url"]
      try await withExchange(in: folder) { exchange in
        let run = try LiveRun(in: folder, exchange: exchange, settings + ["--set", "feed.silent_after=1s"])
        try await run.during { child in
          try await run.gate(is: "open")
          try await exchange.fault(#"[{"kind":"silence","duration":6}]"#)
          _ = try await eventually("evidence", every: .milliseconds(100)) {
            let incidents = try await run.command(["incident", "list", "--all", "--json"] + settings)
              .json(as: [Incident].self)
            return incidents.contains { !$0.files.isEmpty }.found
          }
          child.send(SIGTERM)
          #expect(try await child.exit() == .code(0))
        }
        let here = try await CDB.run(
          ["gate", "verify", "--data-dir", run.dataDirectory] + settings, in: folder)
        #expect(here.exit == .code(0), "\(here.output)")
        let elsewhere = try await CDB.run(
          ["gate", "verify", "--data-dir", folder + "/nowhere", "--journal", run.dataDirectory] + settings,
          in: folder)
        #expect(elsewhere.exit == .code(1) && !elsewhere.output.contains("BROKEN"), "\(elsewhere.output)")
        for part in ["chain is whole", "not looked at", "nowhere/evidence", "--data-dir"] {
          #expect(elsewhere.output.contains(part), "\(elsewhere.output)")
        }
      }
    }
  }
}
