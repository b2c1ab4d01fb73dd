import Foundation
import Glibc
import LoopbackPorts
import PostgresTesting
import RedisServerFixture
import RedisTransport
import Testing

@Suite(
  "The stages as services", .needsRecordings,
  .enabled(if: RedisServer.isExpected, "\(RedisServer.missing)"),
  .enabled(if: PostgresServer.isExpected, Comment(rawValue: PostgresServer.comment)))
struct ServicesTests {
  @Test("over Redis and PostgreSQL they leave the store that one process leaves in SQLite, to the bit")
  func digest() async throws {
    let postgres = try await PostgresServer.shared()
    let database = try await postgres.database()
    try await withTemporaryDirectory { folder in
      let expected = try await CDB.replay(RecordedData.both, ["--data-dir", folder + "/one"], in: folder)
      try await RedisServer.run { redis in
        try postgres.url(database).write(toFile: folder + "/url", atomically: true, encoding: .utf8)
        #expect(chmod(folder + "/url", 0o600) == 0)
        let stack = try ServiceStack(
          in: folder, redis: redis,
          settings: [
            "feed.source": "replay:" + RecordedData.both.joined(separator: ","), "feed.speed": "max",
            "store.url_file": folder + "/url",
          ])
        try await stack.run(within: .seconds(180))
        #expect(stack.startedAnew == 0)
      }
      let check = try await CDB.run(
        ["store", "check", postgres.url(database), folder + "/one"], in: folder)
      #expect(check.exit == .code(0), "\(check.output.prefix(2_000))")
      #expect(check.output.contains(expected.digest))
      #expect(!FileManager.default.fileExists(atPath: folder + "/data/store.sqlite"))
    }
  }

  @Test("a cut between any part and its server, silent or loud, delays what is stored and changes none of it")
  func cuts() async throws {
    let postgres = try await PostgresServer.shared()
    let database = try await postgres.database()
    try await withTemporaryDirectory { folder in
      let settings = ["feed.loops": "4", "gate.mode": "off"]
      let expected = try await CDB.replay(
        RecordedData.both,
        ["--data-dir", folder + "/one"] + settings.flatMap { ["--set", "\($0.key)=\($0.value)"] },
        in: folder)
      try await RedisServer.run { redis in
        var wires: [(part: String, wire: CuttableWire)] = []
        var own: [String: [String: String]] = [:]
        for stage in ServiceStack.stages {
          let wire = try CuttableWire(to: redis.port)
          wires.append((stage, wire))
          own[stage] = ["bus.url": "redis://127.0.0.1:\(wire.port)"]
        }
        let store = try CuttableWire(to: Int(postgres.port))
        wires.append(("the store", store))
        defer { for (_, wire) in wires { wire.close() } }
        let behind = postgres.url(database).replacing(":\(postgres.port)/", with: ":\(store.port)/")
        try #require(behind != postgres.url(database))
        try behind.write(toFile: folder + "/url", atomically: true, encoding: .utf8)
        #expect(chmod(folder + "/url", 0o600) == 0)
        let stack = try ServiceStack(
          in: folder, redis: redis,
          settings: settings.merging([
            "feed.source": "replay:" + RecordedData.both.joined(separator: ","), "feed.speed": "60",
            "store.url_file": folder + "/url", "pipeline.barrier_interval": "200ms",
          ]) { $1 }, own: own)
        let cutting = Task { [wires = wires.map(\.wire)] in
          for (index, wire) in wires.enumerated() {
            // Longer than a lease, then whole for long enough to take up again.
            wire.become(index.isMultiple(of: 2) ? .silent : .broken)
            try await Task.sleep(for: .milliseconds(1_500))
            wire.become(.whole)
            try await Task.sleep(for: .milliseconds(700))
          }
        }
        try await stack.run(within: .seconds(240))
        try await cutting.value
      }
      let check = try await CDB.run(
        ["store", "check", postgres.url(database), folder + "/one"], in: folder)
      #expect(check.exit == .code(0), "\(check.output.prefix(2_000))")
      #expect(check.output.contains(expected.digest))
    }
  }

  private struct Part: Decodable { var stands_by: String? }

