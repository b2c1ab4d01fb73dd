import CDBDomain
import CDBPipeline

extension GateJudgement {
  /// What is said of a layer that is healthy and was asked nothing: no order comes as far as its limit.
  static let notTested = "not tested: no order comes as far as its limit"

  /// What the layers of risk proved of themselves when a probe asked for it: each refused its violation for its
  /// own reason, and the sane order passed. A layer whose limit is out of reach of every order is named in the
  /// evidence; it does not count as one that is configured. A limit that leaves no room for any order fails the check
  /// with the limit's own reason.
  ///
  /// - Parameter asked: event time at or after which the proof was asked for; an older one does not count.
  public static func riskLayer(
    _ report: RiskSelfTestReport?, since asked: EventTime, at now: EventTime
  ) -> GateVerdict {
    guard let report, report.time >= asked, !report.results.isEmpty else {
      return unavailable(.riskLayer, "the layers have not proved themselves since it was asked for", at: now)
    }
    let failed = report.results.filter { $0.outcome == .fail }
    let untested = report.results.filter { $0.outcome == .notConfigured }
    // The layers are right to refuse it: the limit is what keeps everything from trading.
    let forbidden = failed.isEmpty ? report.results.first { $0.layer == nil }?.expected ?? .none : .none
    var evidence = [
      Evidence(
        "refused_their_violation",
        "\(report.results.count { $0.passed }) of \(report.results.count - untested.count)",
        source: "self-test")
    ]
    if forbidden != .none {
      evidence.append(Evidence("sane_order", "refused: \(forbidden.code)", source: "self-test"))
    }
    evidence += failed.map {
      Evidence($0.name, "expected \($0.expected.code), got \($0.got?.code ?? notTested)", source: "self-test")
    }
    evidence += untested.map { Evidence($0.name, notTested, source: "self-test") }
    return verdict(.riskLayer, failed.isEmpty ? forbidden : .riskSelfTestFailed, now, evidence)
  }
}
