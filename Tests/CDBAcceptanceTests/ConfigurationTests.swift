import Foundation
import Testing

@Suite("Settings", .twoAtATime)
struct ConfigurationTests {
  @Test("case 2: an unknown key in the file names the key, the line and the nearest one")
  func file() async throws {
    try await withTemporaryDirectory { folder in
      try "feed:\n  speed: 2\n  symbol: BTCUSDT\n".write(to: folder + "/wrong.yml")
      let finished = try await CDB.run(["run", "--config", "wrong.yml"], in: folder)
      try expectRefusal(finished, ["feed.symbol", "wrong.yml:3", "did you mean feed.symbols?"])
    }
  }

  @Test("cdb.yml is read where it lies, and is as strict")
  func defaultFile() async throws {
    try await withTemporaryDirectory { folder in
      try "riks:\n  maximum_exposure: 0.2\n".write(to: folder + "/cdb.yml")
      let finished = try await CDB.run(["config"], in: folder)
      try expectRefusal(
        finished, ["riks.maximum_exposure", "cdb.yml:2", "did you mean risk.maximum_exposure?"])
    }
  }

  @Test("an unknown variable names itself and the nearest one")
  func environment() async throws {
    try await withTemporaryDirectory { folder in
      let finished = try await CDB.run(["run"], in: folder, environment: ["CDB_RISK_MAXIMUM_EXPOSUR": "0.2"])
      try expectRefusal(
        finished, ["environment CDB_RISK_MAXIMUM_EXPOSUR", "did you mean CDB_RISK_MAXIMUM_EXPOSURE?"])
    }
  }

  @Test("an unknown key after --set names it and the nearest one")
  func flag() async throws {
    try await withTemporaryDirectory { folder in
      let finished = try await CDB.run(["run", "--set", "feed.symbos=BTCUSDT"], in: folder)
      try expectRefusal(finished, ["feed.symbos", "(--set feed.symbos)", "did you mean feed.symbols?"])
    }
  }

  private func expectRefusal(_ finished: CDB.Finished, _ parts: [String]) throws {
    #expect(finished.exit == .code(2))
    #expect(finished.told.count == 1, "\(finished.told)")
    let line = try #require(finished.told.first)
    for part in parts { #expect(line.contains(part), "\(line)") }
  }

  @Test("flags over environment over file over defaults, each with its origin, and secrets redacted")
  func precedence() async throws {
    struct Listing: Decodable {
      struct Entry: Decodable {
        var key: String
        var value: String
        var origin: String
      }
      var entries: [Entry]
      var fingerprint: String
    }
    try await withTemporaryDirectory { folder in
      try "feed:\n  speed: 2\n  loops: 2\n  seed: 2\n".write(to: folder + "/cdb.yml")
      let finished = try await CDB.run(
        ["config", "--json", "--set", "feed.speed=4"], in: folder,
        environment: [
          "CDB_FEED_SPEED": "3", "CDB_FEED_LOOPS": "3", "CDB_HTTP_TOKEN": "open-sesame-1234567890",
        ])
      #expect(finished.exit == .code(0), "\(finished.errors)")
      #expect(!(finished.output + finished.errors).contains("open-sesame"))
      let listing = try finished.json(as: Listing.self)
      func value(_ key: String) -> String? { listing.entries.first { $0.key == key }?.value }
      #expect(value("feed.speed") == "4")
      #expect(value("feed.loops") == "3")
      #expect(value("feed.seed") == "2")
      #expect(listing.fingerprint.count == 12)
    }
  }
}
