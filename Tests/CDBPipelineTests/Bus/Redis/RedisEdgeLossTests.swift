import CDBDomain
import Foundation
import RedisServerFixture
import RedisTransport
import Testing

@testable import CDBPipeline

@Suite(
  "A Redis that loses something", .serialized, .enabled(if: RedisServer.isExpected, "\(RedisServer.missing)"),
  .timeLimit(.minutes(10)))
struct RedisEdgeLossTests {
  static let key = "test:{market_data:0}"

  private func send(_ numbers: ClosedRange<UInt64>, with writer: RedisEdgeWriter) async throws {
    for number in numbers {
      try await writer.send([ticks([Int64(number)], first: number, stream: .marketData)])
    }
    try await writer.flush()
  }

  @Test("a server that was killed and lost its newest entries is refilled")
  func tail() async throws {
    try await RedisServer.run(["--appendonly", "yes", "--appendfsync", "everysec"]) { server in
      let writer = EdgeBench.writer(server)
      try await writer.open()
      try await send(1...200, with: writer)
      server.kill()
      try tearAppendOnlyFile(of: server, bytes: 3_000)
      try await server.start()
      let left = try await server.ask("XLEN", Self.key).integer ?? 0
      #expect(left < 200)
      try await send(201...210, with: writer)
      #expect(await writer.refilled == 200 - Int(left))
      let reader = EdgeBench.reader(server)
      var consumer = Consumer()
      while consumer.events.count < 210 { try consumer.take(try await reader.next()) }
      #expect(consumer.events.map(\.time.nanoseconds) == Array(1...210) && consumer.redelivered == 0)
    }
  }

  @Test("a server that forgot everything is refilled, also while the producer has nothing to send")
  func flushed() async throws {
    try await RedisServer.run { server in
      var options = EdgeBench.options
      options.leaseTime = .milliseconds(300)
      let writer = EdgeBench.writer(server, options: options)
      let reader = EdgeBench.reader(server)
      try await writer.open()
      try await send(1...50, with: writer)
      var consumer = Consumer()
      while consumer.events.count < 50 { try consumer.take(try await reader.next()) }
      try await reader.cover([0: 30])
      let maintaining = Task { try await writer.maintain() }
      #expect(await eventually { await writer.covered[0] == 30 })
      try await server.ask("FLUSHALL")
      #expect(try await eventually { try await server.ask("XLEN", Self.key) == .integer(20) })
      try await send(51...60, with: writer)
      while consumer.events.count < 60 { try consumer.take(try await reader.next()) }
      #expect(consumer.events.map(\.time.nanoseconds) == Array(1...60))
      maintaining.cancel()
      _ = await maintaining.result
    }
  }

