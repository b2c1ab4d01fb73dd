import CDBDomain
import Testing

@testable import CDBGate
@testable import CDBPipeline

@Suite("how an answer is put into words")
struct DiagnosticianWordsTests {
  @Test("a process that has only begun says since when it has looked, and guesses at no market")
  func shortLook() {
    var situation = Situation()
    situation.status.nearness = [
      StrategyNearness(
        symbol: "BTCUSDT", strategy: MomentumStrategy.name, highest: Ratio(mantissa: 1_000_000))
    ]
    #expect(!situation.diagnose().summary.contains("only looked since"))
    #expect(situation.diagnose().hypotheses.count == 1)
    situation.status.startedAt = situation.now.advanced(by: -20_000_000_000)
    let answer = situation.diagnose()
    #expect(answer.verdict == .quiet && answer.hypotheses.isEmpty)
    #expect(answer.summary.hasSuffix("; it has only looked since 22:14:00 UTC"), "\(answer.summary)")
    #expect(answer.summaryDe.hasSuffix("; geschaut wird erst seit 22:14:00 UTC"))
    #expect(answer.evidence.contains(Evidence("looked_since", "22:14:00 UTC", ageSeconds: 20)))
    // How near a signal was is still told: the market was looked at.
    #expect(answer.isMarketQuiet)
  }

  @Test("German sentences have decimal commas")
  func commas() {
    var situation = Situation()
    situation.jump = ClockMonitor.Jump(seconds: 1.5, at: situation.now)
    let answer = situation.diagnose()
    #expect(answer.summary.contains("1.5 s") && answer.summaryDe.contains("1,5 s"))
    #expect(answer.text(in: .de).contains("die Uhr ging 1,5 s weiter, als Zeit verging [jump_seconds] ("))
    #expect(answer.text(in: .de).contains("0,5 s") && !answer.text(in: .de).contains("0.5 s"))
    #expect(answer.text.contains("the clock moved 1.5 s more than the time that passed [jump_seconds] ("))
    #expect(answer.text.contains("0.5 s"))
  }

  @Test(
    "while frames come, what fails is a part of the market data, and since when is not when the last frame came"
  )
  func inPart() {
    var situation = Situation()
    situation.status.feed.failure = "no snapshot of the book of ETHUSDT: status 429"
    let part = situation.diagnose()
    #expect(part.verdict == .broken && part.layer == .marketData && part.reason == "feed_failed")
    #expect(part.summary == "not all market data: no snapshot of the book of ETHUSDT: status 429")
    #expect(part.summaryDe.hasPrefix("nicht alle Marktdaten: ") && part.sinceNs == nil)
    situation.status.feed.isConnected = false
    let whole = situation.diagnose()
    #expect(whole.summary.hasPrefix("no market data: ") && whole.summaryDe.hasPrefix("keine Marktdaten: "))
    #expect(whole.sinceNs == situation.status.feed.lastFrameWall?.nanoseconds)
  }
}
