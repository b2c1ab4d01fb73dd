import CDBDomain

// Where the reasons of a gate are at home.
extension ReasonCode {
  /// The layer that the reason itself speaks of; of one that speaks of any stage, the system. Where something was found is
  /// known better: by ``GateCondition/layer``.
  public var layer: Layer {
    switch self {
    case .silentFeed, .frozenPrices, .feedFailed, .malformedFrame, .unknownStream, .unknownSymbol,
      .invalidDecimal, .absurdPrice, .crossedQuote, .bookGap, .oversizedFrame, .exchangeError, .invalidTime,
      .ambiguousSource, .staleData:
      .marketData
    case .riskSelfTestFailed, .killSwitch, .zeroActivity: .risk
    case .fillOutOfBounds, .probeRefused, .probeLost: .execution
    case .storeInconsistent: .database
    default: isLimit ? .risk : .system
    }
  }

  /// Whether a layer of risk refuses with it.
  var isLimit: Bool { RiskLayerName.allCases.contains { $0.reason == self } }

  /// Whether it says that something stood still or was complained of, and neither where nor why: what the gate is shut for
  /// already tells more.
  var isSeenFromOutside: Bool {
    switch self {
    case .canaryLate, .probeLost, .checkUnavailable, .checkExpired, .errorsLogged: true
    default: false
    }
  }
}

extension GateVerdict {
  /// Where it was found. That a check could not be carried out says nothing of the layer that it looks at; only a store
  /// that cannot be read is the database's own.
  var foundIn: Layer? { layer ?? (outcome == .fail || check == .dbConsistency ? check.layer : nil) }
}