  @Test("a loss that the producer cannot fill has its numbers, at the producer and at the consumer")
  func unfillable() async throws {
    try await RedisServer.run { server in
      let first = EdgeBench.writer(server)
      try await first.open()
      try await send(1...50, with: first)
      let reader = EdgeBench.reader(server)
      var consumer = Consumer()
      while consumer.events.count < 10 { try consumer.take(try await reader.next()) }
      let read = await reader.read[0] ?? 0
      try await server.ask("FLUSHALL")
      let second = EdgeBench.writer(server, starts: [EdgeStart(partition: 0, sequence: 60)], nonce: "b")
      // What the consumer has decides what is missing, and the server has forgotten that too.
      let forgotten = try await #require(throws: ForgottenStream.self) { try await second.open() }
      #expect("\(forgotten)".contains("core has to say what it has"))
      try await server.ask("SET", Self.key + ":covered", "0")
      let error = try await #require(throws: EdgeLoss.self) { try await second.open() }
      #expect(error == EdgeLoss(stream: .marketData, partition: 0, cause: .vanished, missing: 1...60))
      // One that was told what is not so goes on, and the consumer sees it.
      let third = EdgeBench.writer(
        server, starts: [EdgeStart(partition: 0, sequence: 60, covered: 60)], nonce: "b")
      try await third.open()
      try await send(61...61, with: third)
      let loss = try await #require(throws: EdgeLoss.self) {
        while true { try consumer.take(try await reader.next()) }
      }
      #expect(loss.cause == .vanished && loss.missing == (read + 1)...60)
    }
  }

  @Test("a stream that somebody shortened beyond what was read is named, empty or not")
  func trimmed() async throws {
    try await RedisServer.run { server in
      let writer = EdgeBench.writer(server)
      try await writer.open()
      try await send(1...50, with: writer)
      try await server.ask("XTRIM", Self.key, "MAXLEN", "10")
      let loss = try await #require(throws: EdgeLoss.self) { _ = try await EdgeBench.reader(server).next() }
      #expect(loss == EdgeLoss(stream: .marketData, partition: 0, cause: .trimmed, missing: 1...40))
      #expect("\(loss)".contains("edge market_data, partition 0: events 1 to 40 were trimmed"))
      try await server.ask("XTRIM", Self.key, "MAXLEN", "0")
      let all = try await #require(throws: EdgeLoss.self) { _ = try await EdgeBench.reader(server).next() }
      #expect(all.missing == 1...50 && all.cause == .trimmed)
      // The producer goes on behind it, and does not send again what Redis would refuse.
      try await send(51...52, with: writer)
      #expect(try await server.ask("XLEN", Self.key) == .integer(2))
    }
  }

  @Test(
    "what a snapshot of the consumer had is not trimmed by somebody: the consumer is another, or begins too early"
  )
  func consumed() async throws {
    try await RedisServer.run { server in
      let writer = EdgeBench.writer(server)
      try await writer.open()
      try await send(1...50, with: writer)
      let reader = EdgeBench.reader(server)
      var consumer = Consumer()
      while consumer.events.count < 50 { try consumer.take(try await reader.next()) }
      for (covered, start) in [(UInt64(40), UInt64(0)), (40, 20), (50, 20)] {
        try await reader.cover([0: covered])
        let other = EdgeBench.reader(server, starts: [EdgeStart(partition: 0, sequence: start)])
        let loss = try await #require(throws: EdgeLoss.self) { _ = try await other.next() }
        #expect(
          loss
            == EdgeLoss(stream: .marketData, partition: 0, cause: .consumed, missing: (start + 1)...covered))
        #expect("\(loss)".contains("a snapshot of core had them") && !"\(loss)".contains("XTRIM"), "\(loss)")
      }
      // Beyond what it had it is somebody's doing.
      try await send(51...60, with: writer)
      try await server.ask("XTRIM", Self.key, "MAXLEN", "5")
      let late = EdgeBench.reader(server, starts: [EdgeStart(partition: 0, sequence: 50)])
      let loss = try await #require(throws: EdgeLoss.self) { _ = try await late.next() }
      #expect(loss == EdgeLoss(stream: .marketData, partition: 0, cause: .trimmed, missing: 51...55))
    }
  }

  @Test("an entry that somebody deleted in the middle is named")
  func deleted() async throws {
    try await RedisServer.run { server in
      let writer = EdgeBench.writer(server)
      try await writer.open()
      try await send(1...20, with: writer)
      try await server.ask("XDEL", Self.key, "7-0")
      let reader = EdgeBench.reader(server)
      let loss = try await #require(throws: EdgeLoss.self) { while true { _ = try await reader.next() } }
      #expect(loss == EdgeLoss(stream: .marketData, partition: 0, cause: .deleted, missing: 7...7))
    }
  }

  @Test("a server that evicts streams is named with its policy")
  func evicted() async throws {
    try await RedisServer.run(["--maxmemory-policy", "allkeys-lru", "--maxmemory-samples", "64"]) { server in
      let writer = EdgeBench.writer(server)
      try await writer.open()
      try await send(1...50, with: writer)
      let reader = EdgeBench.reader(server)
      var consumer = Consumer()
      while consumer.events.count < 50 { try consumer.take(try await reader.next()) }
      // Memory for little more than there is, and other keys that are newer.
      try await server.ask("CONFIG", "SET", "maxmemory", "3mb")
      var number = 0
      let isGone = try await eventually {
        number += 1
        _ = try? await server.ask("SET", "other\(number)", String(repeating: "x", count: 100_000))
        return try await server.ask("EXISTS", Self.key) == .integer(0)
      }
      #expect(isGone)
      try await server.ask("CONFIG", "SET", "maxmemory", "0")
      let successor = EdgeBench.writer(
        server, starts: [EdgeStart(partition: 0, sequence: 60, covered: 60)], nonce: "b")
      try await successor.open(waits: true)
      try await send(61...61, with: successor)
      let loss = try await #require(throws: EdgeLoss.self) {
        while true { try consumer.take(try await reader.next()) }
      }
      #expect(loss.cause == .evicted(policy: "allkeys-lru") && loss.missing == 51...60)
      #expect("\(loss)".contains("noeviction"))
    }
  }

  @Test("a server without memory holds the producer up and says so; nothing is missing afterwards")
  func outOfMemory() async throws {
    try await RedisServer.run { server in
      let writer = EdgeBench.writer(server)
      try await writer.open()
      try await send(1...10, with: writer)
      try await server.ask("CONFIG", "SET", "maxmemory", "1")
      let sending = Task { try await self.send(11...300, with: writer) }
      #expect(await eventually { await writer.trouble?.contains("maxmemory") == true })
      try await server.ask("CONFIG", "SET", "maxmemory", "0")
      try await sending.value
      #expect(await writer.trouble == nil)
      let reader = EdgeBench.reader(server)
      var consumer = Consumer()
      while consumer.events.count < 300 { try consumer.take(try await reader.next()) }
      #expect(consumer.events.map(\.time.nanoseconds) == Array(1...300))
    }
  }

  @Test("a server that stands still: both ends wait and go on, and nothing is doubled")
  func stopped() async throws {
    try await RedisServer.run { server in
      let writer = EdgeBench.writer(server, timeout: .milliseconds(300))
      let reader = EdgeBench.reader(server, timeout: .milliseconds(300))
      try await writer.open()
      try await send(1...10, with: writer)
      server.signal(SIGSTOP)
      let sending = Task { try await self.send(11...400, with: writer) }
      let reading = Task {
        var consumer = Consumer()
        while consumer.events.count < 400 { try consumer.take(try await reader.next()) }
        return consumer
      }
      #expect(await eventually { await writer.trouble != nil })
      #expect(await eventually { await reader.trouble != nil })
      server.signal(SIGCONT)
      try await sending.value
      #expect(try await reading.value.events.map(\.time.nanoseconds) == Array(1...400))
      #expect(try await server.ask("XLEN", Self.key) == .integer(400))
    }
  }

  @Test(
    "random batches, cut connections and restarts that lose the newest entries: every event comes once and in order",
    arguments: UInt64(1)...4)
  func everything(seed: UInt64) async throws {
    try await RedisServer.run(["--appendonly", "yes", "--appendfsync", "everysec"]) { server in
      var random = RandomBatches(seed: seed)
      let batches = try random.chain(1_500, largest: 6)
      let expected = batches.flatMap(\.envelopes)
      let writer = EdgeBench.writer(server)
      let reader = EdgeBench.reader(server)
      try await writer.open()
      let sending = Task {
        var random = SeededGenerator(seed: seed)
        var index = 0
        while index < batches.count {
          let end = min(batches.count, index + Int.random(in: 1...8, using: &random))
          try await writer.send(Array(batches[index..<end]))
          index = end
          if Int.random(in: 0..<4, using: &random) == 0 { try await writer.flush() }
        }
        try await writer.flush()
      }
      let reading = Task {
        var consumer = Consumer()
        while consumer.events.count < expected.count { try consumer.take(try await reader.next()) }
        return consumer
      }
      var kills = SeededGenerator(seed: seed &+ 1_000)
      for round in 0..<12 {
        // Something must have moved since the last blow.
        let before = await writer.confirmed[0] ?? 0
        _ = await eventually(within: .seconds(5)) { await writer.confirmed[0] ?? 0 > before + 20 }
        if round % 3 == 2 {
          server.kill()
          try tearAppendOnlyFile(of: server, bytes: Int.random(in: 0...4_000, using: &kills))
          try await server.start()
        } else {
          try await server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        }
      }
      try await sending.value
      let consumer = try await reading.value
      #expect(consumer.events == expected)
    }
  }
}
