extension ReasonCode {
  /// The page of docs/04_incident-management/playbooks that says what to do, by its name without `.md`; nil where
  /// nothing is to be done, or nothing that steps could tell. Reasons with the same cure share a page.
  public var playbook: String? {
    switch self {
    case .killSwitch, .gateStopped: Self.killSwitch.code
    case .exposureLimit, .positionSizeLimit: Self.exposureLimit.code
    case .belowMinimumNotional, .minimumNotional: Self.belowMinimumNotional.code
    case .staleData, .noReferencePrice: Self.staleData.code
    case .malformedFrame, .unknownStream, .unknownSymbol, .invalidDecimal, .absurdPrice, .crossedQuote,
      .bookGap, .oversizedFrame, .exchangeError, .invalidTime, .ambiguousSource:
      "undecodable_frames"
    case .openOrderPending: "no_order"
    case .processHeldUp: AnswerReason.processHeldUp.playbook
    case .noMarket, .slippageBound, .insufficientLiquidity, .invalidOrder, .lotSize, .tickSize,
      .patienceExhausted:
      "no_fill"
    case .stageFailed, .stageStalled, .processLost, .busFailed, .flowImbalance, .clockJump, .feedFailed,
      .silentFeed, .frozenPrices,
      .gateVerifying, .gateClosed, .gateTripped, .checkExpired, .checkUnavailable, .logPathSilent,
      .errorsLogged, .canaryLate, .stopUnverified, .drawdownDaily, .drawdownTotal, .abnormalSpread,
      .abnormalSlippage, .orderRateLimit, .stopLoss, .arithmeticOverflow, .riskSelfTestFailed, .zeroActivity,
      .incidentOpen,
      .fillOutOfBounds, .probeRefused, .probeLost, .storeInconsistent:
      code
    case .none, .marketState, .tick, .acknowledgement, .heartbeat, .duplicateTrade, .staleBookUpdate,
      .applied, .awaitingSnapshot, .unfinishedKline, .nothingToReduce, .filledCompletely, .unexpectedEvent:
      nil
    }
  }
}
