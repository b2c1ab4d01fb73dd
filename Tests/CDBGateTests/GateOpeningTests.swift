import CDBDomain
import Foundation
import Testing

@testable import CDBGate
@testable import CDBPipeline

/// When a shut gate opens by itself, and that it says so.
@Suite("When the gate opens by itself")
struct GateOpeningTests {
  private static func seen(_ age: Double?, errors: Int = 2, canary: Double? = 0.02, at now: EventTime)
    -> GateVerdict
  {
    GateJudgement.logs(
      .init(
        canarySeconds: canary, errors: errors, lastError: errors > 0 ? "it broke" : nil, lastErrorAge: age,
        windowSeconds: 30, source: "log"), at: now)
  }

  /// A gate that was open and tripped this moment for an error that was logged 5 s ago.
  private static func tripped() -> Drive {
    var drive = Drive()
    drive.pass(seconds: 4)
    drive.silent = [.logs]
    while drive.machine.running != .logs { drive.pass(seconds: 0.2) }
    drive.give(.verdict(seen(5, at: drive.now)))
    drive.silent = []
    return drive
  }

  private static func clock(_ time: EventTime) -> String { String(time.rfc3339.dropFirst(11).prefix(8)) }

  @Test("for errors that were logged it waits until they leave the window, and verifies once")
  func waits() {
    var drive = Self.tripped()
    #expect(drive.machine.state == .tripped)
    let before = drive.states.count
    drive.pass(seconds: 24)
    #expect(drive.states.count == before)
    drive.pass(seconds: 4)
    #expect(drive.states.dropFirst(before) == [.verifying, .open])
  }

  @Test("it says from when on, in the answer, in the gate's report and in its JSON")
  func saysWhen() throws {
    let drive = Self.tripped()
    let report = GateReport(drive.machine, at: drive.now)
    let expected = drive.now.advanced(by: 25 * Drive.second)
    #expect(report.opensAtNs == expected.nanoseconds)
    let json = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
    #expect(json.contains("\"opens_at_ns\":\(expected.nanoseconds)"), "\(json)")
    let time = Self.clock(expected)
    #expect(
      report.text(in: .en).contains("opens by itself at \(time) UTC, if no further error is logged"),
      "\(report.text(in: .en))")
    #expect(
      report.text(in: .de).contains(
        "öffnet um \(time) UTC von selbst, wenn kein weiterer Fehler protokolliert wird"))
    var situation = Situation()
    situation.now = drive.now
    situation.status.feed.lastFrameWall = drive.now
    situation.status.feed.lastMoveWall = drive.now
    for stage in StageName.allCases {
      situation.stage(stage) {
        $0.lastEventWall = drive.now
        $0.lastEventTime = drive.now
        $0.lastBarrierWall = drive.now
      }
    }
    situation.gate = report
    let answer = situation.diagnose()
    #expect(answer.reason == "errors_logged")
    #expect(answer.text.contains("  opens     by itself at \(time) UTC"), "\(answer.text)")
    #expect(answer.text(in: .de).contains("  öffnet    um \(time) UTC von selbst"))
  }

  @Test("after a cause that is gone it is the end of the cooldown; while it is there, nobody knows")
  func afterACause() {
    var drive = Drive()
    drive.pass(seconds: 4)
    drive.give(.condition(GateCondition(reason: .stageFailed, layer: .database)))
    #expect(GateReport(drive.machine, at: drive.now).opensAtNs == nil)
    drive.pass(seconds: 5)
    drive.give(.condition(nil))
    let report = GateReport(drive.machine, at: drive.now)
    let expected = drive.now.advanced(by: 3 * Drive.second)
    #expect(report.opensAtNs == expected.nanoseconds)
    #expect(report.text(in: .en).contains("at \(Self.clock(expected)) UTC at the earliest"))
    drive.give(.close(actor: "operator", reason: "maintenance"))
    #expect(GateReport(drive.machine, at: drive.now).opensAtNs == nil)
    #expect(!GateReport(drive.machine, at: drive.now).text(in: .en).contains("opens by itself"))
  }

  @Test("what waits for a person, and an open gate, say nothing of it")
  func person() {
    var drive = Drive()
    drive.pass(seconds: 4)
    #expect(GateReport(drive.machine, at: drive.now).opensAtNs == nil)
    drive.give(.condition(GateCondition(reason: .flowImbalance)))
    drive.give(.condition(nil))
    #expect(GateReport(drive.machine, at: drive.now).opensAtNs == nil)
  }

  @Test("only errors whose time is known tell when they count no more")
  func clearing() {
    let now = Situation.start
    #expect(Self.seen(5, at: now).clearsAt == now.advanced(by: 25 * Drive.second))
    #expect(Self.seen(40, at: now).clearsAt == now)
    #expect(Self.seen(nil, at: now).clearsAt == nil)
    #expect(Self.seen(nil, errors: 0, at: now).clearsAt == nil)
    #expect(Self.seen(5, canary: nil, at: now).clearsAt == nil)
  }
}