  @Test(
    "a second instance stands by and says so, takes over when the first stands still, and changes nothing")
  func secondInstances() async throws {
    let postgres = try await PostgresServer.shared()
    let database = try await postgres.database()
    try await withTemporaryDirectory { folder in
      let settings = ["feed.loops": "3", "gate.mode": "off"]
      let expected = try await CDB.replay(
        RecordedData.both,
        ["--data-dir", folder + "/one"] + settings.flatMap { ["--set", "\($0.key)=\($0.value)"] }, in: folder)
      try await RedisServer.run { redis in
        try postgres.url(database).write(toFile: folder + "/url", atomically: true, encoding: .utf8)
        #expect(chmod(folder + "/url", 0o600) == 0)
        let stack = try ServiceStack(
          in: folder, redis: redis,
          settings: settings.merging([
            "feed.source": "replay:" + RecordedData.both.joined(separator: ","), "feed.speed": "30",
            "store.url_file": folder + "/url", "pipeline.barrier_interval": "200ms",
          ]) { $1 })
        let handedOver = Task {
          for stage in ["core", "risk", "execution"] {
            _ = try await eventually("\(stage) works", within: .seconds(60)) { () -> Bool? in
              guard let port = stack.ports[stage] else { return nil }
              return try await CDB.metric("cdb_stage_events_received_total", on: port) ?? 0 > 1_000
                ? true : nil
            }
            let port = try FreePort.next()
            let second = try stack.startSecond(stage, at: port)
            try await CDB.answers(port, second)
            _ = try await eventually("the second \(stage) stands by", within: .seconds(30)) { () -> Bool? in
              try await HTTP.get(port, "/api/v1/part").json(as: Part.self).stands_by != nil ? true : nil
            }
            // It stands still for longer than its lease, and then finds that it owns nothing any more.
            let first = try #require(stack.running(stage))
            #expect(first.send(SIGSTOP))
            _ = try await eventually("the second \(stage) works", within: .seconds(30)) { () -> Bool? in
              try await CDB.metric("cdb_stage_events_received_total", on: port) ?? 0 > 0 ? true : nil
            }
            #expect(first.send(SIGCONT))
            #expect(try await first.exit(within: .seconds(30)) == .code(3))
            #expect(second.exit == nil, "\(second.errors.suffix(600))")
          }
        }
        try await stack.run(within: .seconds(240))
        try await handedOver.value
        #expect(
          stack.startedAnew >= 3,
          "each of the three that stood still ended, and was started again to stand by")
        for stage in ["core", "risk", "execution"] {
          let second = try #require(stack.running(stage + ", the second"))
          #expect(
            try await second.exit(within: .seconds(30)) == .code(0), "\(stage): \(second.errors.suffix(600))")
        }
      }
      let check = try await CDB.run(
        ["store", "check", postgres.url(database), folder + "/one"], in: folder)
      #expect(check.exit == .code(0), "\(check.output.prefix(2_000))")
      #expect(check.output.contains(expected.digest))
    }
  }

  @Test("a bus that forgets everything while all stages die with it is filled again, from the journal on")
  func forgotten() async throws {
    let postgres = try await PostgresServer.shared()
    let database = try await postgres.database()
    try await withTemporaryDirectory { folder in
      let settings = ["feed.loops": "3", "gate.mode": "off"]
      let expected = try await CDB.replay(
        RecordedData.both,
        ["--data-dir", folder + "/one"] + settings.flatMap { ["--set", "\($0.key)=\($0.value)"] }, in: folder)
      try await RedisServer.run { redis in
        try postgres.url(database).write(toFile: folder + "/url", atomically: true, encoding: .utf8)
        #expect(chmod(folder + "/url", 0o600) == 0)
        let stack = try ServiceStack(
          in: folder, redis: redis,
          settings: settings.merging([
            "feed.source": "replay:" + RecordedData.both.joined(separator: ","), "feed.speed": "60",
            "store.url_file": folder + "/url", "pipeline.barrier_interval": "200ms",
          ]) { $1 })
        let death = Task {
          // Once every stage has let go of something: from the beginning everything could be made again.
          _ = try await eventually("all streams are shortened", within: .seconds(120)) { () -> Bool? in
            for stream in ["market_data:0", "signals:0", "orders:0"] {
              let covered =
                try await redis.ask("GET", "cdb:{\(stream)}:covered").text.flatMap(UInt64.init) ?? 0
              if covered < 1_000 { return nil }
            }
            return true
          }
          for stage in ServiceStack.stages { stack.running(stage)?.send(SIGKILL) }
          redis.kill()
          try await redis.start()
        }
        try await stack.run(within: .seconds(240))
        try await death.value
        #expect(stack.kills.filter { $0.key.hasSuffix("from outside") }.count == ServiceStack.stages.count)
      }
      let check = try await CDB.run(
        ["store", "check", postgres.url(database), folder + "/one"], in: folder)
      #expect(check.exit == .code(0), "\(check.output.prefix(2_000))")
      #expect(check.output.contains(expected.digest))
    }
  }

  @Test(
    "a store that is away until every stream is full holds all of it up, and everything moves when it is back"
  )
  func fullStreams() async throws {
    let postgres = try await PostgresServer()
    do {
      try await withTemporaryDirectory { folder in
        let settings = ["feed.loops": "4", "gate.mode": "off"]
        let expected = try await CDB.replay(
          RecordedData.both,
          ["--data-dir", folder + "/one"] + settings.flatMap { ["--set", "\($0.key)=\($0.value)"] },
          in: folder)
        try await RedisServer.run { redis in
          try postgres.url().write(toFile: folder + "/url", atomically: true, encoding: .utf8)
          #expect(chmod(folder + "/url", 0o600) == 0)
          let stack = try ServiceStack(
            in: folder, redis: redis,
            settings: settings.merging([
              "feed.source": "replay:" + RecordedData.both.joined(separator: ","), "feed.speed": "60",
              "store.url_file": folder + "/url", "pipeline.barrier_interval": "200ms",
              "bus.maximum_entries": "100",
            ]) { $1 })
          let outage = Task {
            /// Of the partition that has more: one that is full holds both up.
            func length() async throws -> Int64 {
              var longest: Int64 = 0
              for partition in 0...1 {
                longest = max(
                  longest, try await redis.ask("XLEN", "cdb:{market_data:\(partition)}").integer ?? 0)
              }
              return longest
            }
            _ = try await eventually("market data flow", within: .seconds(60)) { () -> Bool? in
              try await length() > 5 ? true : nil
            }
            try await postgres.stop(SIGKILL)
            _ = try await eventually("ws has to wait", within: .seconds(120)) { () -> Bool? in
              try await length() >= 100 ? true : nil
            }
            try await postgres.start()
          }
          try await stack.run(within: .seconds(240))
          try await outage.value
        }
        let check = try await CDB.run(
          ["store", "check", postgres.url(), folder + "/one"], in: folder)
        #expect(check.exit == .code(0), "\(check.output.prefix(2_000))")
        #expect(check.output.contains(expected.digest))
      }
    } catch {
      await postgres.remove()
      throw error
    }
    await postgres.remove()
  }
}
