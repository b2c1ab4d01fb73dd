import Foundation
import HTTPServerFixture
import OpenMetrics
import ProgramFixture
import Synchronization
import Testing

@testable import RemoteWrite

/// A target that remembers when it had answered each scrape.
private final class RememberingTarget: Sendable {
  private final class Memory: Sendable {
    let answered = Mutex<[ContinuousClock.Instant]>([])
  }

  private let memory = Memory()
  private let server: HTTPServer

  var address: String { "127.0.0.1:\(server.port)" }
  /// When each scrape was answered, from number 1.
  var answered: [ContinuousClock.Instant] { memory.answered.withLock { $0 } }

  init(series: Int) throws {
    server = try HTTPServer { [memory] _ in
      let number = memory.answered.withLock { answered in
        answered.append(.now)
        return answered.count
      }
      var text = "scrapes_total \(number)\n"
      for index in 0..<series { text += "work_total{part=\"\(index)\"} \(number)\n" }
      return .text(text)
    }
  }

  func stop() { server.stop() }
}

@Suite("Killed at any instant", .serialized)
struct KillTests {
  /// A receiver that is out of sorts, by a seed: every few requests it refuses, breaks off or is slow.
  ///
  /// - Parameter isCalm: asked at each request; then it takes everything.
  private static func script(seed: UInt64, isCalm: @escaping @Sendable () -> Bool) -> Receiver.Script {
    let random = Mutex(SeededGenerator(seed: seed))
    return { _, _ in
      guard !isCalm() else { return nil }
      let (choice, pause) = random.withLock {
        (Int.random(in: 0..<20, using: &$0), UInt32.random(in: 1_000...80_000, using: &$0))
      }
      switch choice {
      case 0: return .status(503, "busy")
      case 1: return .status(429, "slow down", ["Retry-After": "1"])
      case 2: return HTTPServer.Answer(isReset: true)
      case 3: return .status(500)
      case 4, 5:
        usleep(pause)
        return nil
      default: return nil
      }
    }
  }

  /// Which scrapes samples are of; a scrape that failed left a staleness marker.
  private static func values(_ samples: [WriteRequest.Sample]) -> [Int] {
    samples.filter { $0.bits != SampleValue.stale }.map { Int($0.value) }
  }

  @Test(
    "no scrape is lost but one that a kill interrupts, none comes twice or out of order, and all adds up",
    .timeLimit(.minutes(30)))
  func campaign() async throws {
    let seed: UInt64 = 7
    let targets = try [1, 40, 400].map { try RememberingTarget(series: $0) }
    let isCalm = Atomic(false)
    let receiver = try Receiver(script: Self.script(seed: seed) { isCalm.load(ordering: .relaxed) })
    defer {
      for target in targets { target.stop() }
      receiver.stop()
    }
    try await withTemporaryDirectory { folder in
      func configuration(shards: ClosedRange<Int>) -> String {
        """
        global: {scrape_interval: 200ms, scrape_timeout: 200ms}
        scrape_configs:
          - job_name: j
            static_configs: [{targets: [\(targets.map { "\"\($0.address)\"" }.joined(separator: ", "))]}]
        remote_write:
          - {name: e, url: "\(receiver.url)", queue_config: {batch_send_deadline: 100ms, max_samples_per_send: 250, max_backoff: 500ms, min_shards: \(shards.lowerBound), max_shards: \(shards.upperBound)}}

        """
      }
      func configure(_ shards: ClosedRange<Int>) throws {
        try configuration(shards: shards)
          .write(toFile: folder + "/prometheus.yml", atomically: false, encoding: .utf8)
      }
      var random = SeededGenerator(seed: seed)
      var kills: [ContinuousClock.Instant] = []
      let end = ContinuousClock.now + .seconds(Surroundings.campaignSeconds)
      // On a slow machine it goes on until it has shown something.
      while ContinuousClock.now < end || kills.count <= 10 {
        // Each has another number of shards than the one before it.
        let fewest = Int.random(in: 1...4, using: &random)
        try configure(fewest...Int.random(in: fewest...6, using: &random))
        let child = try Program(
          Program.sibling("BridgeCrashChild"), ["prometheus.yml", folder + "/data"], in: folder)
        try await Task.sleep(for: .milliseconds(Int.random(in: 150...3_000, using: &random)))
        child.signal(SIGKILL)
        kills.append(.now)
        #expect(try await child.exit() == -SIGKILL, "\(child.errors)")
      }
      // What waits by now is more than a receiver like this one takes in a moment.
      isCalm.store(true, ordering: .relaxed)
      let before = targets.map(\.answered.count)
      let last = try Program(
        Program.sibling("BridgeCrashChild"), ["prometheus.yml", folder + "/data"], in: folder)
      _ = try await eventually("it has caught up, and scrapes on") {
        zip(targets, before).allSatisfy { target, count in
          let newest = Self.values(receiver.samples("scrapes_total", ["instance": target.address])).last
          return newest ?? 0 > count + 3
        } ? true : nil
      }
      last.signal(SIGTERM)
      #expect(try await last.exit() == 0, "\(last.errors)")

      #expect(receiver.faults == [])
      var scraped = 0
      var lost = 0
      for target in targets {
        let values = Self.values(receiver.samples("scrapes_total", ["instance": target.address]))
        let answered = target.answered
        scraped += answered.count
        #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 })
        // A kill may interrupt the scrape that was answered last before it, and stopping the one under way.
        var excused: Set<Int> = [answered.count]
        for kill in kills {
          excused.insert(answered.count { $0 <= kill })
          // A request that was on its way is answered, and nobody is there to hear it.
          let near = answered.indices.filter {
            answered[$0] > kill && answered[$0] < kill + .milliseconds(250)
          }
          excused.formUnion(near.map { $0 + 1 })
        }
        let missing = Set(1...answered.count).subtracting(values)
        lost += missing.count
        // One that took longer than the bridge waits is told by `up`.
        let late = receiver.samples("up", ["instance": target.address]).count { $0.value == 0 }
        let unexplained = missing.subtracting(excused)
        #expect(unexplained.count <= late, "\(unexplained.sorted()), and \(late) late")
        let parts = receiver.series.filter { $0.key["instance"] == target.address && $0.key.contains("part") }
        let different = parts.filter { Self.values($0.value) != values }
        #expect(different.isEmpty, "\(different.keys.prefix(3))")
      }
      let endpoint = try #require(try EndpointInspection.all(in: folder + "/data").first)
      let ledger = endpoint.ledger
      print(
        "killed \(kills.count) times: scraped \(scraped), interrupted \(lost); samples enqueued",
        "\(endpoint.enqueued), delivered \(ledger.delivered), presumed \(ledger.presumedDelivered),",
        "refused \(ledger.refused), dropped \(ledger.droppedFull + ledger.droppedCorrupt); received",
        "\(receiver.accepted), again \(receiver.repeated)")
      #expect(endpoint.samples == 0 && !endpoint.isUnderWay && endpoint.faults == [])
      #expect(ledger.total == endpoint.enqueued)
      #expect(ledger.delivered + ledger.presumedDelivered == UInt64(receiver.accepted))
      #expect(ledger.refused + ledger.droppedFull + ledger.droppedCorrupt + ledger.forgotten == 0)
      #expect(kills.count > 10 && receiver.accepted > 5_000)
    }
  }
}
