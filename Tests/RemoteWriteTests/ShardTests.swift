import Foundation
import HTTPServerFixture
import OpenMetrics
import ProgramFixture
import Synchronization
import Testing

@testable import RemoteWrite

/// How many requests are under way, and which series they are of.
private final class Crossing: Sendable {
  private struct State {
    var now: [Int: Set<SeriesLabels>] = [:]
    var number = 0
    var most = 0
    var met: [String] = []
  }

  private let state = Mutex(State())

  var most: Int { state.withLock { $0.most } }
  /// Series that two requests had at the same time.
  var met: [String] { state.withLock { $0.met } }

  /// - Parameter expected: until once so many are under way each waits longer, for a few seconds.
  func pass(_ request: HTTPServer.Request, microseconds: UInt32, expected: Int = 0) {
    let series = Set((try? WriteRequest(body: request.body))?.series.map { SeriesLabels($0.labels) } ?? [])
    let number = state.withLock { state in
      for other in state.now.values { state.met += other.intersection(series).map(\.description) }
      state.number += 1
      state.now[state.number] = series
      state.most = max(state.most, state.now.count)
      return state.number
    }
    usleep(microseconds)
    for _ in 0..<5_000 where most < expected { usleep(1_000) }
    state.withLock { _ = $0.now.removeValue(forKey: number) }
  }
}

