import CDBDomain
import Testing

@testable import CDBPipeline

@Suite("Batches as bytes")
struct BatchCodingTests {
  private func decode(_ bytes: [UInt8], clock: PipelineClock = .process) throws -> Batch {
    try bytes.withUnsafeBytes { try BatchCoding.decode($0, clock: clock) }
  }

  @Test("random batches of all kinds of events come out as they went in", arguments: UInt64(1)...40)
  func roundTrip(seed: UInt64) throws {
    var batches = RandomBatches(seed: seed)
    for batch in try batches.chain(20, stream: .orders, partition: 7, first: seed << 40) {
      #expect(try decode(BatchCoding.encode(batch)).contents == batch.contents)
    }
  }

  @Test("whatever is cut off, the rest is refused", arguments: UInt64(1)...(Soak.isOn ? 10 : 3))
  func truncated(seed: UInt64) throws {
    var batches = RandomBatches(seed: seed)
    for batch in try batches.chain(5) {
      let bytes = try BatchCoding.encode(batch)
      for length in 0..<bytes.count {
        #expect(throws: BatchCodingError.self) { try decode(Array(bytes[..<length])) }
      }
      #expect(throws: BatchCodingError.self) { try decode(bytes + [0]) }
    }
  }

  @Test("bytes that were changed crash nothing", arguments: UInt64(1)...(Soak.isOn ? 60 : 20))
  func changed(seed: UInt64) throws {
    var batches = RandomBatches(seed: seed)
    var refused = 0
    for batch in try batches.chain(10) {
      let bytes = try BatchCoding.encode(batch)
      for _ in 0..<100 {
        var changed = bytes
        for _ in 0...Int.random(in: 0..<3, using: &batches.random) {
          changed[Int.random(in: 0..<changed.count, using: &batches.random)] = UInt8.random(
            in: 0...255, using: &batches.random)
        }
        do { _ = try decode(changed) } catch is BatchCodingError { refused += 1 }
      }
    }
    #expect(refused > 0)
  }

  @Test("random bytes crash nothing", arguments: UInt64(1)...40)
  func noise(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      var bytes = (0..<Int.random(in: 0..<80, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      if !bytes.isEmpty { bytes[0] = BatchCoding.version }
      do { _ = try decode(bytes) } catch is BatchCodingError {}
    }
  }

  @Test("a batch that announces more events than could follow takes no memory for them")
  func announced() throws {
    var writer = ByteWriter(capacity: 32)
    for byte: UInt8 in [BatchCoding.version, 1] { writer.byte(byte) }
    for number: UInt64 in [0, 1, 0] { writer.unsigned(number) }
    for byte: UInt8 in [0, 0] { writer.byte(byte) }
    writer.signed(0)
    writer.unsigned(1 << 60)
    let error = try #require(throws: BatchCodingError.self) { try decode(writer.bytes) }
    #expect(error.problem == "more is announced than follows")
  }

  @Test("another version is refused by its number")
  func version() throws {
    var bytes = try BatchCoding.encode(ticks([1]))
    bytes[0] = 9
    let error = try #require(throws: BatchCodingError.self) { try decode(bytes) }
    #expect("\(error)".contains("version 9"))
  }

  @Test("the moment of intake goes over to another process's clock")
  func intake() throws {
    var batch = ticks([1])
    batch.ingestedAt = 900
    let here = PipelineClock(monotonic: { 1_000 }, wall: { EventTime(nanoseconds: 5_000) })
    // 100 ns old when it was sent, and 30 ns under way.
    let there = PipelineClock(monotonic: { 70_000 }, wall: { EventTime(nanoseconds: 5_030) })
    #expect(try decode(BatchCoding.encode(batch, clock: here), clock: there).ingestedAt == 70_000 - 130)
    // A wall clock that is behind takes nothing away.
    let behind = PipelineClock(monotonic: { 70_000 }, wall: { EventTime(nanoseconds: 1) })
    #expect(try decode(BatchCoding.encode(batch, clock: here), clock: behind).ingestedAt == 70_000 - 100)
    batch.ingestedAt = 0
    #expect(try decode(BatchCoding.encode(batch, clock: here), clock: there).ingestedAt == 0)
  }
}
