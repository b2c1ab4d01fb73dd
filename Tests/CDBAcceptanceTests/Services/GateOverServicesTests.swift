import Foundation
import Glibc
import PostgresTesting
import RedisServerFixture
import Testing

/// The gate service over real processes: what one of them does to the others is seen, named, and passes.
@Suite(
  "The gate over services", .serialized,
  .enabled(if: RedisServer.isExpected, "\(RedisServer.missing)"),
  .enabled(if: PostgresServer.isExpected, Comment(rawValue: PostgresServer.comment)))
struct GateOverServicesTests {
  /// Runs the whole set on the simulated market until the gate is open.
  private func during(
    _ settings: [String: String] = [:], wires: Wires? = nil,
    _ body: (ServiceStack, LiveRun, RedisServer, String) async throws -> Void
  ) async throws {
    let postgres = try await PostgresServer.shared()
    let database = try await postgres.database()
    try await withTemporaryDirectory { folder in
      try await RedisServer.run(["--appendonly", "yes"]) { redis in
        let own = try wires?.string(redis, postgres, url: postgres.url(database), in: folder) ?? [:]
        defer { wires?.close() }
        let stack = try ServiceStack(
          in: folder, redis: redis,
          settings: [
            "store.url_file": try ServiceStack.secret(postgres.url(database), in: folder),
            "pipeline.barrier_interval": "1s",
          ].merging(settings) {
            $1
          }, own: own)
        for stage in ServiceStack.stages.reversed() { try stack.start(stage) }
        let gate = try stack.startGate(seeing: wires?.seen(of: stack) ?? [:])
        do {
          try await gate.gate(is: "open")
          try await body(stack, gate, redis, postgres.url(database))
        } catch {
          await stack.end()
          throw error
        }
        await stack.end()
      }
    }
  }

  @Test(
    "it opens, orders are filled, and each process that is away, and the bus, trips it with the right layer; then it opens again"
  )
  func tripsAndOpens() async throws {
    try await during { stack, gate, redis, url in
      func fills() async throws -> Double {
        try await CDB.metric("cdb_fills_total", on: stack.ports["db_writer"] ?? 0) ?? 0
      }
      _ = try await eventually("a fill", every: .milliseconds(200)) {
        try await fills() > 0 ? true : nil
      }
      // A process that stands still.
      for (stage, layer) in [("core", "signal"), ("execution", "execution")] {
        #expect(stack.running(stage)?.send(SIGSTOP) == true)
        try await gate.names(layer, ["process_lost"], promised: .seconds(30))
        try await gate.gate(is: "tripped")
        #expect(stack.running(stage)?.send(SIGCONT) == true)
        // One that stood still for longer than its lease has lost its streams, and is started again.
        try await opens(gate, over: stack)
      }
      // One that dies.
      #expect(stack.running("risk")?.send(SIGKILL) == true)
      try await gate.names("risk", ["process_lost"], promised: .seconds(30))
      try await gate.gate(is: "tripped")
      try await opens(gate, over: stack)
      // The bus.
      redis.kill()
      try await gate.names("system", ["bus_failed"], promised: .seconds(30))
      try await gate.gate(is: "tripped")
      try await redis.start()
      try await opens(gate, over: stack)
      let before = try await fills()
      _ = try await eventually("fills go on", every: .milliseconds(200)) {
        try await fills() > before ? true : nil
      }
      #expect(try await HTTP.get(gate.port, "/").status == 200)
      // A stop, and the proof of it.
      let stop = try await gate.command(["stop", "--reason", "a test"])
      #expect(stop.exit == .code(0), "\(stop.output) \(stop.errors)")
      try await gate.gate(is: "stopped")
      try await stack.drain()
      try await same(as: url, stack)
    }
  }

  @Test(
    "a cut of any wire trips it with the layer behind the cut; whole again, everything catches up and it opens"
  )
  func cutWires() async throws {
    let wires = Wires(seenThrough: "risk")
    try await during(wires: wires) { stack, gate, _, url in
      func whole(_ wire: CuttableWire?) async throws {
        wire?.become(.whole)
        try await opens(gate, over: stack)
      }
      for (index, stage) in (Surroundings.isSoak ? ServiceStack.stages : ["ws", "execution"]).enumerated() {
        wires.toBus[stage]?.become(index.isMultiple(of: 2) ? .broken : .silent)
        let answer = try await gate.names("system", ["bus_failed"], promised: .seconds(30))
        #expect(answer.summary.contains(stage), "\(stage): \(answer.summary)")
        try await gate.gate(is: "tripped")
        try await whole(wires.toBus[stage])
      }
      wires.toStore?.become(.broken)
      try await gate.names("database", ["stage_failed", "stalled"], promised: .seconds(30))
      try await gate.gate(is: "tripped")
      try await whole(wires.toStore)
      wires.toStage?.become(.silent)
      try await gate.names("risk", ["process_lost"], promised: .seconds(30))
      try await gate.gate(is: "tripped")
      try await whole(wires.toStage)
      let stop = try await gate.command(["stop", "--reason", "a test"])
      #expect(stop.exit == .code(0), "\(stop.output) \(stop.errors)")
      try await stack.drain()
      try await same(as: url, stack)
    }
  }

  /// Starts again what has ended, whenever it does, as a container engine would, until the gate is open.
  private func opens(_ gate: LiveRun, over stack: ServiceStack) async throws {
    _ = try await eventually("the gate is open again", every: .milliseconds(100)) {
      for stage in ServiceStack.stages where stack.running(stage)?.exit != nil { try stack.start(stage) }
      return try await gate.gate().state == "open" ? true : nil
    }
  }

  /// The store is what a replay of ws's journal makes.
  private func same(as url: String, _ stack: ServiceStack) async throws {
    let report = try await CDB.replay(
      [stack.folder + "/data/journal"], ["--data-dir", stack.folder + "/again"], in: stack.folder)
    try await CDB.expectSame(url, stack.folder + "/again", digest: report.digest, in: stack.folder)
  }
}
