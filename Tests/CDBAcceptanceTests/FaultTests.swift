import Foundation
import Glibc
import Testing

/// Each fault acts from outside on the real processes: `why` names layer and reason within 10 s, `/healthz` says
/// 503, nothing is traded while the gate is not open, and after the cure it opens as its policy says.
@Suite("Faults", .twoAtATime)
struct FaultTests {
  struct MarketFault: Sendable, CustomStringConvertible {
    var name: String
    /// Posted to the exchange; `stop` is SIGSTOP of its process.
    var faults: String
    var reasons: Set<String>
    var description: String { name }
  }

  static let market = [
    MarketFault(
      name: "the feed is cut, and does not come back for a while",
      faults: #"[{"kind":"reset"},{"kind":"refuse","duration":9}]"#, reasons: ["silent_feed", "feed_failed"]),
    MarketFault(
      name: "the feed is connected and silent", faults: #"[{"kind":"silence","duration":9}]"#,
      reasons: ["silent_feed"]),
    MarketFault(
      name: "prices are frozen", faults: #"[{"kind":"freeze","duration":14}]"#, reasons: ["frozen_prices"]),
    MarketFault(
      name: "the process that feeds it is stopped", faults: "stop", reasons: ["silent_feed", "feed_failed"]),
    MarketFault(
      name: "nothing that comes can be decoded", faults: #"[{"kind":"truncate","duration":12,"every":1}]"#,
      reasons: ["malformed_frame", "silent_feed", "frozen_prices"]),
  ]

  @Test("a market that fails is named, trips the gate, and opens it again when it is back")
  func marketFaults() async {
    await eachAtOnce(Self.market) { try await carryOut($0) }
  }

  private func carryOut(_ fault: MarketFault) async throws {
    try await withTemporaryDirectory { folder in
      try await withExchange(in: folder) { exchange in
        let run = try LiveRun(in: folder, exchange: exchange)
        try await run.during { child in
          try await run.gate(is: "open")
          let clock = ContinuousClock()
          let start = clock.now
          if fault.faults == "stop" {
            exchange.child.send(SIGSTOP)
          } else {
            try await exchange.fault(fault.faults)
          }
          let answer = try await run.names("market_data", fault.reasons)
          print("\(fault.name): \(answer.reason ?? "") after \((clock.now - start).seconds) s")
          #expect(answer.verdict == "broken")
          _ = try await run.health(503)
          try await run.gate(is: "tripped")
          if fault.faults == "stop" { exchange.child.send(SIGCONT) }
          try await run.gate(is: "open")
          _ = try await run.health(200)
          child.send(SIGTERM)
          #expect(try await child.exit() == .code(0))
        }
        try await nothingLost(run)
      }
    }
  }

  @Test(
    "case 7: a store that is locked stalls db_writer: named, 503, and it goes on when the lock is gone",
    .needsPython("sqlite3"))
  func lockedStore() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { child in
        try await run.gate(is: "open")
        let script = """
          import sqlite3, sys, time
          store = sqlite3.connect(sys.argv[1], isolation_level=None)
          store.execute('PRAGMA busy_timeout = 5000')
          store.execute('BEGIN IMMEDIATE')
          print('locked', flush=True)
          time.sleep(600)
          """
        let lock = try ChildProcess(
          Surroundings.python, ["-c", script, run.dataDirectory + "/store.sqlite"], in: folder)
        _ = try await eventually("the store is locked") {
          lock.output.contains("locked").found
        }
        try await run.names("database", ["stalled", "stage_failed"])
        _ = try await run.health(503)
        try await run.gate(is: "tripped")
        await lock.end()
        try await run.gate(is: "open")
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
      }
      try await nothingLost(run)
    }
  }

