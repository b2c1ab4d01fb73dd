import CDBDomain
import Foundation
import RedisServerFixture
import RedisTransport
import Testing

@testable import CDBPipeline

@Suite(
  "An edge over Redis Streams", .serialized, .enabled(if: RedisServer.isExpected, "\(RedisServer.missing)"),
  .timeLimit(.minutes(10)))
struct RedisEdgeTests {
  @Test("what a producer's stage sends arrives at the consumer's stage, markers in all partitions at once")
  func mailboxes() async throws {
    try await RedisServer.run { server in
      let starts = [EdgeStart(partition: 0), EdgeStart(partition: 1)]
      let writer = EdgeBench.writer(server, starts: starts)
      let reader = EdgeBench.reader(server, starts: starts)
      let output = Mailbox<[Batch]>(capacity: 100)
      let input = Mailbox<[Batch]>(capacity: 100)
      var random = RandomBatches(seed: 7)
      let first = try random.chain(50, partition: 0, barriers: false)
      let second = try random.chain(50, partition: 1, barriers: false)
      try await writer.open()
      async let sent: Void = writer.run(from: output)
      async let read: Void = reader.run(into: input)
      for (index, (a, b)) in zip(first, second).enumerated() {
        var group = [a, b]
        let marker: Marker? = index == 49 ? .end : index % 10 == 9 ? .barrier(UInt64(index)) : nil
        for place in group.indices { group[place].marker = marker }
        try await output.send(group, weight: group.weight)
      }
      output.close()
      var received: [UInt16: [Envelope]] = [:]
      var markers: [[Marker]] = []
      while let group = await input.receive() {
        for batch in group { received[batch.partition, default: []] += batch.envelopes }
        let inGroup = group.compactMap(\.marker)
        if !inGroup.isEmpty { markers.append(inGroup) }
        if inGroup.first == .end { break }
      }
      try await sent
      try await read
      #expect(received[0] == first.flatMap(\.envelopes) && received[1] == second.flatMap(\.envelopes))
      #expect(
        markers == [9, 19, 29, 39].map { [.barrier($0), .barrier($0)] } + [[.end, .end]])
    }
  }

  @Test("what the consumer covers is heard of all partitions with one question")
  func covered() async throws {
    try await RedisServer.run { server in
      let partitions = (0..<UInt16(40)).map { $0 }
      let writer = EdgeBench.writer(server, starts: partitions.map { EdgeStart(partition: $0) })
      try await writer.open()
      for partition in partitions where partition != 7 {
        try await server.ask("SET", "test:{market_data:\(partition)}:covered", "\(partition + 1)")
      }
      func packets() async throws -> Int {
        let text = try await server.ask("INFO", "stats").text ?? ""
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("total_reads_processed:") }
        return line.flatMap { Int($0.dropFirst("total_reads_processed:".count)) } ?? 0
      }
      let before = try await packets()
      await writer.askWhatIsCovered()
      let after = try await packets()
      for partition in partitions {
        #expect(await writer.covered[partition] == (partition == 7 ? 0 : UInt64(partition) + 1))
      }
      #expect(after - before < 20, "\(after - before) reads of the server for \(partitions.count) partitions")
      await writer.close()
    }
  }

  @Test("it says when its server is away, and when it is back")
  func news() async throws {
    try await RedisServer.run { server in
      let bell = Bell()
      let writer = RedisEdgeWriter(
        client: EdgeBench.client(server), stream: .marketData, starts: [EdgeStart(partition: 0)],
        options: EdgeBench.options, clock: ContinuousClock(), nonce: "a", news: bell.ring)
      try await writer.open()
      let whole = bell.count
      server.kill()
      let sending = Task {
        try await writer.send([ticks([1], stream: .marketData)])
        try await writer.flush()
      }
      await bell.rings(after: whole)
      #expect(await writer.trouble != nil)
      let away = bell.count
      try await server.start()
      await bell.rings(after: away)
      try await sending.value
      #expect(await writer.trouble == nil)
      await writer.close()
    }
  }

  @Test("a large batch is sent as several entries, and its marker stands behind them all")
  func split() async throws {
    try await RedisServer.run { server in
      var options = EdgeBench.options
      options.eventsPerEntry = 10
      let writer = EdgeBench.writer(server, options: options)
      try await writer.open()
      try await writer.send([ticks(Array(1...35), marker: .barrier(1), stream: .marketData)])
      try await writer.flush()
      #expect(try await server.ask("XLEN", "test:{market_data:0}") == .integer(5))
      let reader = EdgeBench.reader(server, options: options)
      var consumer = Consumer()
      while consumer.markers.isEmpty { try consumer.take(try await reader.next()) }
      #expect(consumer.events.map(\.time.nanoseconds) == Array(1...35))
      #expect(consumer.markers == [.barrier(1)])
    }
  }

  @Test("a producer waits while the stream is full, and goes on when a snapshot covers what was read")
  func backPressure() async throws {
    try await RedisServer.run { server in
      var options = EdgeBench.options
      options.maximumEntries = 20
      let writer = EdgeBench.writer(server, options: options)
      let reader = EdgeBench.reader(server, options: options)
      try await writer.open()
      let sending = Task {
        for number in 1...100 {
          try await writer.send([ticks([Int64(number)], first: UInt64(number), stream: .marketData)])
        }
        try await writer.flush()
      }
      var consumer = Consumer()
      #expect(
        try await eventually { try await server.ask("XLEN", "test:{market_data:0}").integer ?? 0 >= 20 })
      while consumer.events.count < 20 { try consumer.take(try await reader.next()) }
      let held = try await server.ask("XLEN", "test:{market_data:0}").integer ?? 0
      #expect(held <= 21, "what waits is bounded")
      while consumer.events.count < 100 {
        try await reader.cover([0: consumer.acceptance.position(of: 0)])
        try consumer.take(try await reader.next())
      }
      try await sending.value
      try await reader.cover([0: 100])
      #expect(try await server.ask("XLEN", "test:{market_data:0}") == .integer(0))
      #expect(consumer.events.map(\.time.nanoseconds) == Array(1...100))
    }
  }

  @Test("what is let go of is said while a read waits for entries, and not behind it")
  func coversWhileItWaits() async throws {
    try await RedisServer.run { server in
      var options = EdgeBench.options
      options.blockTime = .seconds(60)
      let writer = EdgeBench.writer(server, options: options)
      let reader = EdgeBench.reader(server, options: options)
      try await writer.open()
      try await writer.send([ticks([1, 2, 3], stream: .marketData)])
      try await writer.flush()
      _ = try await reader.next()
      let waiting = Task { try await reader.next() }
      func isBlocked() async throws -> Bool {
        try await server.ask("INFO", "clients").text?.contains("blocked_clients:1") == true
      }
      #expect(try await eventually { try await isBlocked() })
      try await reader.cover([0: 3])
      #expect(try await isBlocked(), "the read had not ended")
      #expect(try await server.ask("XLEN", "test:{market_data:0}") == .integer(0))
      try await writer.send([ticks([4], first: 4, stream: .marketData)])
      #expect(try await waiting.value.flatMap(\.envelopes).count == 1)
    }
  }

  @Test(
    "a restarted producer sends only what its stream does not have, a restarted consumer reads from its snapshot"
  )
  func restart() async throws {
    try await RedisServer.run { server in
      var random = RandomBatches(seed: 3)
      let batches = try random.chain(60, barriers: false)
      let first = EdgeBench.writer(server)
      try await first.open()
      for batch in batches[..<40] { try await first.send([batch]) }
      try await first.flush()
      await first.close()
      // Its snapshot stands behind batch 20; what follows it makes again, cut in another way.
      let snapshot = batches[19].lastSequence
      let second = EdgeBench.writer(
        server, starts: [EdgeStart(partition: 0, sequence: snapshot)], nonce: "b")
      try await second.open()
      let rest = batches[20...].flatMap(\.envelopes)
      var next = snapshot + 1
      for start in stride(from: 0, to: rest.count, by: 7) {
        var batch = batches[0]
        batch.envelopes = Array(rest[start..<min(start + 7, rest.count)])
        batch.firstSequence = next
        next += UInt64(batch.envelopes.count)
        try await second.send([batch])
      }
      try await second.flush()
      var consumer = Consumer()
      let position = batches[9].lastSequence
      consumer.acceptance.restore(position, partition: 0)
      let reader = EdgeBench.reader(server, starts: [EdgeStart(partition: 0, sequence: position)])
      let expected = batches[10...].flatMap(\.envelopes)
      while consumer.events.count < expected.count { try consumer.take(try await reader.next()) }
      #expect(consumer.events == expected)
    }
  }

  @Test("a barrier that the consumer's snapshot is of does not come a second time")
  func barrierOnce() async throws {
    try await RedisServer.run { server in
      let writer = EdgeBench.writer(server)
      try await writer.open()
      try await writer.send([ticks([1, 2], stream: .marketData)])
      try await writer.send([ticks([], first: 3, watermark: 2, marker: .barrier(4), stream: .marketData)])
      try await writer.send([ticks([3], first: 3, marker: .barrier(5), stream: .marketData)])
      try await writer.flush()
      let reader = EdgeBench.reader(server, starts: [EdgeStart(partition: 0, sequence: 2, barrier: 4)])
      var consumer = Consumer()
      consumer.acceptance.restore(2, partition: 0)
      while consumer.markers.isEmpty { try consumer.take(try await reader.next()) }
      #expect(consumer.events.count == 1 && consumer.markers == [.barrier(5)])
    }
  }

  @Test("two producers: the second waits, takes over when the first is silent, and the first writes no more")
  func owners() async throws {
    try await RedisServer.run { server in
      var options = EdgeBench.options
      options.leaseTime = .milliseconds(300)
      let first = EdgeBench.writer(server, options: options)
      try await first.open()
      try await first.send([ticks([1], stream: .marketData)])
      try await first.flush()
      let second = EdgeBench.writer(server, options: options, nonce: "b")
      let owned = try await #require(throws: PartitionOwned.self) { try await second.open() }
      #expect(owned.owner == "1-a" && !owned.wasHeld)
      #expect(
        "\(owned)".contains("another instance (1-a) has it, or has died with it; it is taken over when"),
        "\(owned)")
      // The first says nothing for longer than its lease.
      try await second.open(waits: true)
      try await second.send([ticks([1], stream: .marketData), ticks([2], first: 2, stream: .marketData)])
      try await second.flush()
      let zombie = try await #require(throws: PartitionOwned.self) {
        try await first.send([ticks([99], first: 2, stream: .marketData)])
        try await first.flush()
      }
      #expect(zombie.owner == "2-b" && zombie.wasHeld)
      let trouble = await first.trouble
      for said in ["\(zombie)", trouble ?? "nothing"] {
        #expect(said.contains("partition 0: another instance (2-b) has taken over"), "\(said)")
        #expect(said.hasSuffix("this one steps back") && !said.contains("FENCED"), "\(said)")
      }
      let reader = EdgeBench.reader(server)
      var consumer = Consumer()
      while consumer.events.count < 2 { try consumer.take(try await reader.next()) }
      #expect(consumer.events.map(\.time.nanoseconds) == [1, 2])
    }
  }

  @Test("a lease that ran out is told in words, whoever has it now")
  func leaseLost() {
    let nobody = LeaseLost("FENCED nobody", stream: .orders, partition: 3)
    #expect(nobody.owner == nil)
    #expect(
      "\(nobody)".hasPrefix(
        "edge orders, partition 3: this instance was not heard of for longer than bus.lease"))
    #expect("\(nobody)".contains("nobody has taken over, and it takes it again"), "\(nobody)")
    let other = LeaseLost("FENCED 7-b", stream: .orders, partition: 3)
    #expect(other.owner == "7-b" && "\(other)".contains("another instance (7-b) has taken over"), "\(other)")
  }

  @Test("an owner that looks after its lease keeps it while it is idle")
  func maintained() async throws {
    try await RedisServer.run { server in
      var options = EdgeBench.options
      options.leaseTime = .milliseconds(600)
      let first = EdgeBench.writer(server, options: options)
      try await first.open()
      let maintaining = Task { try await first.maintain() }
      let second = EdgeBench.writer(server, options: options, nonce: "b")
      let start = ContinuousClock.now
      while ContinuousClock.now - start < .seconds(2) {
        await #expect(throws: PartitionOwned.self) { try await second.open() }
      }
      maintaining.cancel()
      _ = await maintaining.result
      await first.close()
      try await second.open()
    }
  }

  @Test("entries that are none of the pipeline's are named")
  func foreign() async throws {
    try await RedisServer.run { server in
      try await server.ask("XADD", "test:{market_data:0}", "5-0", "other", "x")
      let reader = EdgeBench.reader(server)
      let error = try await #require(throws: ForeignEntry.self) { _ = try await reader.next() }
      #expect("\(error)".contains("test:{market_data:0}, entry 5-0"))
      try await server.ask("DEL", "test:{market_data:0}")
      try await server.ask("XADD", "test:{market_data:0}", "5-0", "b", "x")
      let again = EdgeBench.reader(server)
      await #expect(throws: ForeignEntry.self) { _ = try await again.next() }
    }
  }

  @Test("over a cluster the partitions have nodes of their own")
  func cluster() async throws {
    try await RedisServer.runCluster { first, _ in
      let address = RedisAddress(form: .cluster, endpoints: [first.endpoint])
      func client() -> RedisClient { RedisClient(address, clock: ContinuousClock()) { 1 } }
      let starts = (0..<6).map { EdgeStart(partition: $0) }
      let slots = starts.map {
        KeySlot.of(EdgeKeys(prefix: "test", stream: .marketData, partition: $0.partition).stream)
      }
      #expect(slots.contains { $0 < 8_192 } && slots.contains { $0 > 8_191 }, "both nodes have some")
      let writer = RedisEdgeWriter(
        client: client(), stream: .marketData, starts: starts, options: EdgeBench.options,
        clock: ContinuousClock(), nonce: "a")
      let reader = RedisEdgeReader(
        client: client(), covering: client(), stream: .marketData, starts: starts,
        options: EdgeBench.options,
        clock: ContinuousClock())
      try await writer.open()
      for number in 1...50 {
        try await writer.send(
          starts.map {
            ticks([Int64(number)], first: UInt64(number), partition: $0.partition, stream: .marketData)
          })
      }
      try await writer.flush()
      var consumer = Consumer()
      while consumer.events.count < 300 { try consumer.take(try await reader.next()) }
      try await reader.cover(Dictionary(uniqueKeysWithValues: starts.map { ($0.partition, 50) }))
      #expect(await reader.read == Dictionary(uniqueKeysWithValues: starts.map { ($0.partition, 50) }))
    }
  }

  @Test("a lease whose answer was lost is the producer's own, and not somebody else's")
  func lostAnswer() async throws {
    try await RedisServer.run { server in
      let writer = EdgeBench.writer(server, nonce: "me")
      try await writer.open()
      try await writer.send([ticks([1, 2], first: 1, stream: .marketData)])
      try await writer.flush()
      // As after a lease that ran out, and was taken again by a command whose answer did not come.
      try await server.ask("SET", "test:{market_data:0}:owner", "7-me")
      try await writer.send([ticks([3], first: 3, stream: .marketData)])
      try await writer.flush()
      #expect(try await server.ask("XLEN", "test:{market_data:0}") == .integer(2))
      try await server.ask("SET", "test:{market_data:0}:owner", "8-not-me")
      await #expect(throws: PartitionOwned.self) {
        try await writer.send([ticks([4], first: 4, stream: .marketData)])
        try await writer.flush()
      }
    }
  }
}
