import Foundation
import HTTPServerFixture
import OpenMetrics
import ProgramFixture
import Synchronization
import Testing

@testable import RemoteWrite

/// A kill leaves what is in the files at that instant. So a copy of them, taken at each step of a batch, is what a process finds
/// that was killed there.
@Suite("Killed at each step of a batch", .serialized)
struct CommitTests {
  enum Step: CaseIterable, Sendable {
    /// The scrapes are in the queue, and nothing else is.
    case appended
    /// The last of them only in part.
    case tornAppend
    /// A batch is cut, and was not sent.
    case cut
    /// It was sent and taken, and nobody heard the answer.
    case taken
    /// What became of it, with the next cut, was written in part.
    case tornCheckpoint
    /// The same was written whole, and the next batch not sent.
    case acknowledged
  }

  private static let scrapes = 5

  /// All have the same series, so that no two of them are joined.
  private static func fragment(_ scrape: Int) -> Fragment {
    QueueTests.fragment(["a", "b"], value: Double(scrape), time: 1_796_000_000_000 + Int64(scrape))
  }

  private static func fill(_ folder: String) throws {
    let endpoint = folder + "/endpoints/e0"
    try FileManager.default.createDirectory(atPath: endpoint, withIntermediateDirectories: true)
    let file = try CheckpointFile(path: endpoint + "/checkpoint")
    let queue = try EndpointQueue(
      directory: endpoint + "/queue", options: EndpointQueue.Options(segmentBytes: 1 << 20), file: file)
    for scrape in 1...scrapes { #expect(queue.append([fragment(scrape)], time: 0)) }
    queue.close()
  }

  private static func copy(_ from: String, _ to: String) throws {
    try? FileManager.default.removeItem(atPath: to)
    try FileManager.default.copyItem(atPath: from, toPath: to)
  }

  /// Sends what waits in `folder`.
  private static func send(_ folder: String, to receiver: Receiver) async throws {
    try await withBridge(bridgeYAML([], [receiver.url]), in: folder) { bridge in
      _ = try await eventually("all is sent") { bridge.statistics.endpoints[0].pending == 0 ? true : nil }
    }
  }

  /// The numbers of a checkpoint's two slots.
  private static func slotNumbers(_ file: [UInt8]) -> [UInt64] {
    [0, 4_096].map { slot in
      var number: UInt64 = 0
      for place in 0..<8 { number |= UInt64(file[slot + 8 + place]) << UInt64(8 * place) }
      return number
    }
  }

  /// What a process finds that was killed at the step of the batch with this number, from 0.
  private static func state(_ step: Step, _ batch: Int, in folder: String) throws -> String {
    let state = folder + "/state"
    func copied(_ number: Int) -> String { folder + "/copies/\(number)" }
    switch step {
    case .appended: try copy(folder + "/filled", state)
    case .tornAppend:
      try copy(folder + "/filled", state)
      let queue = state + "/endpoints/e0/queue/"
      let name = try #require(
        FileManager.default.contentsOfDirectory(atPath: queue).first { $0.hasSuffix(".seg") })
      let bytes = try Data(contentsOf: URL(filePath: queue + name))
      try bytes.dropLast(7).write(to: URL(filePath: queue + name))
    case .cut, .taken: try copy(copied(batch), state)
    case .acknowledged: try copy(copied(batch + 1), state)
    case .tornCheckpoint:
      try copy(copied(batch + 1), state)
      // The newer of the two slots.
      let path = URL(filePath: state + "/endpoints/e0/checkpoint")
      var bytes = try Data(contentsOf: path)
      let numbers = slotNumbers(Array(bytes))
      bytes[(numbers[0] > numbers[1] ? 0 : 4_096) + 40] ^= 0xFF
      try bytes.write(to: path)
    }
    return state
  }

