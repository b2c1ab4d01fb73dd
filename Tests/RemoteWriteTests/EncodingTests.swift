import OpenMetrics
import ProgramFixture
import Testing

@testable import RemoteWrite

@Suite("Encoding")
struct EncodingTests {
  static func randomText(_ random: inout SeededGenerator) -> String {
    let alphabet = Array("ab_:09é日🚀\"\\\n ,={}")
    return String(
      (0..<Int.random(in: 1...40, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
  }

  @Test("protobuf-c reads what was written, to the bit", arguments: UInt64(1)...50)
  func roundTrip(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var bytes: [UInt8] = []
    var expected: [WriteRequest.Series] = []
    for _ in 0..<Int.random(in: 0...50, using: &random) {
      var labels: SeriesLabels = ["__name__": "m"]
      for _ in 0..<Int.random(in: 0...8, using: &random) {
        labels[Self.randomText(&random)] = Self.randomText(&random)
      }
      let special: [UInt64] = [
        SampleValue.stale, SampleValue.notANumber, 0, (-0.0).bitPattern, Double.infinity.bitPattern,
      ]
      let bits = Bool.random(using: &random) ? special.randomElement(using: &random) ?? 0 : random.next()
      let times: [Int64] = [0, -1, 1, .max, .min, 1_796_000_000_000]
      let time = times.randomElement(using: &random) ?? 0
      WireWriter.encode(labels).withUnsafeBytes {
        WireWriter.appendSeries(labels: $0, bits: bits, time: time, to: &bytes)
      }
      expected.append(.init(labels: labels.labels, samples: [.init(bits: bits, time: time)]))
    }
    #expect(try WriteRequest(body: SnappyBlock.compress(bytes)).series == expected)
  }

  @Test("a staleness marker stays a signalling NaN on the whole way")
  func stale() throws {
    var bytes: [UInt8] = []
    WireWriter.encode(["__name__": "up"]).withUnsafeBytes {
      WireWriter.appendSeries(labels: $0, bits: SampleValue.stale, time: 1, to: &bytes)
    }
    let sample = try WriteRequest(body: SnappyBlock.compress(bytes)).series[0].samples[0]
    #expect(sample.bits == 0x7ff0_0000_0000_0002)
  }

  @Test("blocks that are joined hold what the blocks hold", arguments: UInt64(1)...30)
  func joining(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var contents: [[UInt8]] = []
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      // Some beyond the 64 KiB that snappy takes at once, and all of them repetitive, so that there are copies.
      let words = (0..<Int.random(in: 1...9, using: &random)).map { _ in Self.randomText(&random) }
      let count = Int.random(in: 0...9_000, using: &random)
      contents.append((0..<count).flatMap { _ in Array((words.randomElement(using: &random) ?? "").utf8) })
    }
    let joined = try SnappyBlock.join(contents.map(SnappyBlock.compress))
    #expect(try SnappyBlock.decompress(joined) == contents.flatMap { $0 })
  }

  @Test("a block that says it is larger than the limit is not unpacked, and one that is none is refused")
  func hostileBlocks() throws {
    #expect(throws: SnappyBlock.Fault.tooLarge(bytes: 1 << 30, limit: 1_000)) {
      try SnappyBlock.decompress([0x80, 0x80, 0x80, 0x80, 0x04, 0x00], limit: 1_000)
    }
    for bytes: [UInt8] in [
      [], [0x80], [5, 0, 1], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [3, 0xFE, 1, 0, 0],
    ] {
      #expect(throws: SnappyBlock.Fault.malformed) { try SnappyBlock.decompress(bytes) }
    }
  }

  @Test("whatever bytes a request is made of, reading it ends", arguments: UInt64(1)...200)
  func hostileRequests(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var bytes: [UInt8] = []
    for index in 0..<20 {
      WireWriter.encode(["__name__": "m", "i": "\(index)"]).withUnsafeBytes {
        WireWriter.appendSeries(labels: $0, bits: random.next(), time: 1, to: &bytes)
      }
    }
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
    }
    if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
    _ = try? WriteRequest(body: SnappyBlock.compress(bytes))
    _ = SeriesHashes.of(SnappyBlock.compress(bytes))
  }
}
