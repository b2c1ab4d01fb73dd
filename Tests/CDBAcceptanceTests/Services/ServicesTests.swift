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
  /// Replays the recordings through one process and through the services, and holds the stores against each other.
  ///
  /// - Parameters:
  ///   - common: settings of both.
  ///   - settings: of the services alone.
  ///   - server: nil for one that all tests share.
  ///   - query: how one gets into it, behind the address.
  ///   - passwordFile: for it.
  ///   - bus: nil for one of the test's own.
  ///   - body: goes on beside the services; is given the wires to the servers.
  ///   - last: comes when all have ended.
  func compare(
    loops: Int = 1, with common: [String: String] = ["gate.mode": "off"], _ settings: [String: String],
    on server: PostgresServer? = nil, query: String = "", passwordFile: String? = nil,
    over bus: RedisServer? = nil, wires: Wires? = nil,
    beside body: @escaping @Sendable (ServiceStack, RedisServer, [CuttableWire]) async throws -> Void = {
      _, _, _ in
    },
    then last: (ServiceStack, String) async throws -> Void = { _, _ in }
  ) async throws {
    let postgres: PostgresServer
    if let server { postgres = server } else { postgres = try await PostgresServer.shared() }
    let url = server == nil ? postgres.url(try await postgres.database()) : postgres.url() + query
    try await withTemporaryDirectory { folder in
      var common = common
      common["feed.loops"] = "\(loops)"
      let expected = try await CDB.oneProcess(with: common)
      func serve(_ redis: RedisServer) async throws {
        let own = try wires?.string(redis, postgres, url: url, in: folder) ?? [:]
        defer { wires?.close() }
        let stack = try ServiceStack(
          in: folder, redis: redis,
          settings: [
            "feed.source": "replay:" + RecordedData.both.joined(separator: ","),
            "store.url_file": try ServiceStack.secret(url, in: folder), "pipeline.barrier_interval": "200ms",
          ].merging(common) { $1 }.merging(settings) { $1 }, own: own)
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await stack.run() }
          group.addTask { [wires = wires?.all ?? []] in try await body(stack, redis, wires) }
          // What goes wrong beside the services is told at once, not when they have waited for it.
          do {
            try await group.waitForAll()
          } catch {
            group.cancelAll()
            await stack.end()
            throw error
          }
        }
        try await last(stack, folder)
      }
      if let bus { try await serve(bus) } else { try await RedisServer.run { try await serve($0) } }
      let check = try await CDB.run(
        ["store", "check", url, expected.dataDirectory]
          + (passwordFile.map { ["--password-file", $0] } ?? []),
        in: folder)
      #expect(check.exit == .code(0), "\(check.output.prefix(2_000))")
      #expect(check.output.contains(expected.report.digest))
    }
  }

  @Test("over Redis and PostgreSQL they leave the store that one process leaves in SQLite, to the bit")
  func digest() async throws {
    try await compare(
      with: [:], ["feed.speed": "max"],
      then: { stack, folder in
        #expect(stack.startedAnew == 0)
        #expect(!FileManager.default.fileExists(atPath: folder + "/data/store.sqlite"))
      })
  }

  @Test("a cut between any part and its server, silent or loud, delays what is stored and changes none of it")
  func cuts() async throws {
    try await compare(loops: 4, ["feed.speed": "60"], wires: Wires()) { _, _, wires in
      for (index, wire) in wires.enumerated() {
        // Longer than a lease, then whole for long enough to take up again.
        wire.become(index.isMultiple(of: 2) ? .silent : .broken)
        try await Task.sleep(for: .milliseconds(1_500))
        wire.become(.whole)
        try await Task.sleep(for: .milliseconds(700))
      }
    }
  }

  private struct Part: Decodable { var stands_by: String? }

  @Test(
    "a second instance stands by and says so, takes over when the first stands still, and changes nothing")
  func secondInstances() async throws {
    let stages = ["core", "risk", "execution"]
    try await compare(
      // A lease that a busy machine keeps: the second is not to lose it to the first, which stands by.
      loops: 3, ["feed.speed": "30", "bus.lease": "4s"],
      beside: { stack, _, _ in
        for stage in stages {
          func received(_ port: UInt16?) async throws -> Double {
            try await CDB.metric("cdb_stage_events_received_total", on: port ?? 0) ?? 0
          }
          _ = try await eventually("\(stage) works") {
            try await received(stack.ports[stage]) > 1_000 ? true : nil
          }
          let port = try FreePort.next()
          let second = try stack.startSecond(stage, at: port)
          try await CDB.answers(port, second)
          _ = try await eventually("the second \(stage) stands by") {
            try await HTTP.get(port, "/api/v1/part").json(as: Part.self).stands_by
          }
          // It stands still for longer than its lease, and then finds that it owns nothing any more.
          let first = try #require(stack.running(stage))
          #expect(first.send(SIGSTOP))
          _ = try await eventually("the second \(stage) works") {
            try await received(port) > 0 ? true : nil
          }
          #expect(first.send(SIGCONT))
          #expect(try await first.exit() == .code(3))
          #expect(second.exit == nil, "\(second.errors.suffix(600))")
        }
      },
      then: { stack, _ in
        #expect(
          stack.startedAnew >= 3, "each that stood still ended, and was started again to stand by in its turn"
        )
        for stage in stages {
          let second = try #require(stack.running(stage + ", the second"))
          #expect(
            try await second.exit() == .code(0), "\(stage): \(second.errors.suffix(600))")
        }
      })
  }

  @Test("a bus that forgets everything while all stages die with it is filled again, from the journal on")
  func forgotten() async throws {
    try await compare(
      loops: 3, ["feed.speed": "60"],
      beside: { stack, redis, _ in
        // Once every stage has let go of something: from the beginning everything could be made again.
        _ = try await eventually("all streams are shortened") { () -> Bool? in
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
      },
      then: { stack, _ in
        #expect(stack.kills.filter { $0.key.hasSuffix("from outside") }.count == ServiceStack.stages.count)
      })
  }

  @Test(
    "a store that is away until every stream is full holds all of it up, and everything moves when it is back"
  )
  func fullStreams() async throws {
    let postgres = try await PostgresServer()
    do {
      try await compare(
        loops: 4, ["feed.speed": "60", "bus.maximum_entries": "100"], on: postgres,
        beside: { _, redis, _ in
          /// Of the partition that has more: one that is full holds both up.
          func length() async throws -> Int64 {
            var longest: Int64 = 0
            for partition in 0...1 {
              longest = max(
                longest, try await redis.ask("XLEN", "cdb:{market_data:\(partition)}").integer ?? 0)
            }
            return longest
          }
          _ = try await eventually("market data flow") {
            try await length() > 5 ? true : nil
          }
          try await postgres.stop(SIGKILL)
          _ = try await eventually("ws has to wait") {
            try await length() >= 100 ? true : nil
          }
          try await postgres.start()
        })
    } catch {
      await postgres.remove()
      throw error
    }
    await postgres.remove()
  }
}
