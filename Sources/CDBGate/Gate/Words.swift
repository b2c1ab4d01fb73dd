import CDBDomain
import CDBPipeline

// Names of states, outcomes and answers for people. Machines read the raw values.

extension GateState {
  public func name(in language: Language) -> String {
    guard language == .de else { return rawValue }
    return switch self {
    case .closed: "geschlossen"
    case .verifying: "in der Prüfung"
    case .open: "offen"
    case .tripped: "ausgelöst"
    case .stopped: "angehalten"
    }
  }
}

extension GateOutcome {
  public func name(in language: Language) -> String {
    guard language == .de else { return rawValue }
    return switch self {
    case .pass: "bestanden"
    case .fail: "gefallen"
    case .unknown: "unbekannt"
    }
  }
}

extension Verdict {
  public func name(in language: Language) -> String {
    guard language == .de else { return rawValue }
    return switch self {
    case .trading: "handelt"
    case .quiet: "ruhig"
    case .blocked: "blockiert"
    case .broken: "gestört"
    case .stopped: "angehalten"
    case .gated: "Gate nicht offen"
    case .starting: "startet"
    case .ended: "beendet"
    case .restarting: "Neustart"
    case .notObserved: "nicht beobachtet"
    }
  }
}

extension StageHealth {
  public func name(in language: Language) -> String {
    guard language == .de else { return rawValue }
    return switch self {
    case .healthy: "gesund"
    case .idle: "ruht"
    case .degraded: "schwach"
    case .stalled: "steht"
    case .failed: "gestört"
    }
  }
}

extension ActivityKind {
  public func name(in language: Language) -> String {
    guard language == .de else { return rawValue }
    return switch self {
    case .signals: "Signale"
    case .orders: "Orders"
    case .fills: "Ausführungen"
    }
  }
}

extension ZeroActivityLevel {
  public func name(in language: Language) -> String {
    guard language == .de else { return rawValue }
    return switch self {
    case .none: "keine"
    case .notice: "Hinweis"
    case .warning: "Warnung"
    case .high: "hoch"
    case .critical: "kritisch"
    }
  }
}

extension GateReport {
  /// Why it is in its state: a reason code and the machine's own reasons in words, somebody's own words as they are.
  public func reason(in language: Language) -> String {
    let own: Translation? =
      switch reason {
      case GateChange.restart where change.isRestart: Translation(en: "restart", de: "Neustart")
      case GateStateMachine.verification: Translation(en: "verification", de: "Prüfung")
      case GateStateMachine.passed: Translation(en: "five checks passed", de: "fünf Prüfungen bestanden")
      default: nil
      }
    if let own { return own[language] }
    return ReasonCode(code: String(reason.prefix { $0 != ":" }))?.explanation(in: language) ?? reason
  }
}
