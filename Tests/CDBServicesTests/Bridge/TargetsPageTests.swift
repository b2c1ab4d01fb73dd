import CDBDomain
import Foundation
import ServiceRuntime
import Testing

@testable import CDBServices
@testable import RemoteWrite

@Suite("The bridge's targets, for people and for programs")
struct TargetsPageTests {
  private static let attack = #"</td><script>alert(1)</script>" onload='x' & <img src=x>"#

  private static var statistics: BridgeStatistics {
    var up = TargetStatistics()
    up.job = "a"
    up.url = "http://h:1/metrics"
    up.labels = ["job": "a", "instance": "h:1", "x": attack]
    up.discovered = ["__address__": "h:1", "__meta_x": "y"]
    (up.interval, up.timeout) = (90_000, 1_500)
    up.scrapes = 2
    up.lastScrape = 1_796_000_000_250
    up.lastDuration = 0.0125
    var down = up
    down.url = "http://h:2/" + attack
    down.lastError = attack
    var new = TargetStatistics()
    new.job = "b"
    var search = DiscoveryStatistics()
    (search.job, search.mechanism, search.place, search.faults) = ("b", "file", attack, [attack])
    var received = ReceivedStatistics()
    received.formats[.remoteWrite2] = .init(requests: [.ok: 5, .partial: 2], samples: 4_321)
    received.lastError = attack
    return BridgeStatistics(
      targets: [up, down, new], endpoints: [], departed: [],
      dropped: [DroppedTarget(job: "a", discovered: ["__address__": "gone:1", "__meta_x": attack])],
      droppedCounts: ["a": 7, "c": 0], searches: [search],
      targetFaults: [ConfigurationFault(line: nil, path: "job a", reason: attack)],
      received: received)
  }

  @Test(
    "the page is well-formed whatever targets are called, and says how each is", arguments: Language.allCases)
  func page(_ language: Language) {
    let page = TargetsPage(
      statistics: Self.statistics, now: EventTime(nanoseconds: 1_796_000_001_000_000_000), language: language)
    let text = page.render().text
    let check = MarkupCheck(text)
    #expect(check.faults == [])
    #expect(!text.contains("<script>alert") && !text.contains("nil") && !text.contains("Optional"))
    for word in language == .de
      ? [
        "1 von 2 erreichbar", "gestört", "noch nicht gefragt", "12,5 ms", "Von einer Regel verworfen: 7",
        "Kein Ziel.", "Von anderen gesendet", "remote write 2.0", "4321",
      ]
      : [
        "1 of 2 up", "down", "not asked yet", "12.5 ms", "Dropped by a rule: 7", "No target.",
        "Pushed by others", "4321",
      ]
    {
      #expect(text.contains(word), "\(word)")
    }
  }

  @Test(
    "what is pushed stands in the answer of the operation and in the metrics, with every reason of refusal")
  func received() throws {
    var statistics = Self.statistics
    statistics.received.refused = [.outOfOrder: 3]
    let answer = BridgeAnswer(statistics)
    #expect(
      answer.received.map(\.format) == ["2.0"] && answer.received[0].requests == ["ok": 5, "partial": 2])
    #expect(answer.refused == ["out_of_order": 3] && answer.lastPushError == Self.attack)
    let families = try ReceivedMetrics.families(statistics.received)
    #expect(families.count == ReceivedMetrics.all.count)
  }

  @Test("the answer has the form of Prometheus's")
  func answer() throws {
    let answer = EndpointResponse.json(200, TargetsAnswer(Self.statistics))
    guard case .bytes(let bytes) = answer.body else {
      Issue.record("no bytes")
      return
    }
    let document = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    #expect(document["status"] as? String == "success")
    let content = try #require(document["data"] as? [String: Any])
    let active = try #require(content["activeTargets"] as? [[String: Any]])
    #expect(active.map { $0["health"] as? String } == ["up", "down", "unknown"])
    #expect(active[0]["lastScrape"] as? String == "2026-11-30T00:53:20.250Z")
    #expect(
      active[0]["scrapeInterval"] as? String == "1m30s" && active[0]["scrapeTimeout"] as? String == "1s500ms")
    #expect(active[0]["discoveredLabels"] as? [String: String] == ["__address__": "h:1", "__meta_x": "y"])
    #expect(active[0]["scrapePool"] as? String == "a" && active[0]["lastScrapeDuration"] as? Double == 0.0125)
    #expect(active[1]["lastError"] as? String == Self.attack)
    #expect(active[2]["lastScrape"] as? String == "0001-01-01T00:00:00Z")
    let dropped = try #require(content["droppedTargets"] as? [[String: Any]])
    #expect(dropped.count == 1 && content["droppedTargetCounts"] as? [String: Int] == ["a": 7, "c": 0])
    let only = TargetsAnswer(Self.statistics, state: "active", job: "b").data
    #expect(only.activeTargets.count == 1 && only.droppedTargets.isEmpty)
    #expect(TargetsAnswer(Self.statistics, state: "dropped", job: "b").data.droppedTargets.isEmpty)
  }
}
