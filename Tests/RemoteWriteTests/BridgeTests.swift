import DurableQueue
import Foundation
import HTTPServerFixture
import OpenMetrics
import ProgramFixture
import Synchronization
import Testing

@testable import RemoteWrite

@Suite("The bridge", .serialized)
struct BridgeTests {
  @Test("every scrape arrives, in order, and the ledger adds up")
  func everything() async throws {
    try await withTarget { target, receiver, folder in
      let bridge = try await withBridge(bridgeYAML([target.address], [receiver.url]), in: folder) { bridge in
        _ = try await eventually("twenty scrapes") { target.scrapes >= 20 ? true : nil }
        return bridge
      }
      // After its end: a scrape that was under way at the stop is sent, too.
      let statistics = bridge.statistics.endpoints[0]
      #expect(statistics.pending == 0 && statistics.enqueued > 100)
      #expect(receiver.faults == [])
      let values = receiver.samples("scrapes_total").map(\.value)
      #expect(values == (1...values.count).map(Double.init))
      #expect(values.count >= target.scrapes - 1)
      #expect(receiver.samples("up", ["job": "j", "instance": target.address]).allSatisfy { $0.value == 1 })
      #expect(statistics.ledger.delivered == UInt64(receiver.accepted) && receiver.repeated == 0)
      #expect(statistics.ledger.total == statistics.enqueued)
      #expect(statistics.requests.keys.sorted() == ["2xx"])
    }
  }

  @Test("on stop what waits is sent, and no series ends")
  func flush() async throws {
    try await withTarget { target, receiver, folder in
      // A batch that is not full would wait for a minute.
      let text = bridgeYAML([target.address], [receiver.url]).replacing("50ms", with: "1m")
      try await withBridge(text, in: folder) { _ in
        _ = try await eventually("five scrapes") { target.scrapes >= 5 ? true : nil }
        #expect(receiver.received.isEmpty)
      }
      #expect(receiver.samples("scrapes_total").count >= 4)
      #expect(!receiver.series.values.joined().contains { $0.bits == SampleValue.stale })
      #expect(receiver.faults == [])
    }
  }

  @Test("a batch is repeated byte for byte until it is taken, and says which attempt it is")
  func repetition() async throws {
    try await withTarget(receiver: { number, _ in
      number < 4 ? .status([500, 503, 429, 502][number], "busy") : nil
    }) { target, receiver, folder in
      try await withBridge(bridgeYAML([target.address], [receiver.url]), in: folder) { bridge in
        _ = try await eventually("it is taken, at the fifth attempt") {
          receiver.accepted > 0 && bridge.statistics.endpoints[0].retries == 4 ? true : nil
        }
      }
      let received = receiver.received
      #expect(Set(received.prefix(5).map(\.body)).count == 1)
      #expect(received.prefix(5).map { $0.headers["retry-attempt"] } == [nil, "1", "2", "3", "4"])
      let pauses = zip(received, received.dropFirst()).prefix(4).map { $1.time - $0.time }
      #expect(pauses[3] > 0.15 && pauses[0] < pauses[3], "\(pauses)")
      #expect(receiver.faults == [])
    }
  }

  @Test("Retry-After is heeded")
  func retryAfter() async throws {
    try await withTarget(receiver: { number, _ in
      number == 0 ? .status(429, "slow", ["Retry-After": "1"]) : nil
    }) { target, receiver, folder in
      try await withBridge(bridgeYAML([target.address], [receiver.url]), in: folder) { _ in
        _ = try await eventually("it is taken") { receiver.accepted > 0 ? true : nil }
      }
      let times = receiver.received.map(\.time)
      #expect(times[1] - times[0] >= 0.99)
    }
  }

  @Test("what is refused is kept with the receiver's words, is not sent again, and the sender is calm")
  func refused() async throws {
    try await withTarget(receiver: { number, _ in number == 0 ? .status(400, "out of order\nsample") : nil })
    { target, receiver, folder in
      let statistics = try await withBridge(bridgeYAML([target.address], [receiver.url]), in: folder) {
        bridge in
        _ = try await eventually("the next is taken") { receiver.accepted > 0 ? true : nil }
        return bridge.statistics.endpoints[0]
      }
      let received = receiver.received
      #expect(received[1].time - received[0].time >= 4.9)
      #expect(received[0].body != received[1].body)
      #expect(statistics.ledger.refused == UInt64(received[0].request.series.count))
      let letters = try readDeadLetters(folder + "/endpoints/e0/dead-letters")
      #expect(letters.map(\.letter.status) == [400])
      #expect(letters.map(\.letter.words) == ["out of order sample"])
      #expect(letters.map(\.body) == [received[0].body])
      #expect(letters.map(\.letter.samples) == [received[0].request.series.count])
    }
  }