  @Test("a store that is deleted under the process is named, and a restart builds it again from the journal")
  func deletedStore() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { child in
        try await run.gate(is: "open")
        try await run.firstFill()
        for name in ["store.sqlite", "store.sqlite-wal", "store.sqlite-shm"] {
          try? FileManager.default.removeItem(atPath: "\(run.dataDirectory)/\(name)")
        }
        let answer = try await run.names("database", ["stage_failed"])
        #expect(answer.summary.contains("was removed"), "\(answer.summary)")
        _ = try await run.health(503)
        try await run.gate(is: "tripped")
        // What the store lacks is in the journal; that it ended without it is said, and in time.
        child.send(SIGTERM)
        let watch = PromiseWatch()
        #expect(try await child.exit() == .code(1))
        #expect(watch.elapsed < .seconds(5))
        #expect(child.errors.contains("cdb: ended before the store had everything"), "\(child.errors)")
      }
      try await run.during { child in
        // What is built again happened before: nothing has traded here while the gate was not open.
        for _ in 0..<5 {
          let answer = try await run.answer()
          if try await run.gate().state != "open" { #expect(!answer.trading, "\(answer.summary)") }
          try await Task.sleep(for: .milliseconds(200))
        }
        try await run.gate(is: "open")
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
      }
      try await nothingLost(run)
    }
  }

  @Test("a full disk is named, trips the gate, and opens it again when there is room", .needsRoot)
  func fullDisk() async throws {
    try await withTemporaryDirectory { folder in
      try await withSmallDisk(megabytes: 16, in: folder) { disk in
        let run = try LiveRun(
          in: folder, dataDirectory: disk.path + "/data",
          [
            "--set", "log.directory=\(folder)/logs", "--set", "journal.segment_bytes=65536", "--set",
            "gate.error_window=3s",
          ])
        try await run.during { child in
          try await run.gate(is: "open")
          try disk.fill()
          try await run.names("market_data", ["stage_failed", "feed_failed"], promised: .seconds(20))
          _ = try await run.health(503)
          try await run.gate(is: "tripped")
          try disk.free()
          try await run.gate(is: "open")
          child.send(SIGTERM)
          #expect(try await child.exit() == .code(0))
        }
        try await nothingLost(run)
      }
    }
  }

  // The library delays the process's own timers by as much as the clock goes back, so it goes back by little: with
  // some seconds more the probe of the last check comes too late, and rightly counts as lost.
  @Test("a clock that jumps is named, trips the gate, and opens it again", .needsFaketime)
  func clockJumps() async {
    await eachAtOnce(["+3600", "-1.5"]) { try await jump(by: $0) }
  }

  private func jump(by offset: String) async throws {
    try await withTemporaryDirectory { folder in
      let file = try "+0".write(to: folder + "/offset")
      let run = try LiveRun(in: folder)
      let environment = [
        "LD_PRELOAD": Faketime.library ?? "", "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
      ]
      try await CDB.during(run.arguments, in: folder, environment: environment) { child in
        try await CDB.answers(run.port, child)
        try await run.gate(is: "open")
        _ = try offset.write(to: file)
        try await run.names("system", ["clock_jump"])
        _ = try await run.health(503)
        try await run.gate(is: "tripped")
        try await run.gate(is: "open")
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
      }
      try await nothingLost(run)
    }
  }

  /// The store holds what its journal gives, and nothing was bought while the gate was not open.
  private func nothingLost(_ run: LiveRun) async throws {
    let stored = try await CDB.storeDigest(run.dataDirectory, in: run.folder)
    let report = try await CDB.replay([run.dataDirectory + "/journal"], in: run.folder)
    #expect(report.digest == stored)
    #expect(report.balanced)
    #expect(try await run.fillsOutsideTheGate() == [])
  }
}

/// Debian's libfaketime, which moves a process's clock.
enum Faketime {
  static let library = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map {
    "/usr/lib/\($0)/faketime/libfaketime.so.1"
  }
  .first { FileManager.default.fileExists(atPath: $0) }
}

extension Trait where Self == ConditionTrait {
  static var needsFaketime: Self {
    needs("needs libfaketime, of the Debian package of that name") { Faketime.library != nil }
  }
}
