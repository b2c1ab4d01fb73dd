import CDBDomain
import Testing

@testable import CDBGate
@testable import CDBPipeline

@Suite("the answer between an order and its fill")
struct DiagnosticianOrderPathTests {
  @Test("an order whose result is not committed yet is under way, though the account has none open any more")
  func resultComes() {
    var situation = Situation()
    situation.commit(Sample.signal, secondsAgo: 1)
    situation.commit(Sample.decision(.none), secondsAgo: 1)
    situation.commit(Sample.order, secondsAgo: 1)
    let before = situation.diagnose()
    #expect(
      before.verdict == .quiet && before.layer == nil && before.summary == "the first order is under way")
    situation.commit(Sample.result(.expired, fill: false), secondsAgo: 0)
    #expect(situation.diagnose().reason == AnswerReason.noFill.rawValue)
  }
}