  @Test("an endpoint that is dead does not slow the others, and gets everything when it is back")
  func deadEndpoint() async throws {
    let target = try CountingTarget()
    let isUp = Atomic(false)
    let alive = try Receiver()
    let dead = try Receiver { _, _ in isUp.load(ordering: .relaxed) ? nil : HTTPServer.Answer(isReset: true) }
    defer {
      target.stop()
      alive.stop()
      dead.stop()
    }
    try await withTemporaryDirectory { folder in
      try await withBridge(bridgeYAML([target.address], [dead.url, alive.url]), in: folder) { bridge in
        _ = try await eventually("the living one has ten scrapes") {
          alive.samples("scrapes_total").count >= 10 ? true : nil
        }
        #expect(dead.accepted == 0)
        let statistics = bridge.statistics.endpoints[0]
        #expect(statistics.pending > 0 && statistics.lastError != nil && statistics.oldest != nil)
        isUp.store(true, ordering: .relaxed)
        _ = try await eventually("the dead one has them too") {
          dead.samples("scrapes_total").count >= 10 ? true : nil
        }
      }
      let values = dead.samples("scrapes_total").map(\.value)
      #expect(values == (1...values.count).map(Double.init))
      #expect(dead.faults == [] && alive.faults == [])
    }
  }

  @Test("with one shard only one request is under way at an endpoint")
  func oneInFlight() async throws {
    let running = Mutex((now: 0, most: 0))
    try await withTargets(
      4,
      receiver: { _, _ in
        running.withLock {
          $0.now += 1
          $0.most = max($0.most, $0.now)
        }
        usleep(30_000)
        running.withLock { $0.now -= 1 }
        return nil
      }
    ) { targets, receiver, folder in
      try await withBridge(
        bridgeYAML(targets.map(\.address), [receiver.url], queue: "max_samples_per_send: 3, max_shards: 1"),
        in: folder
      ) { _ in
        _ = try await eventually("many requests") { receiver.received.count >= 20 ? true : nil }
      }
      #expect(running.withLock { $0.most } == 1)
      #expect(receiver.faults == [])
      #expect(receiver.received.allSatisfy { $0.request.series.count <= 3 })
    }
  }

  @Test("a batch that was cut before the end is sent after the start as it was, before anything else")
  func restart() async throws {
    let isUp = Atomic(false)
    try await withTarget(receiver: { _, _ in
      isUp.load(ordering: .relaxed) ? nil : HTTPServer.Answer(isReset: true)
    }) { target, receiver, folder in
      let text = bridgeYAML([target.address], [receiver.url])
      try await withBridge(text, in: folder, flush: .milliseconds(100)) { _ in
        _ = try await eventually("tried twice, with more behind it") {
          receiver.received.count >= 2 && target.scrapes >= 8 ? true : nil
        }
      }
      let before = receiver.received
      isUp.store(true, ordering: .relaxed)
      try await withBridge(text, in: folder) { _ in
        _ = try await eventually("all of it") { receiver.samples("scrapes_total").count >= 10 ? true : nil }
      }
      let after = receiver.received[before.count]
      #expect(Set(before.map(\.body)) == [after.body])
      let values = receiver.samples("scrapes_total").map(\.value)
      #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 } && values.first == 1)
      #expect(receiver.faults == [])
    }
  }

  @Test(
    "out of order, of the batch that is repeated after a start, counts as delivered; of the next one it does not"
  )
  func presumedDelivered() async throws {
    let phase = Atomic(0)
    try await withTarget(receiver: { _, _ in
      switch phase.load(ordering: .relaxed) {
      case 0: HTTPServer.Answer(isReset: true)
      default: .status(400, "out of order sample")
      }
    }) { target, receiver, folder in
      let text = bridgeYAML([target.address], [receiver.url])
      try await withBridge(text, in: folder, flush: .milliseconds(50)) { _ in
        _ = try await eventually("tried") { receiver.received.count >= 1 ? true : nil }
      }
      phase.store(1, ordering: .relaxed)
      let first = receiver.received[0].request.series.count
      let ledger = try await withBridge(text, in: folder, flush: .milliseconds(50)) { bridge in
        try await eventually("both are judged") {
          let ledger = bridge.statistics.endpoints[0].ledger
          return ledger.refused > 0 ? ledger : nil
        }
      }
      #expect(ledger.presumedDelivered == UInt64(first))
      #expect(try readDeadLetters(folder + "/endpoints/e0/dead-letters").count == 1)
    }
  }
}
