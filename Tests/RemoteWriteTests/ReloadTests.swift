import Foundation
import HTTPServerFixture
import OpenMetrics
import ProgramFixture
import Synchronization
import Testing

@testable import RemoteWrite

@Suite("Another configuration", .serialized)
struct ReloadTests {
  /// Values of a counter of scrapes over all series of a receiver that have it, in the order of their times, but for markers.
  private static func values(_ receiver: Receiver, _ target: CountingTarget) -> [Double] {
    receiver.series.filter { series, _ in
      series[SeriesLabels.nameLabel] == "scrapes_total" && series["instance"] == target.address
    }.values.joined().filter { $0.bits != SampleValue.stale }.sorted { $0.time < $1.time }.map(\.value)
  }

  private static func configuration(_ yaml: String) throws -> PrometheusConfiguration {
    try PrometheusConfiguration(yaml: yaml)
  }

  @Test("targets that stay go on, those that go end, and those that come begin")
  func targets() async throws {
    try await withTargets(3) { targets, receiver, folder in
      try await withBridge(
        bridgeYAML([targets[0], targets[1]].map(\.address), [receiver.url], interval: "300ms"), in: folder
      ) {
        bridge in
        _ = try await eventually("scrapes") { targets[0].scrapes > 3 && targets[1].scrapes > 3 ? true : nil }
        try await bridge.reload(
          Self.configuration(
            bridgeYAML([targets[1], targets[2]].map(\.address), [receiver.url], interval: "300ms")))
        let gone = targets[0].scrapes
        let kept = try #require(bridge.statistics.targets.first)
        #expect(kept.labels["instance"] == targets[1].address && kept.scrapes > 2)
        _ = try await eventually("the third") { targets[2].scrapes > 3 ? true : nil }
        #expect(targets[0].scrapes == gone)
      }
      #expect(receiver.samples("up", ["instance": targets[0].address]).last?.bits == SampleValue.stale)
      for target in targets {
        let values = Self.values(receiver, target)
        #expect(values == (1...values.count).map(Double.init) && values.count >= target.scrapes - 1)
      }
      let kept = receiver.samples("steady", ["instance": targets[1].address])
      #expect(!kept.contains { $0.bits == SampleValue.stale })
      #expect(
        receiver.samples("scrape_series_added", ["instance": targets[1].address]).dropFirst().allSatisfy {
          $0.value == 0
        })
      #expect(receiver.faults == [])
    }
  }

  @Test("endpoints come, change and go, and each has every scrape of its time")
  func endpoints() async throws {
    let target = try CountingTarget()
    let receivers = try (0..<2).map { _ in try Receiver() }
    defer {
      target.stop()
      for receiver in receivers { receiver.stop() }
    }
    let both = receivers.map(\.url)
    try await withTemporaryDirectory { folder in
      try await withBridge(bridgeYAML([target.address], [both[0]], interval: "300ms"), in: folder) { bridge in
        func wait() async throws {
          let before = target.scrapes
          _ = try await eventually("three scrapes") { target.scrapes > before + 3 ? true : nil }
        }
        try await wait()
        for (urls, queue) in [
          (both, "min_backoff: 20ms"), (both, "min_backoff: 30ms, max_samples_per_send: 3"),
          (both, "min_backoff: 20ms, max_samples_per_send: 5"), ([both[0]], "min_backoff: 20ms"),
          (both, "min_backoff: 20ms"),
        ] {
          try await bridge.reload(
            Self.configuration(bridgeYAML([target.address], urls, interval: "300ms", queue: queue)))
          #expect(bridge.statistics.endpoints.count == urls.count)
          try await wait()
        }
        let endpoint = bridge.statistics.endpoints[0]
        #expect(endpoint.failed == 0 && endpoint.ledger.total <= endpoint.enqueued)
      }
      let first = Self.values(receivers[0], target)
      #expect(first == (1...first.count).map(Double.init) && first.count >= target.scrapes - 1)
      let second = Self.values(receivers[1], target)
      let jumps = zip(second, second.dropFirst()).filter { $1 != $0 + 1 }
      #expect(jumps.count == 1, "away once: \(second)")
      for receiver in receivers {
        #expect(receiver.faults == [])
        #expect(!receiver.series.values.joined().contains { $0.bits == SampleValue.stale })
      }
    }
  }

  @Test(
    "an endpoint that is away keeps what waits for it when it is asked otherwise, and sends the cut batch as it is"
  )
  func queueIsKept() async throws {
    let isUp = Atomic(false)
    try await withTarget(receiver: { _, _ in
      isUp.load(ordering: .relaxed) ? nil : HTTPServer.Answer(isReset: true)
    }) { target, receiver, folder in
      try await withBridge(bridgeYAML([target.address], [receiver.url], interval: "300ms"), in: folder) {
        bridge in
        _ = try await eventually("tried, with more behind it") {
          receiver.received.count > 1 && target.scrapes > 6 ? true : nil
        }
        try await bridge.reload(
          Self.configuration(
            bridgeYAML([target.address], [receiver.url], interval: "300ms", queue: "min_backoff: 50ms")))
        let before = receiver.received.count
        isUp.store(true, ordering: .relaxed)
        _ = try await eventually("all of it") { receiver.samples("scrapes_total").count > 6 ? true : nil }
        #expect(receiver.received[before].body == receiver.received[0].body)
      }
      let values = Self.values(receiver, target)
      #expect(values == (1...values.count).map(Double.init))
      #expect(receiver.faults == [])
    }
  }

  @Test(
    "an endpoint that goes and takes nothing keeps no other change waiting, and gets what waited when it is back",
    .timeLimit(.minutes(2)))
  func slowGoing() async throws {
    let target = try CountingTarget()
    let isUp = Atomic(false)
    let kept = try Receiver()
    let slow = try Receiver { _, _ in isUp.load(ordering: .relaxed) ? nil : .silence }
    defer {
      target.stop()
      kept.stop()
      slow.stop()
    }
    let both = bridgeYAML([target.address], [kept.url, slow.url], interval: "300ms")
    let alone = bridgeYAML([target.address], [kept.url], interval: "300ms")
    try await withTemporaryDirectory { folder in
      let begun = ContinuousClock.now
      try await withBridge(both, in: folder, flush: .seconds(600)) { bridge in
        _ = try await eventually("asked in vain, with more behind it") {
          slow.received.count > 0 && target.scrapes > 4 ? true : nil
        }
        try await bridge.reload(Self.configuration(alone))
        #expect(bridge.statistics.endpoints.map(\.name) == ["e0"])
        let before = target.scrapes
        _ = try await eventually("scrapes go on") { target.scrapes > before + 2 ? true : nil }
        try await bridge.reload(Self.configuration(alone))
        isUp.store(true, ordering: .relaxed)
        try await bridge.reload(Self.configuration(both))
        _ = try await eventually("what waited, and more") {
          (Self.values(slow, target).last ?? 0) > Double(before + 4) ? true : nil
        }
        // Gone again, and it stays away: the end does not wait for it.
        isUp.store(false, ordering: .relaxed)
        let asked = slow.received.count
        _ = try await eventually("asked in vain") { slow.received.count > asked ? true : nil }
        try await bridge.reload(Self.configuration(alone))
      }
      #expect(ContinuousClock.now - begun < .seconds(100))
      let values = Self.values(slow, target)
      let jumps = zip(values, values.dropFirst()).filter { $1 != $0 + 1 }
      #expect(values.first == 1 && jumps.count == 1, "away once: \(values)")
      #expect(kept.faults == [] && slow.faults == [])
    }
  }

  @Test("other rules for samples end what they drop, and nothing else")
  func rules() async throws {
    let target = try CountingTarget()
    let receiver = try Receiver()
    defer {
      target.stop()
      receiver.stop()
    }
    let drop = "    metric_relabel_configs: [{source_labels: [__name__], regex: steady, action: drop}]\n"
    try await withTemporaryDirectory { folder in
      try await withBridge(bridgeYAML([target.address], [receiver.url], interval: "300ms"), in: folder) {
        bridge in
        _ = try await eventually("scrapes") { target.scrapes > 3 ? true : nil }
        try await bridge.reload(
          Self.configuration(bridgeYAML([target.address], [receiver.url], interval: "300ms", job: drop)))
        let before = target.scrapes
        _ = try await eventually("more scrapes") { target.scrapes > before + 3 ? true : nil }
      }
      let steady = receiver.samples("steady")
      #expect(
        steady.last?.bits == SampleValue.stale && steady.count(where: { $0.bits == SampleValue.stale }) == 1)
      let values = Self.values(receiver, target)
      #expect(values == (1...values.count).map(Double.init) && values.count >= target.scrapes - 1)
      #expect(receiver.faults == [])
    }
  }

  @Test("other external labels count from the next scrape, and no scrape is lost between")
  func externalLabels() async throws {
    try await withTarget { target, receiver, folder in
      try await withBridge(bridgeYAML([target.address], [receiver.url], interval: "300ms"), in: folder) {
        bridge in
        _ = try await eventually("scrapes") { target.scrapes > 3 ? true : nil }
        try await bridge.reload(
          Self.configuration(
            bridgeYAML(
              [target.address], [receiver.url], interval: "300ms", global: ", external_labels: {zone: b}")))
        _ = try await eventually("with the label") {
          receiver.samples("scrapes_total", ["zone": "b"]).count > 2 ? true : nil
        }
      }
      let values = Self.values(receiver, target)
      #expect(values == (1...values.count).map(Double.init))
      #expect(receiver.faults == [])
    }
  }

  @Test("one that cannot be used is refused, and everything is as before")
  func refused() async throws {
    try await withTarget { target, receiver, folder in
      let bridge = try Bridge(
        configuration: Self.configuration(bridgeYAML([target.address], [receiver.url], interval: "300ms")),
        options: BridgeOptions(directory: folder), logger: silent)
      async let running: Void = bridge.run()
      let bad = bridgeYAML(
        ["a:1"], [receiver.url, "http://127.0.0.1:1/"], interval: "300ms",
        job: "    relabel_configs: [{target_label: __address__, replacement: \"\"}]\n")
      await #expect(throws: ConfigurationFault.self) { try await bridge.reload(Self.configuration(bad)) }
      // A folder that another process has.
      try Data("x".utf8).write(to: URL(filePath: folder + "/endpoints/e1"))
      let blocked = bridgeYAML([target.address], [receiver.url, "http://127.0.0.1:1/"], interval: "300ms")
      await #expect(throws: (any Error).self) { try await bridge.reload(Self.configuration(blocked)) }
      #expect(bridge.statistics.endpoints.map(\.name) == ["e0"])
      let before = target.scrapes
      _ = try await eventually("it goes on") { target.scrapes > before + 2 ? true : nil }
      bridge.stop()
      await running
      await #expect(throws: Bridge.NotRunning.self) {
        try await bridge.reload(Self.configuration(bridgeYAML([], [receiver.url], interval: "300ms")))
      }
      #expect(receiver.faults == [])
    }
  }

  @Test("a hundred of them under load lose nothing and leave nothing behind")
  func many() async throws {
    try await withTargets(3) { targets, receiver, folder in
      @Sendable func yaml(_ number: Int) -> String {
        bridgeYAML(
          [targets[0].address] + (number % 3 == 0 ? [targets[1].address] : [])
            + (number % 2 == 0 ? [targets[2].address] : []), [receiver.url], interval: "20ms",
          queue: "min_backoff: \(20 + number % 4)ms", global: ", external_labels: {n: \"\(number % 2)\"}")
      }
      try await withBridge(yaml(0), in: folder) { bridge in
        for number in 1...100 { try await bridge.reload(Self.configuration(yaml(number))) }
        let before = targets[0].scrapes
        _ = try await eventually("it goes on") { targets[0].scrapes > before + 2 ? true : nil }
      }
      let values = Self.values(receiver, targets[0])
      #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 } && values.count > 10)
      // A scrape that takes longer than it may is down, and has no samples.
      let down = receiver.series.filter { series, _ in
        series[SeriesLabels.nameLabel] == "up" && series["instance"] == targets[0].address
      }.values.joined().count { $0.value == 0 }
      let missing = Set((1...targets[0].scrapes - 1).map(Double.init)).subtracting(values)
      #expect(missing.count <= down, "\(missing.sorted())")
      #expect(receiver.faults == [])
    }
  }
}
