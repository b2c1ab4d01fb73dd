import Foundation
import Glibc
import LoopbackPorts
import Testing

@Suite("An exchange in a process of its own", .twoAtATime)
struct ExchangeProcessTests {
  @Test("a run survives its exchange: reset, killed and started again, and its journal gives the store again")
  func survives() async throws {
    try await withTemporaryDirectory { folder in
      let port = try FreePort.next()
      let faults = try #"[{"kind":"reset","start":2},{"kind":"gap","start":3,"duration":2,"every":5}]"#.write(
        to: folder + "/faults.json")
      let exchange = ["exchange", "--listen", "127.0.0.1:\(port)", "--seed", "3", "--faults", faults]
      let run = try LiveRun(
        in: folder, feed: "binance",
        [
          "--profile", "demo", "--set", "feed.binance.websocket_url=ws://127.0.0.1:\(port)", "--set",
          "feed.binance.rest_url=http://127.0.0.1:\(port)",
        ])
      func metric(_ name: String, _ labels: [String] = []) async throws -> Double {
        try await CDB.metric(name, labels, on: run.port) ?? 0
      }
      func streams(_ what: String) async throws {
        let frames = try await metric("cdb_feed_frames_total")
        _ = try await eventually(what, every: .milliseconds(100)) {
          let connected = try await metric("cdb_feed_connected") == 1
          let more = try await metric("cdb_feed_frames_total") > frames + 100
          return (connected && more).found
        }
      }
      try await run.during { child in
        try await CDB.during(exchange, in: folder) { first in
          try await streams("it streams")
          _ = try await eventually("the reset is noticed") {
            (try await metric("cdb_feed_reconnects_total") >= 1).found
          }
          _ = try await eventually("gaps are counted") {
            (try await metric("cdb_feed_gaps_total") >= 1).found
          }
          #expect(first.send(SIGKILL))
        }
        _ = try await eventually("it is said") {
          (try await metric("cdb_feed_connected") == 0).found
        }
        try await CDB.during(exchange, in: folder) { _ in
          try await streams("it streams again")
          _ = try await eventually("snapshots came") {
            (try await metric("cdb_feed_snapshots_total", ["ok"]) >= 2).found
          }
          #expect(try await metric("cdb_flow_imbalance_events") == 0)
          #expect(child.send(SIGTERM))
          let exit = try await child.exit()
          #expect(exit == .code(0), "\(child.errors.suffix(600))")
        }
      }
      let stored = try await CDB.storeDigest(run.dataDirectory, in: folder)
      #expect(try await CDB.replay([run.dataDirectory + "/journal"], in: folder).digest == stored)
    }
  }

  @Test(
    "what cannot be an exchange is refused in one line",
    arguments: [
      ["exchange", "--listen", "nowhere"], ["exchange", "--faults", "/nowhere.json"],
      ["exchange", "--faults", "random:x"], ["exchange", "--speed", "0"],
      ["exchange", "--recording", "/nowhere.gz"],
      ["run", "--feed", "binance", "--set", "feed.binance.websocket_url=http://x"],
    ])
  func refused(arguments: [String]) async throws {
    try await withTemporaryDirectory { folder in
      let finished = try await CDB.run(arguments, in: folder)
      #expect(finished.exit == .code(2), "\(finished.errors)")
      #expect(finished.told.count == 1, "\(finished.told)")
    }
  }
}
