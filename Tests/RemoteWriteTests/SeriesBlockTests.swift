import OpenMetrics
import ProgramFixture
import Testing

@testable import RemoteWrite

@Suite("Samples as a block at once")
struct SeriesBlockTests {
  /// Series as they stand in a table, by their numbers.
  private struct Series {
    private(set) var labels: [[UInt8]] = []
    private var arena: [UInt8] = []
    private var ranges: [Range<Int>] = []
    private var known: [Resemblance] = []

    mutating func add(_ labels: SeriesLabels) {
      let bytes = WireWriter.encode(labels)
      ranges.append(arena.count..<arena.count + bytes.count)
      arena += bytes
      self.labels.append(bytes)
      known.append(Resemblance())
    }

    mutating func append(_ number: Int, bits: UInt64, time: Int64, to block: inout SeriesBlock) {
      var known = known[number]
      let ranges = ranges
      arena.withUnsafeBytes { arena in
        block.append(
          series: Int32(number), known: &known,
          labels: UnsafeRawBufferPointer(rebasing: arena[ranges[number]]),
          labelsOf: { UnsafeRawBufferPointer(rebasing: arena[ranges[Int($0)]]) }, bits: bits, time: time)
      }
      self.known[number] = known
    }
  }

  /// The message that the block must hold.
  private static func message(_ labels: [[UInt8]], _ samples: [(number: Int, bits: UInt64)], _ time: Int64)
    -> [UInt8]
  {
    var bytes: [UInt8] = []
    for sample in samples {
      labels[sample.number].withUnsafeBytes {
        WireWriter.appendSeries(labels: $0, bits: sample.bits, time: time, to: &bytes)
      }
    }
    return bytes
  }

  private static func randomBits(_ random: inout SeededGenerator, _ last: UInt64) -> UInt64 {
    switch Int.random(in: 0..<7, using: &random) {
    case 0: last
    case 1: Double(Int.random(in: 0...100_000, using: &random)).bitPattern
    case 2: SampleValue.stale
    case 3: 0
    case 4: last ^ 1 << UInt64.random(in: 0..<64, using: &random)
    case 5: Double.random(in: 0...1, using: &random).bitPattern
    default: random.next()
    }
  }

  @Test(
    "snappy reads the messages that were appended, to the bit, from scrape to scrape, whatever comes and goes, and between others",
    arguments: UInt64(1)...30)
  func property(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var series = Series()
    let most = [3, 20, 80].randomElement(using: &random) ?? 3
    for _ in 0..<most {
      var labels: SeriesLabels = ["__name__": "m\(Int.random(in: 0..<9, using: &random))"]
      for name in ["a", "job", "z"] where Bool.random(using: &random) {
        labels[name] = EncodingTests.randomText(&random)
      }
      if Int.random(in: 0..<60, using: &random) == 0 {
        labels["long"] = String(repeating: "x", count: Int.random(in: 50...70_000, using: &random))
      }
      series.add(labels)
    }
    var block = SeriesBlock()
    var order = Array(0..<most)
    var bits: UInt64 = 0
    for scrape in 0..<6 {
      let times: [Int64] = [0, -1, .max, .min, 1_796_000_000_000 + Int64(scrape)]
      let time = times.randomElement(using: &random) ?? 0
      // The same order twice, then another, with some left out.
      if scrape % 2 == 1 { order.shuffle(using: &random) }
      var expected: [UInt8] = []
      var count = 0
      for number in order where scrape < 2 || Int.random(in: 0..<5, using: &random) > 0 {
        bits = Self.randomBits(&random, bits)
        let message = Self.message(series.labels, [(number, bits)], time)
        if scrape == 3, Int.random(in: 0..<4, using: &random) == 0 {
          block.append(message: message, time: time)
        } else {
          series.append(number, bits: bits, time: time, to: &block)
        }
        expected += message
        count += 1
      }
      #expect(block.samples == count && block.contentBytes == expected.count)
      let content = try SnappyBlock.decompress(block.finish())
      #expect(content == expected, "scrape \(scrape)")
      #expect(block.samples == 0)
    }
  }

  @Test("a block that is discarded leaves nothing in the next one")
  func discarding() throws {
    var series = Series()
    for index in 0..<5 { series.add(["__name__": "m", "i": "\(index)"]) }
    var block = SeriesBlock()
    for number in 0..<5 { series.append(number, bits: 7, time: 9, to: &block) }
    block.discard()
    series.append(3, bits: 1, time: 2, to: &block)
    let content = try SnappyBlock.decompress(block.finish())
    #expect(content == Self.message(series.labels, [(3, 1)], 2))
  }

  @Test("blocks are joined as others are")
  func joining() throws {
    var series = Series()
    for index in 0..<100 { series.add(["__name__": "m", "i": "\(index)"]) }
    var block = SeriesBlock()
    var blocks: [[UInt8]] = []
    var content: [UInt8] = []
    for part in 0..<4 {
      let numbers = part * 25..<(part + 1) * 25
      for number in numbers { series.append(number, bits: UInt64(number), time: 5, to: &block) }
      blocks.append(block.finish())
      content += Self.message(series.labels, numbers.map { ($0, UInt64($0)) }, 5)
    }
    #expect(try SnappyBlock.decompress(SnappyBlock.join(blocks)) == content)
  }

  @Test("a sample takes at most 22 bytes where series are like those of services")
  func size() throws {
    var series = Series()
    for index in 0..<1_000 {
      series.add([
        "__name__": "service_requests_\(index / 100)_total", "instance": "127.0.0.1:18080", "job": "bench",
        "method": ["get", "put", "post", "delete", "patch"][index % 5],
        "route": "/api/v1/resource_\(index / 5 % 10)/{id}",
        "status": index % 100 < 50 ? "200" : "500",
      ])
    }
    var block = SeriesBlock()
    let samples = (0..<1_000).map { ($0, Double($0 * 7_919 % 1_000_003).bitPattern) }
    for (number, bits) in samples { series.append(number, bits: bits, time: 1_796_000_000_000, to: &block) }
    let bytes = block.finish()
    #expect(bytes.count <= 22_000, "\(bytes.count)")
  }
}
