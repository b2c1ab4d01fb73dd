import CDBDomain
import Testing

@testable import CDBGate
@testable import CDBPipeline

@Suite("Until the strategies have seen enough to judge")
struct WarmUpTests {
  private func answer(
    secondsAfterStart seconds: Int64, warmUp: Double = 35, hasJudged: Bool = false
  ) -> Diagnosis {
    var situation = Situation()
    situation.status.startedAt = situation.now.advanced(by: -seconds * 1_000_000_000)
    if hasJudged {
      situation.status.nearness = [
        StrategyNearness(symbol: "BTCUSDT", strategy: .momentum, highest: Ratio(basisPoints: 1_000))
      ]
    }
    var thresholds = DiagnosisThresholds()
    thresholds.warmUp = warmUp
    return Diagnostician(situation.status, at: situation.now, thresholds: thresholds).diagnose()
  }

  @Test("a pipeline whose strategies have judged nothing yet is starting, and not quiet")
  func starting() {
    let answer = answer(secondsAfterStart: 10)
    #expect(answer.verdict == .starting && !answer.trading && answer.layer == nil)
    #expect(answer.summary.contains("have not seen enough of the market yet"), "\(answer.summary)")
    #expect(answer.summary.contains("35.0 s") && answer.summaryDe.contains("35,0 s"), "\(answer.summaryDe)")
    #expect(answer.sinceNs == Situation().now.advanced(by: -10_000_000_000).nanoseconds)
  }

  @Test("once one has judged, or had the time to, it is quiet")
  func quiet() {
    #expect(answer(secondsAfterStart: 10, hasJudged: true).verdict == .quiet)
    #expect(answer(secondsAfterStart: 36).verdict == .quiet)
    #expect(answer(secondsAfterStart: 10, warmUp: 0).verdict == .quiet)
  }
}
