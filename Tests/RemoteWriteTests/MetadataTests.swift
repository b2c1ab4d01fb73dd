import OpenMetrics
import Testing

@testable import RemoteWrite

@Suite("Metadata")
struct MetadataTests {
  private static func reader(_ interval: Int64? = 60_000, samplesPerFragment: Int = 1_000) -> ScrapeReader {
    makeReader(
      target: [:],
      routes: [
        SampleRoute(
          externalLabels: [:], rules: [], samplesPerFragment: samplesPerFragment, metadataInterval: interval)
      ])
  }

  private static func metadata(_ summary: ScrapeSummary) throws -> [WriteRequest.Metadata] {
    try summary.fragments[0].flatMap { try WriteRequest(body: $0.body).metadata }
  }

  private static let open = """
    # TYPE a_seconds counter
    # UNIT a_seconds seconds
    # HELP a_seconds one \\\\ two\\nthree
    a_seconds_total 1
    a_seconds_total{x="1"} 1
    # TYPE b gauge
    # TYPE c gaugehistogram
    c_bucket{le="+Inf"} 1
    # EOF

    """
  private static let expected = [
    WriteRequest.Metadata(family: "a_seconds", type: 1, help: "one \\ two\nthree", unit: "seconds"),
    WriteRequest.Metadata(family: "c", type: 4, help: "", unit: ""),
  ]

  @Test("are sent with the first sample of their family, and again after the interval")
  func interval() throws {
    var reader = Self.reader()
    #expect(try Self.metadata(reader.open(Self.open, 1_000)) == Self.expected)
    #expect(try Self.metadata(reader.open(Self.open, 60_999)) == [])
    // A scrape that fails sends none, and the next one does.
    #expect(throws: ScrapeFault.self) { try reader.open("x\n", 61_000) }
    _ = reader.failed(time: 61_000, duration: 0)
    #expect(try Self.metadata(reader.open(Self.open, 62_000)) == Self.expected)
    var never = Self.reader(nil)
    #expect(try Self.metadata(never.open(Self.open, 1_000)) == [])
  }

  @Test("of the text format and of protobuf are the same")
  func formats() throws {
    var reader = Self.reader()
    let text =
      "# HELP n more\n # TYPE n untyped\nn 1\n#\n# TYPE\n# TYPE h histogram\nh_sum 1\n# HELP \"q.n\" x\n{\"q.n\"} 1\n"
    #expect(
      try Self.metadata(reader.text(text, 1_000)) == [
        .init(family: "n", type: 0, help: "more", unit: ""), .init(family: "h", type: 3, help: "", unit: ""),
      ])
    var other = Self.reader()
    let body =
      Message.family("c_total", type: 0, Message().message(3, Message().double(1, 1)))
      + Message.family("s", type: 2, Message().message(4, Message().number(1, 1)))
    #expect(
      try Self.metadata(other.read(protobuf: body, time: 1_000, duration: 0)) == [
        .init(family: "c_total", type: 1, help: "h", unit: ""),
        .init(family: "s", type: 5, help: "h", unit: ""),
      ])
  }

  @Test("are in each fragment that has samples of their family, and do not keep fragments from being joined")
  func fragments() throws {
    var reader = Self.reader(samplesPerFragment: 1)
    let fragments = try reader.open(Self.open, 1_000).fragments[0]
    let metadata = try fragments.map { try WriteRequest(body: $0.body).metadata }
    #expect(metadata.prefix(4) == [[Self.expected[0]], [Self.expected[0]], [Self.expected[1]], []])
    var cutter = BatchCutter(samplesPerBatch: 10)
    #expect(fragments.prefix(4).allSatisfy { cutter.add($0) })
  }

  @Test("in remote write 2.0 stand in the series of their family")
  func version2() throws {
    var reader = Self.reader()
    let body = try reader.open(Self.open, 1_000).fragments[0][0].body
    let bytes = try SnappyBlock.decompress(WriteRequest.version2(of: body))
    try bytes.withUnsafeBytes { bytes in
      var symbols: [String] = []
      var metadata: [[UInt64: UInt64]] = []
      var reader = FieldReader(bytes)
      while let (number, value) = try reader.next() {
        guard case .bytes(let place) = value else { continue }
        if number == 4 { symbols.append(String(decoding: bytes[place], as: UTF8.self)) }
        guard number == 5 else { continue }
        var found: [UInt64: UInt64] = [:]
        var fields = FieldReader(bytes, place)
        while let (number, value) = try fields.next() {
          guard number == 5, case .bytes(let place) = value else { continue }
          var one = FieldReader(bytes, place)
          while let (number, value) = try one.next() {
            if case .varint(let value) = value { found[number] = value }
          }
        }
        metadata.append(found)
      }
      let help = UInt64(try #require(symbols.firstIndex(of: Self.expected[0].help)))
      let unit = UInt64(try #require(symbols.firstIndex(of: "seconds")))
      #expect(metadata.prefix(3) == [[1: 1, 3: help, 4: unit], [1: 1, 3: help, 4: unit], [1: 4]])
      #expect(metadata.dropFirst(3).allSatisfy { $0.isEmpty })
    }
  }
}
