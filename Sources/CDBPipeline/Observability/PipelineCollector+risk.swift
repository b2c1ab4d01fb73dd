import CDBDomain
import OpenMetrics

extension PipelineCollector {
  /// The layers of risk and what follows from them; of layers, only the account that trades.
  func risk(_ status: PipelineStatus) throws -> [MetricFamily] {
    guard let account = status.account else { return [] }
    let states =
      [([account.name], account.tradingState)]
      + (account.canaryState.map { [([RiskEngine.canaryName], $0)] } ?? [])
    let results = account.selfTest?.results ?? []
    let tested = (RiskLayerName.allCases.map(Optional.some) + [nil]).map { layer in
      results.first { $0.layer == layer } ?? RiskSelfTestResult(layer: layer, expected: .none, got: nil)
    }
    var families = [
      try MetricFamily.stateSet(PipelineMetrics.tradingState, states.map { ($0.0, [$0.1.rawValue]) }),
      try .gauge(
        PipelineMetrics.layerFigure, account.layers.map { ([$0.layer.rawValue], $0.figure.approximate) }),
      try .gauge(
        PipelineMetrics.layerLimit, account.layers.map { ([$0.layer.rawValue], $0.limit.approximate) }),
      try .gauge(
        PipelineMetrics.layerTripped,
        account.layers.map { standing in
          ([standing.layer.rawValue], Double(account.tripped.count { $0.layer == standing.layer }))
        }),
      try .stateSet(PipelineMetrics.selfTest, tested.map { ([$0.name], [$0.outcome.state]) }),
    ]
    if let time = account.selfTest?.time {
      families.append(try .gauge(PipelineMetrics.selfTestTime, time.seconds))
    }
    return families
  }
}

extension RiskSelfTestResult.Outcome {
  /// The state of the metric: what could not be tested is unknown, and unknown is no pass.
  fileprivate var state: String {
    switch self {
    case .pass: "pass"
    case .fail: "fail"
    case .notConfigured: "unknown"
    }
  }
}

extension Ratio {
  /// For gauges and pictures; never for books.
  public var approximate: Double { Double(mantissa) / 1e8 }
}