  @Test(
    "every sample arrives, none is lost, and only a batch that was under way comes again, as it was",
    arguments: Step.allCases)
  func kill(step: Step) async throws {
    try await withTemporaryDirectory { folder in
      try Self.fill(folder + "/filled")
      try Self.copy(folder + "/filled", folder + "/data")
      try FileManager.default.createDirectory(atPath: folder + "/copies", withIntermediateDirectories: true)
      let first = try Receiver { number, _ in
        try? Self.copy(folder + "/data", folder + "/copies/\(number)")
        return nil
      }
      defer { first.stop() }
      try await Self.send(folder + "/data", to: first)
      let bodies = first.received.map(\.body)
      #expect(bodies == (1...Self.scrapes).map { Self.fragment($0).body })

      for batch in 0..<Self.scrapes - 1 {
        let state = try Self.state(step, batch, in: folder)
        // Prometheus says so of samples that it has.
        let isRefused = step == .taken || step == .tornCheckpoint
        let second = try Receiver { number, _ in
          isRefused && number == 0 ? .status(400, "out of order sample") : nil
        }
        defer { second.stop() }
        let endpoint = try await withBridge(bridgeYAML([], [second.url]), in: state) { bridge in
          try await eventually("all is sent") {
            let endpoint = bridge.statistics.endpoints[0]
            return endpoint.pending == 0 ? endpoint : nil
          }
        }
        let expected: ArraySlice<[UInt8]> =
          switch step {
          case .appended: bodies[...]
          case .tornAppend: bodies.dropLast()
          case .cut, .taken, .tornCheckpoint: bodies[batch...]
          case .acknowledged: bodies[(batch + 1)...]
          }
        #expect(second.received.map(\.body) == Array(expected), "batch \(batch)")
        let samples = UInt64(2 * (step == .tornAppend ? Self.scrapes - 1 : Self.scrapes))
        #expect(endpoint.enqueued == samples && endpoint.ledger.total == samples, "batch \(batch)")
        #expect(endpoint.ledger.presumedDelivered == (isRefused ? 2 : 0), "batch \(batch)")
        #expect(endpoint.ledger.delivered == samples - (isRefused ? 2 : 0), "batch \(batch)")
        #expect(second.faults == [], "batch \(batch)")
      }
    }
  }

  @Test("one write of the checkpoint a batch, where more waits: what became of one stands with the next cut")
  func writes() async throws {
    try await withTemporaryDirectory { folder in
      let endpoint = folder + "/endpoints/e0"
      try FileManager.default.createDirectory(atPath: endpoint, withIntermediateDirectories: true)
      do {
        let file = try CheckpointFile(path: endpoint + "/checkpoint")
        let queue = try EndpointQueue(
          directory: endpoint + "/queue", options: EndpointQueue.Options(segmentBytes: 1 << 20), file: file)
        for scrape in 1...50 { #expect(queue.append([Self.fragment(scrape)], time: 0)) }
        queue.close()
      }
      let receiver = try Receiver()
      defer { receiver.stop() }
      try await Self.send(folder, to: receiver)
      #expect(receiver.received.count == 50)
      let bytes = try Data(contentsOf: URL(filePath: endpoint + "/checkpoint"))
      let newest = Self.slotNumbers(Array(bytes)).max()
      // A cut for each, and the end of the last.
      #expect(newest == 51)
      let inspected = try #require(try EndpointInspection.all(in: folder).first)
      #expect(inspected.ledger.delivered == 100 && !inspected.isUnderWay && inspected.samples == 0)
    }
  }

  @Test("a checkpoint's text is what decoding reads, whatever is in it", arguments: UInt64(1)...20)
  func checkpointText(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var checkpoint = Checkpoint(through: random.next(), samplesThrough: random.next())
    let most = Bool.random(using: &random) ? 1 : Checkpoint.mostCuts
    let cuts = Int.random(in: 0...most, using: &random)
    for _ in 0..<cuts {
      var cut = BatchCut(first: random.next(), last: random.next())
      // Where there is one alone its fragments tell.
      if cuts > 1 { cut.samplesThrough = random.next() }
      cut.isDone = cuts > 1 && Bool.random(using: &random)
      checkpoint.begin(cut)
    }
    checkpoint.ledger = EndpointLedger(
      delivered: random.next(), presumedDelivered: random.next(), refused: random.next(),
      droppedFull: random.next(), droppedCorrupt: random.next(), forgotten: random.next())
    checkpoint.speaksVersion2 = Bool.random(using: &random)
    if Bool.random(using: &random) { checkpoint.version1Since = Int64(bitPattern: random.next()) }
    #expect(checkpoint.json.count < CheckpointFile.slotBytes - 32)
    #expect(try JSONDecoder().decode(Checkpoint.self, from: Data(checkpoint.json)) == checkpoint)
    // As those before it wrote it.
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    #expect(try Array(encoder.encode(checkpoint)) == checkpoint.json)
  }
}
