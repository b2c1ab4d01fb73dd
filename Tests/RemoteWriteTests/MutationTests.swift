import Foundation
import OpenMetrics
import ProgramFixture
import Testing

@testable import RemoteWrite

@Suite("Answers that were changed at random")
struct MutationTests {
  private enum Format: CaseIterable { case text, open, protobuf }

  private static let bodies: [Format: [UInt8]] = [
    .text: Array(
      """
      # HELP a_total help \\n more
      # TYPE a_total counter
      a_total{x="1",y="a\\"b\\\\c\\nd"} 3 1700000000000
      b{le="0.5"} 1e3
      b{le="+Inf"} NaN
      {"quoted.name",z="é"} -Inf
      c\t7

      """.utf8),
    .open: Array(
      """
      # TYPE a counter
      # UNIT a seconds
      a_total{x="1"} 3 1700000000.5 # {trace_id="abc",s="}"} 0.5 1700000000.25
      a_created 1.7e9
      h_bucket{le="0.5"} 1 # {} 0.25
      h_bucket{le="+Inf"} 2
      # EOF

      """.utf8),
    .protobuf: Message.family(
      "c_total", type: 0,
      Message().label("x", "1").message(
        3, Message().double(1, 3).message(2, Message.exemplar("t", 1, seconds: 5))))
      + Message.family("n", type: 4, Message().label("y", "2").message(7, Message.native))
      + Message.family(
        "s", type: 2,
        Message().message(4, Message().number(1, 1).message(3, Message().double(1, 0.5).double(2, 2)))),
  ]

  private static let routes = [
    SampleRoute(
      externalLabels: ["zone": "z"], rules: [], samplesPerFragment: 5, sendsExemplars: true,
      sendsHistograms: true, metadataInterval: 1),
    SampleRoute(externalLabels: [:], rules: [], samplesPerFragment: 2),
  ]

  private static func mutate(_ body: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var body = body
    for _ in 0..<Int.random(in: 1...4, using: &random) where !body.isEmpty {
      let place = Int.random(in: 0..<body.count, using: &random)
      let end = min(body.count, place + Int.random(in: 1...24, using: &random))
      switch Int.random(in: 0..<7, using: &random) {
      case 0: body[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: body[place] = UInt8.random(in: 0...255, using: &random)
      case 2: body.insert(UInt8.random(in: 0...255, using: &random), at: place)
      case 3: body.removeSubrange(place..<end)
      case 4: body.insert(contentsOf: body[place..<end], at: Int.random(in: 0...body.count, using: &random))
      case 5: body.removeSubrange(place...)
      default:
        let word = ["{", "}", "\"", "\\", "\n", "# EOF\n", " 1 ", "# ", "=", "é", "\u{0}"].randomElement(
          using: &random)
        body.insert(contentsOf: (word ?? "").utf8, at: place)
      }
    }
    return body
  }

  private static func read(
    _ body: [UInt8], _ format: Format, _ time: Int64, _ reader: inout ScrapeReader
  ) -> ScrapeSummary {
    do throws(ScrapeFault) {
      return switch format {
      case .text: try reader.read(body, isOpenMetrics: false, time: time, duration: 0)
      case .open: try reader.read(body, isOpenMetrics: true, time: time, duration: 0)
      case .protobuf: try reader.read(protobuf: body, time: time, duration: 0)
      }
    } catch {
      return reader.failed(time: time, duration: 0)
    }
  }

  /// What is wrong with what would be sent.
  private static func faults(_ summary: ScrapeSummary) throws -> [String] {
    var faults: [String] = []
    for fragment in summary.fragments.joined() {
      let request = try WriteRequest(body: fragment.body)
      if request.series.count != fragment.samples { faults.append("it counts \(fragment.samples)") }
      if Set(request.series.map(\.labels)).count != request.series.count { faults.append("a series twice") }
      _ = try WriteRequest.version2(of: fragment.body)
      for series in request.series {
        let names = series.labels.map { Array($0.name.utf8) }
        let isSorted = zip(names, names.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) }
        let isWhole = series.labels.allSatisfy { !$0.name.isEmpty && !$0.value.isEmpty }
        if !isSorted || !isWhole { faults.append("labels \(series.labels)") }
        if series.samples.count + series.histograms.count != 1 { faults.append("no sample, or several") }
      }
    }
    return faults
  }

  @Test(
    "are read or refused, what is sent of them is well-formed, and the next answer is read as if nothing had been"
  )
  func random() throws {
    let seconds = Surroundings.isSoak ? 600.0 : 3.0
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    let deadline = ContinuousClock.now + .seconds(seconds)
    var readers = Dictionary(
      uniqueKeysWithValues: Format.allCases.map { ($0, makeReader(routes: Self.routes)) })
    var time: Int64 = 1_700_000_000_000
    var count = 0
    while ContinuousClock.now < deadline {
      for format in Format.allCases {
        let body = try #require(Self.bodies[format])
        let changed = Self.mutate(body, &random)
        time += 1_000
        guard var reader = readers.removeValue(forKey: format) else { continue }
        let summary = Self.read(changed, format, time, &reader)
        #expect(try Self.faults(summary) == [], "seed \(seed), \(changed)")
        let next = Self.read(body, format, time + 500, &reader)
        var fresh = makeReader(routes: Self.routes)
        let expected = Self.read(body, format, time + 500, &fresh)
        #expect(next.scraped == expected.scraped && next.kept == expected.kept, "seed \(seed), \(changed)")
        count += 1
        readers[format] = count.isMultiple(of: 1_000) ? makeReader(routes: Self.routes) : reader
      }
    }
    #expect(count > 30)
  }
}
