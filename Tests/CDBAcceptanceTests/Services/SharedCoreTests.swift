import Foundation
import Glibc
import LoopbackPorts
import PostgresTesting
import RedisServerFixture
import Testing

/// Two instances of core, a partition each.
@Suite(
  "Instances that share core", .serialized, .needsRecordings,
  .enabled(if: RedisServer.isExpected, "\(RedisServer.missing)"),
  .enabled(if: PostgresServer.isExpected, Comment(rawValue: PostgresServer.comment)))
struct SharedCoreTests {
  /// Replays the recordings through the services, with two instances of core, while `body` goes on beside them.
  ///
  /// - Parameter last: comes when all have ended; is given the store's URL.
  private func replay(
    loops: Int = 3, shares: [String] = ["0", "1"], _ settings: [String: String],
    beside body: @escaping @Sendable (ServiceStack) async throws -> Void,
    then last: (ServiceStack, String) async throws -> Void
  ) async throws {
    let postgres = try await PostgresServer.shared()
    let url = postgres.url(try await postgres.database())
    try await withTemporaryDirectory { folder in
      try await RedisServer.run { redis in
        let stack = try ServiceStack(
          in: folder, redis: redis,
          settings: [
            "feed.source": "replay:" + RecordedData.both.joined(separator: ","), "feed.loops": "\(loops)",
            "feed.speed": "30", "store.url_file": try ServiceStack.secret(url, in: folder),
            "pipeline.barrier_interval": "200ms",
          ].merging(settings) { $1 }, shares: shares)
        do {
          try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await stack.run() }
            group.addTask { try await body(stack) }
            try await group.waitForAll()
          }
          try await last(stack, url)
        } catch {
          await stack.end()
          throw error
        }
        await stack.end()
      }
    }
  }

  private static func received(_ port: UInt16?) async throws -> Double {
    try await CDB.metric("cdb_stage_events_received_total", on: port ?? 0) ?? 0
  }

  /// Waits until an instance has taken so many events.
  private static func works(_ name: String, at port: UInt16?, _ events: Double = 1) async throws {
    _ = try await eventually("\(name) works") {
      try await received(port) >= events ? true : nil
    }
  }

  private struct Part: Decodable {
    struct Cut: Decodable { var partitions: [UInt16]? }
    var partitions: [UInt16]?
    var holds: Bool
    var stands_by: String?
    var cuts: [Cut]
  }

  private static func part(_ port: UInt16?) async throws -> Part {
    try await HTTP.get(port ?? 0, "/api/v1/part").json(as: Part.self)
  }

  @Test(
    "one is killed and begins again, a third takes over from the other, and the store is that of one process, to the bit"
  )
  func handOver() async throws {
    try await replay(
      ["gate.mode": "off"],
      beside: { stack in
        for (name, share) in [("core", UInt16(0)), ("core-1", 1)] {
          try await Self.works(name, at: stack.ports[name], 1_000)
          let part = try await eventually("\(name) has passed a barrier") {
            () -> Part? in
            let part = try await Self.part(stack.ports[name])
            return part.cuts.isEmpty ? nil : part
          }
          #expect(
            part.partitions == [share] && part.holds && part.cuts.allSatisfy { $0.partitions == [share] })
        }
        let other = try #require(stack.running("core-1"))
        #expect(other.send(SIGKILL))
        _ = try await eventually("core-1 was started again") {
          stack.running("core-1") === other ? nil : true
        }
        try await Self.works("core-1", at: stack.ports["core-1"])
        let port = try FreePort.next()
        let third = try stack.startSecond("core", at: port)
        try await CDB.answers(port, third)
        _ = try await eventually("the third stands by") { () -> String? in
          let part = try await Self.part(port)
          return part.holds ? nil : part.stands_by
        }
        stack.retire("core")
        try await Self.works("the third", at: port)
        #expect(try await Self.part(port).holds)
      },
      then: { stack, url in
        #expect(stack.kills == ["core from outside": 1, "core-1 from outside": 1])
        let third = try #require(stack.running("core, the second"))
        #expect(try await third.exit() == .code(0), "\(third.errors.suffix(600))")
        let folders = try FileManager.default.contentsOfDirectory(atPath: stack.folder + "/data")
        #expect(Set(folders).isSuperset(of: ["snapshots-core-0", "snapshots-core-1"]))
        #expect(!folders.contains("snapshots-core"))
        let expected = try await CDB.oneProcess(with: ["gate.mode": "off", "feed.loops": "3"])
        try await same(as: url, stack, expected.report, expected.dataDirectory)
      })
  }

  @Test(
    "the gate names the one that is away, with its symbol, sees who takes over, and the store is that of the journal"
  )
  func seenByTheGate() async throws {
    try await replay(
      loops: 4, [:],
      beside: { stack in
        let port = try FreePort.next()
        let gate = try stack.startGate(and: [port])
        for name in ["core", "core-1"] { try await Self.works(name, at: stack.ports[name], 1_000) }
        func state(_ state: String, of port: UInt16?) async throws -> Bool {
          try await CDB.metric(
            "cdb_process_state",
            [
              #"stage="core""#, #"process="127.0.0.1:\#(port ?? 0)""#, #"cdb_process_state="\#(state)""#,
            ], on: gate.port) == 1
        }
        // The third is listed, and is not there: nobody needs it yet.
        _ = try await eventually("both are seen") { () -> Bool? in
          let both = [stack.ports["core"], stack.ports["core-1"]]
          for port in both where try await !state("answers", of: port) { return nil }
          return try await state("away", of: port) ? true : nil
        }
        // And once the others have answered, too, nobody is missed.
        _ = try await eventually("nobody is missed before one is killed") { () -> Bool? in
          try await HTTP.get(gate.port, "/api/v1/why").json(as: Answer.self).reason == "process_lost"
            ? nil : true
        }

        stack.retire("core-1")
        let answer = try await gate.names("signal", ["process_lost"], promised: .seconds(30))
        let lost = "127.0.0.1:\(stack.ports["core-1"] ?? 0) (ETHUSDT)"
        #expect(
          answer.summary.contains("the process of core at \(lost) does not answer"), "\(answer.summary)")
        #expect(try await HTTP.get(gate.port, "/").body.contains(lost))
        #expect(try await state("answers", of: stack.ports["core"]))

        let third = try stack.startSecond("core-1", at: port)
        try await CDB.answers(port, third)
        try await Self.works("the third", at: port)
        _ = try await eventually("nobody is missed") { () -> Bool? in
          let answer = try await HTTP.get(gate.port, "/api/v1/why").json(as: Answer.self)
          return answer.reason == "process_lost" && answer.layer == "signal" ? nil : true
        }
        // A barrier that all partitions have passed balances again.
        struct Status: Decodable {
          struct Imbalance: Decodable {}
          struct Flow: Decodable {
            var barrier: UInt64
            var imbalances: [Imbalance]
          }
          var flow: Flow?
        }
        let flow = try await HTTP.get(gate.port, "/api/v1/status").json(as: Status.self).flow?.barrier ?? 0
        _ = try await eventually("the flow balances") { () -> Bool? in
          let now = try await HTTP.get(gate.port, "/api/v1/status").json(as: Status.self).flow
          return now.map { $0.barrier > flow && $0.imbalances.isEmpty } ?? false ? true : nil
        }

        // All end with the recording, as they should: nobody is missed then, however long that is ago.
        func verdict() async throws -> String {
          try await HTTP.get(gate.port, "/api/v1/why", timeout: .seconds(3)).json(as: Answer.self).verdict
        }
        let last = [("ws", stack.ports["ws"]), ("db_writer", stack.ports["db_writer"])]
        _ = try await eventually("all have ended, and the gate knows", within: .seconds(600)) { () -> Bool? in
          for (stage, port) in last {
            let labels = [
              #"stage="\#(stage)""#, #"process="127.0.0.1:\#(port ?? 0)""#, #"cdb_process_state="ended""#,
            ]
            guard try await CDB.metric("cdb_process_state", labels, on: gate.port) == 1 else { return nil }
          }
          return try await verdict() == "ended" ? true : nil
        }
        let end = ContinuousClock.now + .seconds(4)
        while ContinuousClock.now < end {
          #expect(try await verdict() == "ended")
          try await Task.sleep(for: .milliseconds(200))
        }
      },
      then: { stack, url in
        let again = try await CDB.replay(
          [stack.folder + "/data/journal"], ["--data-dir", stack.folder + "/again"], in: stack.folder)
        // Its gate need not open on recorded data: then the orders are there, and refused.
        try await same(as: url, stack, again, stack.folder + "/again", traded: ["signals", "orders"])
      })
  }

  @Test(
    "from one to two instances and back, each time from what was left, and the store is that of one process")
  func otherShares() async throws {
    try await replay(
      shares: [], ["gate.mode": "off"],
      beside: { stack in
        /// Once there is something that nobody could make again from the beginning.
        func covers(_ number: UInt64, at ports: [UInt16?]) async throws {
          for port in ports {
            _ = try await eventually("barriers pass at \(port ?? 0)") { () -> Bool? in
              let cuts = try await Self.part(port).cuts
              return cuts.count >= Int(number) ? true : nil
            }
          }
        }
        try await Self.works("core", at: stack.ports["core"], 1_000)
        try await covers(5, at: [stack.ports["core"]])
        stack.retire("core")
        var ports: [UInt16] = []
        for share in ["0", "1"] {
          ports.append(try FreePort.next())
          try stack.startSecond(
            "core", at: ports[ports.count - 1], with: ["core.partitions": share], as: "half \(share)")
        }
        for port in ports { try await Self.works("a half", at: port, 300) }
        try await covers(5, at: ports)
        for share in ["0", "1"] {
          let half = try #require(stack.running("core, half \(share)"))
          #expect(half.exit == nil, "\(half.errors.suffix(600))")
          // In order, so that each ends at a barrier of its own.
          #expect(half.send(SIGTERM))
          #expect(try await half.exit() == .code(0), "\(half.errors.suffix(600))")
        }
        let port = try FreePort.next()
        try stack.startSecond("core", at: port, as: "the last")
        try await Self.works("the last", at: port, 300)
      },
      then: { stack, url in
        let last = try #require(stack.running("core, the last"))
        #expect(try await last.exit() == .code(0), "\(last.errors.suffix(600))")
        let expected = try await CDB.oneProcess(with: ["gate.mode": "off", "feed.loops": "3"])
        try await same(as: url, stack, expected.report, expected.dataDirectory)
      })
  }

  /// - Parameter traded: the tables that must have rows: two stores of a pipeline that did not trade are the same too.
  private func same(
    as url: String, _ stack: ServiceStack, _ expected: ReplayReport, _ directory: String,
    traded: [String] = ["signals", "orders", "fills"]
  ) async throws {
    try await CDB.expectSame(
      url, directory, digest: expected.digest, in: stack.folder, withRowsIn: traded)
  }
}
