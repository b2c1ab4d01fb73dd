import CDBDomain
import Foundation
import Logging
import ServiceLifecycle
import ServiceRuntime
import Testing

@testable import CDBGate
@testable import CDBPipeline
@testable import CDBServices

/// What a service of an earlier version answers is read as far as it goes.
@Suite("Answers of earlier versions")
struct EarlierAnswersTests {
  private static func read<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }

  @Test("an answer without remarks, what is behind a stop, causes and layers, and incidents with one reason")
  func why() throws {
    let answer = try Self.read(Diagnosis.self, Self.recordedWhy)
    #expect(answer.trading && answer.stages.count == 5 && answer.gate?.state == .open)
    #expect(answer.remarks.isEmpty && answer.behind.isEmpty && answer.layers.isEmpty)
    #expect(answer.isCauseKnown && answer.cause == nil)
    #expect(answer.incidents.map(\.reasons) == [["silent_feed"]])
    for language in Language.allCases { #expect(answer.text(in: language).contains("3 ")) }
  }

  @Test("a status without nearness, damages, and what came lately")
  func status() throws {
    let status = try Self.read(PipelineStatus.self, Self.recordedStatus)
    #expect(status.feed.frames > 0 && status.feed.isLive && status.stage(.ws)?.health == .healthy)
    #expect(status.nearness.isEmpty && status.journalDamage.isEmpty && status.framesBefore == 0)
    #expect(status.stage(.ws)?.lately == nil && status.account?.tradingState == .active)
    #expect(!status.tally.fills.isEmpty && status.tally.refusalsInARow == 0)
    let part = try Self.read(
      ServicePart.self, #"{"stage":"ws","instance":"1","at":1,"status":\#(Self.recordedStatus)}"#)
    #expect(part.holds && part.ended == nil && part.settings == nil)
  }

  @Test("what is written now is read as it was")
  func now() throws {
    var answer = try Self.read(Diagnosis.self, Self.recordedWhy)
    answer.cause = "a"
    answer.causeDe = "b"
    answer.isCauseKnown = false
    answer.incidents[0].reasons = ["silent_feed", "feed_failed"]
    answer.hypotheses = [Hypothesis(en: "c", de: "d", [Evidence("frames", "0")])]
    answer.layers = [
      LayerReport(layer: .risk, condition: .broke, consumed: 1, produced: 0, refused: ["exposure_limit": 1])
    ]
    let damage = JournalDamage(file: "7.seg", offset: 512, bytes: 9, reason: "damaged")
    answer.remarks = [try #require(Remark.journal([damage]))]
    #expect(try JSONDecoder().decode(Diagnosis.self, from: JSONEncoder().encode(answer)) == answer)

    var status = PageFixture.snapshot().status
    status.journalDamage = [damage]
    status.configurations = [
      ConfigurationDifference(
        process: "core", fingerprint: "a", wsFingerprint: "b",
        settings: [.init(key: "risk.stop_loss", value: "0.1", wsValue: nil)])
    ]
    let again = try JSONDecoder().decode(PipelineStatus.self, from: JSONEncoder().encode(status))
    #expect(again.journalDamage == status.journalDamage && again.configurations == status.configurations)
    #expect(again.stages.map(\.sinceStart.received) == status.stages.map(\.sinceStart.received))
    #expect(again.account?.layers == status.account?.layers && again.nearness == status.nearness)
    #expect(
      again.tally.fills == status.tally.fills && again.tally.refusedInARow == status.tally.refusedInARow)
    #expect(
      again.feed.connection == status.feed.connection
        && again.feed.unsynchronised == status.feed.unsynchronised)
  }

  @Test("a remark of a kind that a later version has does not cost the answer")
  func laterRemark() throws {
    let remark = #"{"kind":"of_tomorrow","text":"a","text_de":"b","evidence":[],"new":1}"#
    let text = Self.recordedWhy.replacing("{\"as_of_ns\"", with: "{\"remarks\":[\(remark)], \"as_of_ns\"")
    #expect(try Self.read(Diagnosis.self, text).remarks.isEmpty)
  }

  @Test("where something is missing that is needed, the version is named, and garbage is nobody's of ours")
  func missing() throws {
    func detail(_ text: String) -> OtherVersion.Detail? {
      do {
        _ = try Self.read(Diagnosis.self, text)
        return nil
      } catch let error as DecodingError {
        return OtherVersion.Detail(error, in: Array(text.utf8))
      } catch {
        return nil
      }
    }
    let without = Self.recordedWhy.replacing("\"verdict\"", with: "\"verdict_\"")
    #expect(detail(without) == .missing("verdict"))
    let strange = Self.recordedWhy.replacing("\"verdict\":\"trading\"", with: "\"verdict\":\"asleep\"")
    #expect(detail(strange) == .unknown("verdict"))
    let inner = Self.recordedWhy.replacing("\"number\":3", with: "\"number_\":3")
    #expect(detail(inner) == .missing("incidents.0.number"))
    for garbage in [#"{"a":1}"#, "[]", "<html>", ""] { #expect(detail(garbage) == nil, "\(garbage)") }
    let told = OtherVersion(address: "h:1", operation: "why", detail: .missing("verdict"))
    #expect(
      told.description
        == "what answers at h:1 is of an older version (its answer to why does not have verdict): ask it with the cdb that it "
        + "was started with, or start it anew with this one")
    #expect(Failures.exitCode(for: told) == 3)
  }

  @Test("whoever asks is told so, and what to do")
  func asked() async throws {
    struct Old: Codable, Sendable { var as_of_ns = 1 }
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let operation = Operation<NoInput, Old>(name: "why", summary: "As it was.") { _, _ in Old() }
    let endpoint = ServiceEndpoint(
      configuration: EndpointConfiguration(listen: ListenAddress(port: 0)),
      operations: try OperationCatalogue([AnyOperation(operation)]), logger: logger)
    let group = ServiceGroup(services: [endpoint], gracefulShutdownSignals: [], logger: logger)
    let running = Task { try await group.run() }
    let address = try await endpoint.address
    var told: String?
    do {
      _ = try await ServiceClient(address: address).why()
    } catch {
      told = "\(error)"
    }
    await group.triggerGracefulShutdown()
    try await running.value
    #expect(
      told
        == OtherVersion(address: "\(address)", operation: "why", detail: .missing("trading")).description)
  }

  /// Recorded from `cdb run`, without what versions of before the remarks did not have.
  private static let recordedWhy = #"""
    {"as_of_ns":1796070436779210405, "evidence":[{"age_seconds":2.639760099, "name":"fills", "value":"1"}],
    "gate":{"actor":"policy", "checks":[{"age_seconds":2.364692842, "check":"logs",
    "evidence":[{"name":"canary_seconds", "source":"/var/lib/cdb/logs/cdb.jsonl", "value":"0.171"}],
    "outcome":"pass", "reason":"none"}, {"age_seconds":7.672277084, "check":"event_flow",
    "evidence":[{"name":"crossing_seconds", "source":"barrier", "value":"0.062"}], "outcome":"pass",
    "reason":"none"}], "held":false, "opens_by_itself":true, "reason":"five checks passed",
    "since_ns":1796070430274801960, "state":"open"}, "incidents":[{"layer":"market_data", "number":3, "over":true,
    "reason":"silent_feed", "severity":"warning", "state":"open"}], "profile":"demo",
    "refusals":{"nothing_to_reduce":1}, "since_ns":1796070434139450306, "stages":[{"age_seconds":0.091435003,
    "dropped":{}, "emitted":961, "health":"healthy", "received":944, "stage":"ws"}, {"age_seconds":0.072679153,
    "dropped":{}, "emitted":963, "health":"healthy", "received":961, "stage":"core"}, {"age_seconds":0.072370985,
    "dropped":{}, "emitted":950, "health":"healthy", "received":969, "stage":"risk"}, {"age_seconds":0.036750672,
    "dropped":{}, "emitted":31, "health":"healthy", "received":950, "stage":"execution"},
    {"age_seconds":1.084080314, "dropped":{}, "emitted":0, "health":"healthy", "received":31,
    "stage":"db_writer"}], "summary":"trading on paper: 1 fill, the last 2 s ago",
    "summary_de":"es wird auf Papier gehandelt: 1 Ausführung, die letzte vor 2 s", "trading":true,
    "verdict":"trading", "zero_activity":{"level":"none", "seconds":{"fills":2.154801428, "orders":2.154801428,
    "signals":2.154801428}}}
    """#

  /// The same of its operation `status`; one stage stands for all.
  private static let recordedStatus = #"""
    {"account":{"cash":899954223769, "equity":999969442969, "exposure":100015219200, "fees":99945831, "fills":1,
    "name":"paper", "openOrders":0, "peakEquity":1000000000000, "positions":[], "startingCash":1000000000000},
    "feed":{"bookGaps":{"BTCUSDT":0, "ETHUSDT":0}, "faults":0, "frames":995, "isConnected":true, "isLive":true,
    "lastFrameWall":1796070437263225117, "lastMoveWall":1796070437263225117, "skewNanoseconds":0,
    "tradeGaps":{"BTCUSDT":0, "ETHUSDT":0}}, "fingerprint":"f2f28321e274", "gate":{"enforced":true,
    "since":1796070430276007590, "state":"open"}, "notices":[], "profile":"demo", "stages":[{"backlog":0,
    "cpuNanoseconds":45135651, "health":"healthy", "inFlight":0, "lastBarrierWall":1796070434126227922,
    "lastEventTime":1796070437232171547, "lastEventWall":1796070437263142752,
    "sinceStart":{"absorbed":{"acknowledgement":1, "awaiting_snapshot":4}, "acted":1013, "dropped":{},
    "emittedByKind":{"book":166, "control":28, "quote":639, "tick":18, "trade":185}, "received":1018,
    "receivedByKind":{}, "redeliveries":0}, "stage":"ws", "total":{"absorbed":{"acknowledgement":1,
    "awaiting_snapshot":4}, "acted":1013, "dropped":{}, "emittedByKind":{"book":166, "control":28, "quote":639,
    "tick":18, "trade":185}, "received":1018, "receivedByKind":{}, "redeliveries":0}}],
    "startedAt":1796070428280600488, "symbols":["BTCUSDT", "ETHUSDT"], "tally":{"decisions":[{"approved":false,
    "reason":43}, 1, {"approved":true, "reason":0}, 1], "fees":99945831, "fills":[{"instrument":0, "side":1}, 1],
    "incidents":[], "lastApproval":1796070433733952253, "lastFill":1796070433813356294,
    "lastFillWall":1796070434139450306, "lastSignal":1796070433983053832, "orders":[{"instrument":0, "side":1}, 1],
    "results":[1, 1, 3, 1], "signals":[{"instrument":0, "side":1, "strategy":"momentum"}, 1, {"instrument":1,
    "side":2, "strategy":"momentum"}, 1]}}
    """#
}
