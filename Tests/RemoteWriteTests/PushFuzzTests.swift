import Foundation
import OpenMetrics
import ProgramFixture
import Testing

@testable import RemoteWrite

@Suite("Pushed requests that were changed at random")
struct PushFuzzTests {
  private static let time = Pushed.time

  private static let bodies: [(format: PushFormat, bytes: [UInt8])] = {
    let exemplar = Message().label("trace_id", "t").double(2, 0.5).number(3, UInt64(time))
    let first = Pushed.request1(
      Pushed.series1(
        [("__name__", "a_total"), ("x", "é")], Pushed.values(1, 2), more: Message().message(3, exemplar)),
      Pushed.series1([("__name__", "a_total"), ("x", "é")], Pushed.values(3, from: time + 2)),
      Pushed.series1([("__name__", "n")], [], more: Message().message(4, Pushed.histogram(time: time))),
      Pushed.series1([("__name__", "e")], [], more: Message().message(3, exemplar)),
      metadata: Message().number(1, 1).text(2, "a_total").text(4, "help"))
    var second = Pushed.Request2()
    let labels = second.references([("trace_id", "t")])
    let help = second.reference("help")
    second.add(
      [("__name__", "a_total"), ("x", "é")], Pushed.values(1, 2),
      more: Message().message(4, labels.double(2, 0.5).number(3, UInt64(time)))
        .message(5, Message().number(1, 1).number(3, help)))
    second.add([("__name__", "n")], [], more: Message().message(3, Pushed.histogram(time: time)))
    second.add([("__name__", "b")], Pushed.values(3))
    let text =
      "# TYPE a counter\n# HELP b of b\na{x=\"1\",y=\"a\\\"b\"} 1 5\na{x=\"1\"} 2\nb NaN 7\n{\"c\",z=\"é\"} 1\n"
    return [(.remoteWrite1, first), (.remoteWrite2, second.bytes), (.text, Array(text.utf8))]
  }()

  private static func mutate(_ body: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var body = body
    for _ in 0..<Int.random(in: 1...4, using: &random) where !body.isEmpty {
      let place = Int.random(in: 0..<body.count, using: &random)
      let end = min(body.count, place + Int.random(in: 1...24, using: &random))
      switch Int.random(in: 0..<6, using: &random) {
      case 0: body[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: body[place] = UInt8.random(in: 0...255, using: &random)
      case 2: body.insert(UInt8.random(in: 0...255, using: &random), at: place)
      case 3: body.removeSubrange(place..<end)
      case 4: body.insert(contentsOf: body[place..<end], at: Int.random(in: 0...body.count, using: &random))
      default: body.removeSubrange(place...)
      }
    }
    return body
  }

  /// Nil where it is refused.
  private static func read(_ body: [UInt8], _ format: PushFormat) -> ReceivedRequest? {
    switch format {
    case .remoteWrite1: try? ReceivedRequest(version1: body)
    case .remoteWrite2: try? ReceivedRequest(version2: body)
    case .text: try? ReceivedRequest(text: body, isOpenMetrics: false, time: time)
    }
  }

  /// What is wrong with what would be sent of it.
  private static func faults(_ request: ReceivedRequest) throws -> [String] {
    var faults: [String] = []
    let made = request.fragments([Pushed.route])
    var last: [SeriesLabels: Int64] = [:]
    var sent = 0
    for fragment in made.fragments[0] {
      let body = try WriteRequest(body: fragment.body)
      _ = try WriteRequest.version2(of: fragment.body)
      let samples = body.series.reduce(0) { $0 + $1.samples.count + $1.histograms.count }
      if samples != fragment.samples { faults.append("it counts \(fragment.samples) of \(samples)") }
      if body.series.isEmpty && body.metadata.isEmpty { faults.append("nothing") }
      if Set(body.series.map(\.labels)).count != body.series.count { faults.append("a series twice") }
      sent += samples
      for series in body.series {
        let names = series.labels.map { Array($0.name.utf8) }
        let isSorted = zip(names, names.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) }
        let isWhole = series.labels.allSatisfy { !$0.name.isEmpty && !$0.value.isEmpty }
        if !isSorted || !isWhole { faults.append("labels \(series.labels)") }
        if series.samples.count + series.histograms.count > 1 { faults.append("several samples") }
        let labels = SeriesLabels(series.labels)
        for time in series.samples.map(\.time) + series.histograms.map(\.time) {
          if let before = last[labels], before >= time { faults.append("\(labels) goes back") }
          last[labels] = time
        }
      }
    }
    if sent != request.items.count { faults.append("\(sent) of \(request.items.count) are sent") }
    if made.written.samples + made.written.histograms != sent { faults.append("\(made.written) written") }
    return faults
  }

  @Test("are refused or read, and what is made of them is in order and well-formed")
  func random() throws {
    for (format, bytes) in Self.bodies {
      let request = try #require(Self.read(bytes, format))
      #expect(try Self.faults(request) == [] && request.refusals == [:] && request.items.count >= 3)
    }
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    let deadline = ContinuousClock.now + .seconds(Surroundings.isSoak ? 300.0 : 2.0)
    var (read, refused) = (0, 0)
    while ContinuousClock.now < deadline {
      for (format, bytes) in Self.bodies {
        let changed = Self.mutate(bytes, &random)
        guard let request = Self.read(changed, format) else {
          refused += 1
          continue
        }
        read += 1
        let faults = try Self.faults(request)
        guard faults == [] else {
          Issue.record("seed \(seed), \(format): \(faults), \(changed)")
          return
        }
      }
    }
    #expect(read > 50 && refused > 50, "\(read) read, \(refused) refused")
  }

  @Test("packed bodies that were changed are refused or unpacked, and never to more than the limit")
  func packed() throws {
    let content = Self.bodies[0].bytes + Self.bodies[1].bytes
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<3_000 {
      for (encoding, body) in [("snappy", SnappyBlock.compress(content)), ("gzip", Pushed.gzip(content))] {
        let push = Push(contentEncoding: encoding, body: Self.mutate(body, &random))
        let unpacked = try? push.content(packedAs: [encoding], limit: 4_096)
        #expect(unpacked?.count ?? 0 <= 4_096, "seed \(seed)")
      }
    }
  }
}