@Suite("Shards", .serialized)
struct ShardTests {
  private static func fill(_ folder: String, _ fragments: [Fragment]) throws {
    let endpoint = folder + "/endpoints/e0"
    try FileManager.default.createDirectory(atPath: endpoint, withIntermediateDirectories: true)
    let file = try CheckpointFile(path: endpoint + "/checkpoint")
    let queue = try EndpointQueue(
      directory: endpoint + "/queue", options: EndpointQueue.Options(segmentBytes: 1 << 20), file: file)
    for fragment in fragments { #expect(queue.append([fragment], time: 0)) }
    queue.close()
  }

  /// Scrapes of a few targets in turn: two samples each, which are a batch.
  private static func fragments(targets: Int, scrapes: Int) -> [Fragment] {
    (1...scrapes).flatMap { scrape in
      (0..<targets).map { target in
        QueueTests.fragment(
          ["a\(target)", "b\(target)"], value: Double(scrape), time: 1_796_000_000_000 + Int64(scrape))
      }
    }
  }

  private static let pairs = "max_samples_per_send: 2, min_backoff: 5ms, max_backoff: 20ms"

  @Test("as many requests are under way as there are shards, and never two with a series in common")
  func several() async throws {
    let crossing = Crossing()
    let receiver = try Receiver { _, request in
      crossing.pass(request, microseconds: 20_000, expected: 4)
      return nil
    }
    defer { receiver.stop() }
    try await withTemporaryDirectory { folder in
      try Self.fill(folder, Self.fragments(targets: 6, scrapes: 10))
      let text = bridgeYAML([], [receiver.url], queue: Self.pairs + ", min_shards: 4, max_shards: 4")
      let endpoint = try await withBridge(text, in: folder) { bridge in
        try await eventually("all is sent") {
          let endpoint = bridge.statistics.endpoints[0]
          return endpoint.pending == 0 ? endpoint : nil
        }
      }
      #expect(crossing.most == 4 && crossing.met == [])
      #expect(endpoint.shards == 4 && endpoint.fewestShards == 4 && endpoint.mostShards == 4)
      #expect(receiver.received.count == 60 && receiver.faults == [] && receiver.repeated == 0)
      for series in receiver.series.values { #expect(series.map(\.value) == (1...10).map(Double.init)) }
      #expect(endpoint.ledger.delivered == 120)
    }
  }

  @Test("batches that have a series in common are sent one after the other, however many shards there are")
  func order() async throws {
    let crossing = Crossing()
    let receiver = try Receiver { _, request in
      crossing.pass(request, microseconds: 5_000)
      return nil
    }
    defer { receiver.stop() }
    try await withTemporaryDirectory { folder in
      try Self.fill(folder, Self.fragments(targets: 1, scrapes: 20))
      let text = bridgeYAML([], [receiver.url], queue: Self.pairs + ", min_shards: 8")
      try await withBridge(text, in: folder) { bridge in
        _ = try await eventually("all is sent") { bridge.statistics.endpoints[0].pending == 0 ? true : nil }
      }
      #expect(crossing.most == 1 && receiver.received.count == 20)
      #expect(receiver.samples("a0").map(\.value) == (1...20).map(Double.init))
      #expect(receiver.faults == [])
    }
  }

  @Test("a receiver with a latency gets more shards, as long as something is late")
  func adapting() async throws {
    let crossing = Crossing()
    let receiver = try Receiver { _, request in
      crossing.pass(request, microseconds: 50_000)
      return nil
    }
    defer { receiver.stop() }
    try await withTemporaryDirectory { folder in
      // One shard would need forty seconds.
      try Self.fill(folder, Self.fragments(targets: 20, scrapes: 40))
      let text = bridgeYAML([], [receiver.url], queue: Self.pairs)
      try await withBridge(text, in: folder) { bridge in
        #expect(bridge.statistics.endpoints[0].shards == 1)
        _ = try await eventually("there are more") {
          let endpoint = bridge.statistics.endpoints[0]
          return endpoint.shards >= 3 && endpoint.desiredShards > 2 ? true : nil
        }
        _ = try await eventually("all is sent") { bridge.statistics.endpoints[0].pending == 0 ? true : nil }
      }
      #expect(crossing.most >= 3 && crossing.met == [])
      #expect(receiver.received.count == 800 && receiver.repeated == 0 && receiver.faults == [])
      for series in receiver.series.values { #expect(series.map(\.value) == (1...40).map(Double.init)) }
    }
  }

  /// Whether a request is of the first scrape of this target.
  private static func isFirst(_ request: HTTPServer.Request, of target: Int) -> Bool {
    let series = (try? WriteRequest(body: request.body))?.series ?? []
    return series.contains { series in
      SeriesLabels(series.labels)[SeriesLabels.nameLabel] == "a\(target)"
        && series.samples.first?.value == 1
    }
  }

  @Test("a batch that is not taken keeps back those behind it that have its series, and no others")
  func stuck() async throws {
    let isStuck = Atomic(true)
    let receiver = try Receiver { _, request in
      isStuck.load(ordering: .relaxed) && Self.isFirst(request, of: 0) ? .status(500, "not this one") : nil
    }
    defer { receiver.stop() }
    try await withTemporaryDirectory { folder in
      try Self.fill(folder, Self.fragments(targets: 4, scrapes: 3))
      let text = bridgeYAML([], [receiver.url], queue: Self.pairs + ", min_shards: 3")
      try await withBridge(text, in: folder) { bridge in
        _ = try await eventually("the others have their first scrape") {
          (1...3).allSatisfy { receiver.samples("a\($0)").count == 1 }
            && (bridge.statistics.endpoints[0].retries >= 3) ? true : nil
        }
        let endpoint = bridge.statistics.endpoints[0]
        #expect(endpoint.ledger.delivered == 6 && receiver.samples("a0").isEmpty)
        #expect(endpoint.lastError?.contains("not this one") == true && endpoint.oldest == 0)
        isStuck.store(false, ordering: .relaxed)
        _ = try await eventually("all is sent") { bridge.statistics.endpoints[0].pending == 0 ? true : nil }
        #expect(bridge.statistics.endpoints[0].lastError == nil)
      }
      for target in 0..<4 { #expect(receiver.samples("a\(target)").map(\.value) == [1, 2, 3]) }
      #expect(receiver.faults == [])
    }
  }

  @Test(
    "killed while one batch is stuck and others behind it are taken: those are not sent again, it is as it was",
    arguments: [1, 3])
  func kill(shards: Int) async throws {
    let isUp = Atomic(false)
    let receiver = try Receiver { _, request in
      !isUp.load(ordering: .relaxed) && Self.isFirst(request, of: 0) ? .status(503, "busy") : nil
    }
    defer { receiver.stop() }
    try await withTemporaryDirectory { folder in
      try Self.fill(folder + "/data", Self.fragments(targets: 5, scrapes: 3))
      let text = bridgeYAML([], [receiver.url], queue: Self.pairs + ", min_shards: 3")
      try await withBridge(text, in: folder + "/data", flush: .milliseconds(50)) { bridge in
        _ = try await eventually("all of the first round but one are taken, and the disk knows") {
          let inspected = try EndpointInspection.all(in: folder + "/data")[0]
          return inspected.ledger.delivered == 8 && inspected.isUnderWay ? true : nil
        }
        // What a kill leaves.
        try FileManager.default.copyItem(atPath: folder + "/data", toPath: folder + "/killed")
      }
      let inspected = try EndpointInspection.all(in: folder + "/killed")[0]
      #expect(inspected.samples == 22 && inspected.fragments == 11 && inspected.enqueued == 30)
      let before = receiver.received.filter { $0.status == 503 }.map(\.body)
      let count = receiver.received.count
      isUp.store(true, ordering: .relaxed)
      // With another number of shards as well.
      let other = bridgeYAML(
        [], [receiver.url], queue: Self.pairs + ", min_shards: \(shards), max_shards: \(shards)")
      let endpoint = try await withBridge(other, in: folder + "/killed") { bridge in
        try await eventually("all is sent") {
          let endpoint = bridge.statistics.endpoints[0]
          return endpoint.pending == 0 ? endpoint : nil
        }
      }
      let after = receiver.received[count...].map(\.body)
      #expect(after.first == before.first && Set(before).count == 1)
      #expect(after.count == 11 && receiver.repeated == 0 && receiver.faults == [])
      for target in 0..<5 { #expect(receiver.samples("a\(target)").map(\.value) == [1, 2, 3]) }
      #expect(endpoint.ledger.delivered == 30 && endpoint.ledger.total == endpoint.enqueued)
    }
  }

  @Test("Retry-After of one batch holds for every shard")
  func retryAfter() async throws {
    let receiver = try Receiver { number, _ in
      number == 0 ? .status(429, "slow", ["Retry-After": "1"]) : nil
    }
    defer { receiver.stop() }
    try await withTemporaryDirectory { folder in
      try Self.fill(folder, Self.fragments(targets: 8, scrapes: 2))
      let text = bridgeYAML([], [receiver.url], queue: Self.pairs + ", min_shards: 2, max_shards: 2")
      try await withBridge(text, in: folder) { bridge in
        _ = try await eventually("all is sent") { bridge.statistics.endpoints[0].pending == 0 ? true : nil }
      }
      let times = receiver.received.map(\.time)
      // The other shard had perhaps sent before the answer came, and begun one more.
      #expect(times.count { $0 - times[0] < 0.99 } <= 5 && times.count == 17, "\(times)")
      #expect(receiver.faults == [])
    }
  }
}

@Suite("A checkpoint's cuts")
struct BatchCutTests {
  @Test("what is done with behind one that is not stays, and goes with it")
  func finishing() {
    var checkpoint = Checkpoint(through: 10, samplesThrough: 100)
    let cuts = (0..<4).map { index in
      BatchCut(
        first: 11 + UInt64(index) * 2, last: 12 + UInt64(index) * 2, samplesThrough: 110 + UInt64(index) * 10)
    }
    for cut in cuts { checkpoint.begin(cut) }
    #expect(checkpoint.end.fragment == 18 && checkpoint.end.samples == 140 && checkpoint.isSound)
    #expect(checkpoint.samples(before: cuts[0]) == 100 && checkpoint.samples(before: cuts[3]) == 130)
    checkpoint.finish(cuts[1])
    checkpoint.finish(cuts[2])
    #expect(checkpoint.through == 10 && checkpoint.samplesThrough == 100)
    #expect(checkpoint.cuts.map(\.isDone) == [false, true, true, false])
    checkpoint.finish(cuts[0])
    #expect(checkpoint.through == 16 && checkpoint.samplesThrough == 130)
    #expect(checkpoint.cuts == [cuts[3]])
    checkpoint.finish(cuts[3])
    #expect(checkpoint.through == 18 && checkpoint.samplesThrough == 140 && checkpoint.cuts.isEmpty)
  }

  @Test(
    "in whatever order batches are done with, what is done with is what stands before the first that is not",
    arguments: UInt64(1)...30)
  func anyOrder(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var checkpoint = Checkpoint()
    var done: Set<UInt64> = []
    var next: UInt64 = 1
    for _ in 0..<300 {
      let waiting = checkpoint.cuts.filter { !$0.isDone }
      if checkpoint.cuts.count < Checkpoint.mostCuts, waiting.isEmpty || Bool.random(using: &random) {
        let last = next + UInt64.random(in: 0...3, using: &random)
        checkpoint.begin(BatchCut(first: next, last: last, samplesThrough: last * 7))
        next = last + 1
      } else if let cut = waiting.randomElement(using: &random) {
        checkpoint.finish(cut)
        done.formUnion(cut.first...cut.last)
      }
      #expect(checkpoint.isSound && checkpoint.end.fragment == next - 1)
      let through = (1..<next).first { !done.contains($0) }.map { $0 - 1 } ?? next - 1
      #expect(checkpoint.through == through && checkpoint.samplesThrough == through * 7)
      let kept = checkpoint.cuts.filter(\.isDone).flatMap { $0.first...$0.last }
      #expect(Set(kept) == done.filter { $0 > through })
    }
  }

  @Test("cuts that cannot be are no checkpoint")
  func unsound() {
    func isSound(_ cuts: (UInt64, UInt64)...) -> Bool {
      Checkpoint(through: 5, cuts: cuts.map { BatchCut(first: $0.0, last: $0.1) }).isSound
    }
    #expect(isSound() && isSound((6, 6)) && isSound((8, 9), (10, 12)))
    #expect(!isSound((0, 7)) && !isSound((5, 7)) && !isSound((7, 6)) && !isSound((6, 8), (8, 9)))
    #expect(!isSound((6, .max)))
    let many = (0..<UInt64(Checkpoint.mostCuts + 1)).map { BatchCut(first: $0 + 1, last: $0 + 1) }
    #expect(!Checkpoint(cuts: many).isSound && Checkpoint(cuts: Array(many.dropLast())).isSound)
  }
}
