import Foundation
import HTTPServerFixture
import ProgramFixture
import Testing

@testable import RemoteWrite

/// Files that something has damaged: whatever is in them, the queue opens, gives nothing that was not put in, and what is lost is
/// counted.
@Suite("A queue whose files are damaged", .serialized)
struct FuzzTests {
  /// What is done to files.
  enum Damage: CaseIterable {
    case bit, bytes, zeros, cut, insertion, more, swap, doubled, renamed, removed, emptied
  }

  private static let series = ["a", "b", "c"]

  /// Its values tell its number, so that no two are the same.
  private static func fragment(_ number: Int) -> Fragment {
    let count = number % series.count + 1
    return QueueTests.fragment(
      Array(series.prefix(count)), value: Double(number), time: 1_796_000_000_000 + Int64(number))
  }

  private static let options = EndpointQueue.Options(
    maximumBytes: 1 << 20, segmentBytes: 4_096, fsyncInterval: 1_000_000_000)

  private static func open(_ endpoint: String) throws -> EndpointQueue {
    try EndpointQueue(
      directory: endpoint + "/queue", options: options, file: CheckpointFile(path: endpoint + "/checkpoint"))
  }

  /// Appends the fragments with these numbers.
  private static func fill(_ queue: EndpointQueue, _ numbers: Range<Int>) {
    for number in numbers { #expect(queue.append([fragment(number)], time: Int64(number))) }
  }

  private static func segments(_ endpoint: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: endpoint + "/queue")
      .filter { $0.hasSuffix(".seg") }.sorted().map { endpoint + "/queue/" + $0 }
  }

  /// Does something to one of the files, or to two of the segments.
  private static func damage(
    _ files: [String], _ kind: Damage, _ random: inout SeededGenerator
  ) throws {
    guard let path = files.randomElement(using: &random), let other = files.randomElement(using: &random)
    else { return }
    // What was damaged before may be gone.
    guard FileManager.default.fileExists(atPath: path) else { return }
    let url = URL(filePath: path)
    var bytes = [UInt8](try Data(contentsOf: url))
    guard !bytes.isEmpty else { return }
    let place = Int.random(in: 0..<bytes.count, using: &random)
    let end = min(bytes.count, place + Int.random(in: 1...600, using: &random))
    switch kind {
    case .bit: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case .bytes: for index in place..<end { bytes[index] = .random(in: 0...255, using: &random) }
    case .zeros: for index in place..<end { bytes[index] = 0 }
    case .cut: bytes.removeSubrange(place...)
    case .insertion: bytes.insert(contentsOf: bytes[place..<end], at: place)
    case .more: bytes += (0..<200).map { _ in .random(in: 0...255, using: &random) }
    case .swap:
      let others = try Data(contentsOf: URL(filePath: other))
      try Data(bytes).write(to: URL(filePath: other))
      try others.write(to: url)
      return
    case .doubled:
      try Data(bytes).write(to: URL(filePath: other))
      return
    case .renamed:
      let number = UInt64.random(in: 1...2_000, using: &random)
      let digits = String(number)
      let name = String(repeating: "0", count: 20 - digits.count) + digits + ".seg"
      let target = url.deletingLastPathComponent().path + "/" + name
      if !FileManager.default.fileExists(atPath: target) {
        try FileManager.default.moveItem(atPath: path, toPath: target)
      }
      return
    case .removed:
      try FileManager.default.removeItem(at: url)
      return
    case .emptied: bytes = []
    }
    try Data(bytes).write(to: url)
  }

  @Test(
    "it opens and can be read, and no fragment is another one than was put in, or comes twice",
    arguments: UInt64(1)...30)
  func reading(seed: UInt64) async throws {
    try await withTemporaryDirectory(with: ["e"]) { folder in
      let endpoint = folder + "/e"
      var random = SeededGenerator(seed: seed)
      var number = 0
      for _ in 0..<6 {
        let queue = try Self.open(endpoint)
        let reader = try queue.makeReader(behind: 0)
        var last = -1
        var before: UInt64 = 0
        while let found = try reader.peek() {
          let record = found.record
          #expect(record.time > Int64(last) && record.time < Int64(number))
          last = Int(record.time)
          #expect(record.fragment == Self.fragment(last))
          #expect(record.samplesBefore >= before, "what was counted is counted once")
          before = record.samplesThrough
          reader.advance()
        }
        #expect(queue.counts.enqueued >= before)
        let more = Int.random(in: 1...120, using: &random)
        Self.fill(queue, number..<number + more)
        number += more
        let checkpoint = Checkpoint(
          through: UInt64.random(in: 0...UInt64(number), using: &random),
          samplesThrough: UInt64.random(in: 0...before, using: &random))
        let file = try CheckpointFile(path: endpoint + "/checkpoint")
        _ = file.read()
        try EndpointQueue.write(checkpoint, to: file)
        queue.close()
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          var files = try Self.segments(endpoint)
          if Int.random(in: 0..<4, using: &random) == 0 { files = [endpoint + "/checkpoint"] }
          try Self.damage(files, Damage.allCases.randomElement(using: &random) ?? .bit, &random)
        }
      }
    }
  }

  @Test(
    "what is lost is counted as that, all else arrives once and in order, and what comes afterwards does too",
    arguments: UInt64(1)...22)
  func sending(seed: UInt64) async throws {
    try await withTemporaryDirectory(with: ["endpoints/e0"]) { folder in
      let endpoint = folder + "/endpoints/e0"
      var random = SeededGenerator(seed: seed)
      let count = Int.random(in: 100...400, using: &random)
      var queue = try Self.open(endpoint)
      Self.fill(queue, 0..<count)
      let samples = queue.counts.enqueued
      queue.close()
      let kind = Damage.allCases[Int(seed) % Damage.allCases.count]
      try Self.damage(Self.segments(endpoint), kind, &random)
      queue = try Self.open(endpoint)
      let kept = queue.counts.enqueued
      // Nothing is told of the end that is gone but that there was one.
      #expect(kept <= samples && (kept == samples || !queue.faults.isEmpty), "\(kind)")
      Self.fill(queue, count..<count + 10)
      let enqueued = queue.counts.enqueued
      queue.close()

      let receiver = try Receiver()
      defer { receiver.stop() }
      let ledger = try await withBridge(bridgeYAML([], [receiver.url]), in: folder) { bridge in
        try await eventually("all is sent") {
          let endpoint = bridge.statistics.endpoints[0]
          return endpoint.pending == 0 && endpoint.enqueued >= enqueued ? endpoint.ledger : nil
        }
      }
      #expect(receiver.faults == [], "\(kind)")
      #expect(ledger.total == enqueued && ledger.delivered == UInt64(receiver.accepted), "\(kind)")
      // Where the begin is gone, what was in it counts as forgotten: a checkpoint may have told of it. A segment that is gone
      // from between others looks as one does that made room.
      #expect(
        ledger.delivered + ledger.droppedCorrupt + ledger.droppedFull + ledger.forgotten == enqueued,
        "\(kind): \(ledger)")
      #expect(receiver.repeated == 0)
      let values = receiver.samples("a").map { Int($0.value) }
      #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 })
      #expect(Array(values.suffix(10)) == Array(count..<count + 10), "\(kind)")
    }
  }
}
