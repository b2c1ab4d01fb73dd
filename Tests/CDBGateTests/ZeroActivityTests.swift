import CDBDomain
import Testing

@testable import CDBGate

@Suite("Zero activity")
struct ZeroActivityTests {
  private static let second: UInt64 = 1_000_000_000

  /// Looks once a second for so long; returns the levels that were told.
  private func pass(
    _ activity: inout ZeroActivity, from start: UInt64, seconds: UInt64, _ counts: ZeroActivity.Counts = [:],
    isAlive: Bool = true, isQuiet: Bool = false
  ) -> [ZeroActivityLevel] {
    (start...start + seconds).compactMap {
      activity.look(counts, isAlive: isAlive, isQuiet: isQuiet, monotonic: $0 * Self.second)
    }
  }

  @Test("one hour is a notice, four a warning, twelve high, a day critical, and each is told once")
  func tiers() {
    var activity = ZeroActivity()
    #expect(pass(&activity, from: 0, seconds: 3_599) == [])
    #expect(pass(&activity, from: 3_600, seconds: 86_400) == [.notice, .warning, .high, .critical])
    #expect(activity.level == .critical)
  }

  @Test("a quiet market is a notice for a night, and a warning from a day on")
  func quiet() {
    var activity = ZeroActivity()
    #expect(pass(&activity, from: 0, seconds: 3_600 * 20, isQuiet: true) == [.notice])
    // A disturbance of half an hour in a quiet night is none of four hours.
    #expect(pass(&activity, from: 72_001, seconds: 1_800) == [])
    #expect(pass(&activity, from: 73_802, seconds: 3_600 * 10, isQuiet: true) == [.warning])
    #expect(activity.report.seconds["signals"] ?? 0 > 86_400)
  }

  @Test("what a quiet market does not explain counts in full, whatever was quiet before")
  func unexplained() {
    var activity = ZeroActivity()
    _ = pass(&activity, from: 0, seconds: 3_600 * 6, isQuiet: true)
    #expect(activity.level == .notice)
    #expect(pass(&activity, from: 21_601, seconds: 14_401) == [.warning])
  }

  @Test("only time counts in which the market lived and somebody looked")
  func living() {
    var activity = ZeroActivity()
    _ = pass(&activity, from: 0, seconds: 100)
    _ = pass(&activity, from: 101, seconds: 5_000, isAlive: false)
    #expect(activity.report.seconds["fills"] == 100)
    // The machine slept for a day.
    _ = activity.look([:], isAlive: true, isQuiet: false, monotonic: 90_000 * Self.second)
    _ = activity.look([:], isAlive: true, isQuiet: false, monotonic: 90_001 * Self.second)
    #expect(activity.report.seconds["fills"] == 101)
  }

  @Test(
    "each kind counts by itself: with every signal refused, orders and fills are missing and signals are not")
  func kinds() {
    var activity = ZeroActivity()
    var signals: UInt64 = 0
    for second in 0..<(5 * 3_600) as Range<UInt64> {
      if second.isMultiple(of: 60) { signals += 1 }
      _ = activity.look([.signals: signals], isAlive: true, isQuiet: false, monotonic: second * Self.second)
    }
    #expect(activity.idle[.signals] ?? .max < 61 * 1_000_000_000)
    #expect(activity.tiers.level(of: activity.idle[.orders] ?? 0) == .warning)
    #expect(activity.level == .warning)
    let report = activity.report
    #expect(report.level == .warning && report.seconds["fills"] ?? 0 > 4 * 3_600)
  }

  @Test("the first thing that happens ends it, and the level is told")
  func ends() {
    var activity = ZeroActivity()
    _ = pass(&activity, from: 0, seconds: 4_000)
    let all: ZeroActivity.Counts = [.signals: 1, .orders: 1, .fills: 1]
    #expect(
      activity.look([.signals: 1], isAlive: true, isQuiet: false, monotonic: 4_001 * Self.second) == nil)
    #expect(
      activity.look(all, isAlive: true, isQuiet: false, monotonic: 4_002 * Self.second)
        == ZeroActivityLevel.none)
    #expect(activity.report.seconds == ["signals": 1, "orders": 0, "fills": 0])
  }

  @Test("what was idle before the process began goes on")
  func goesOn() {
    var activity = ZeroActivity(idle: [.fills: 3_599 * 1_000_000_000])
    #expect(activity.level == .none)
    #expect(pass(&activity, from: 10, seconds: 1) == [.notice])
  }

  @Test("of the answers that were kept, those of a living market count")
  func fromAnswers() {
    func at(_ seconds: Int64) -> EventTime { Situation.start.advanced(by: seconds * 1_000_000_000) }
    func answer(_ second: Int64, _ verdict: Verdict, _ layer: Layer? = nil) -> Answer {
      Answer(since: at(second), verdict: verdict, layer: layer, summary: "", summaryDe: "")
    }
    let answers = [
      answer(0, .trading), answer(100, .broken, .marketData), answer(200, .blocked, .risk),
      answer(300, .restarting, .system), answer(400, .gated), answer(500, .broken, .database),
    ]
    #expect(ZeroActivity.idle(since: at(50), in: answers, now: at(600)).idle == 350 * 1_000_000_000)
    #expect(ZeroActivity.idle(since: at(590), in: answers, now: at(600)).idle == 10 * 1_000_000_000)
    #expect(ZeroActivity.idle(since: at(0), in: [], now: at(600)) == (0, 0))
  }

  @Test("why tells of it, with the time of each kind, in both languages")
  func words() {
    var diagnosis = Situation().diagnose()
    #expect(!diagnosis.text.contains("idle"))
    diagnosis.zeroActivity = ZeroActivityReport(
      level: .warning, seconds: ["signals": 30, "orders": 15_000, "fills": 15_000])
    #expect(diagnosis.text.contains("idle      warning: without signals 30 s, orders 4 h, fills 4 h"))
    #expect(
      diagnosis.text(in: .de).contains("untätig   Warnung: ohne Signale 30 s, Orders 4 h, Ausführungen 4 h"))
    diagnosis.zeroActivity?.level = .none
    #expect(!diagnosis.text.contains("idle"))
  }
}
