import CDBDomain
import CDBPipeline

/// The rules that a block is judged by. One that is critical makes the block critical; else one that holds makes it
/// partial; a block of which none holds is ok. docs/01_architektur/blocks.md has the reasons.
public enum BlockRule: String, Sendable, Hashable, CaseIterable, Codable {
  /// The exchange accepted no order over the whole block.
  case noOrder = "no_order"
  /// There was no fill over the whole block.
  case noFill = "no_fill"
  /// The books of the flow did not balance: an event was lost or doubled.
  case flowImbalance = "flow_imbalance"
  /// What the process noted and what the store has are not the same.
  case deviation
  /// Rows of the store break a rule between them.
  case storeInconsistent = "store_inconsistent"
  /// Something happened that only a person may open the gate after.
  case needsPerson = "needs_person"
  /// An incident that needs a person was not over, or not explained, when it ended.
  case incidentOpen = "incident_open"
  /// The emergency stop was in force as it ended.
  case endedStopped = "ended_stopped"
  /// The curve of equity could not be computed.
  case equityUnknown = "equity_unknown"
  /// There was an incident that needed a person.
  case incident
  /// It was ended before its time.
  case endedEarly = "ended_early"
  /// A checkpoint or the end was late, or a checkpoint is missing.
  case lateCheckpoint = "late_checkpoint"
  /// The process died and was started again.
  case unplannedRestart = "unplanned_restart"
  /// More than a hundredth of the time nobody looked, or no process ran.
  case notObserved = "not_observed"
  /// More than a hundredth of the time a layer was broken.
  case broken
  /// More than a tenth of the time the gate was not open, or somebody had stopped.
  case gateShut = "gate_shut"
  /// Nine of ten signals or more were refused, of ten or more.
  case mostRefused = "most_refused"
  /// Four hours or more passed without an order.
  case longGap = "long_gap"

  public var judgement: BlockJudgement {
    switch self {
    case .noOrder, .noFill, .flowImbalance, .deviation, .storeInconsistent, .needsPerson, .incidentOpen,
      .endedStopped,
      .equityUnknown:
      .critical
    case .incident, .endedEarly, .lateCheckpoint, .unplannedRestart, .notObserved, .broken, .gateShut,
      .mostRefused,
      .longGap:
      .partial
    }
  }

  /// What it says of a block, in one sentence without a full stop.
  public var meaning: Translation {
    switch self {
    case .noOrder: Translation(en: "no order was accepted", de: "keine Order wurde angenommen")
    case .noFill: Translation(en: "nothing was filled", de: "nichts wurde ausgeführt")
    case .flowImbalance:
      Translation(en: "the books of the flow did not balance", de: "die Bücher des Flusses gingen nicht auf")
    case .deviation:
      Translation(en: "store and process do not agree", de: "Speicher und Prozess stimmen nicht überein")
    case .storeInconsistent:
      Translation(
        en: "rows of the store contradict each other", de: "Zeilen des Speichers widersprechen sich")
    case .needsPerson:
      Translation(
        en: "something happened that needs a person", de: "etwas geschah, das einen Menschen braucht")
    case .incidentOpen:
      Translation(
        en: "an incident was open at the end", de: "am Ende war ein Vorfall offen")
    case .incident:
      Translation(en: "an incident needed a person", de: "ein Vorfall brauchte einen Menschen")
    case .endedStopped:
      Translation(en: "the emergency stop was in force at the end", de: "am Ende galt der Not-Halt")
    case .equityUnknown:
      Translation(en: "equity could not be computed", de: "der Kontowert war nicht zu berechnen")
    case .endedEarly: Translation(en: "it was ended early", de: "er wurde vorzeitig beendet")
    case .lateCheckpoint:
      Translation(
        en: "a checkpoint was late or is missing", de: "ein Kontrollpunkt kam zu spät oder fehlt")
    case .unplannedRestart:
      Translation(en: "the process died and was started again", de: "der Prozess starb und startete neu")
    case .notObserved:
      Translation(en: "for a time nobody looked", de: "zeitweise hat niemand geschaut")
    case .broken: Translation(en: "a layer was broken for a time", de: "eine Schicht war zeitweise gestört")
    case .gateShut:
      Translation(en: "the gate was not open for a time", de: "das Gate war zeitweise nicht offen")
    case .mostRefused:
      Translation(en: "most signals were refused", de: "die meisten Signale wurden abgelehnt")
    case .longGap: Translation(en: "for hours there was no order", de: "stundenlang kam keine Order")
    }
  }
}

/// A rule that holds for a block, with the figure that makes it hold.
public struct BlockFinding: Sendable, Hashable, Codable {
  public var rule: BlockRule
  public var figure: String

  public init(_ rule: BlockRule, _ figure: String) {
    self.rule = rule
    self.figure = figure
  }
}

extension BlockReport {
  /// The rules that hold, in their order.
  static func findings(_ report: BlockReport) -> [BlockFinding] {
    var found: [BlockFinding] = []
    func note(_ rule: BlockRule, if holds: Bool, _ figure: @autoclosure () -> String) {
      if holds { found.append(BlockFinding(rule, figure())) }
    }
    let (block, rows) = (report.block, report.rows)
    note(.noOrder, if: rows.acceptances.isEmpty, "0")
    note(.noFill, if: report.fills.isEmpty, "0")
    let imbalances =
      block.notes.flatMap(\.figures.imbalances)
      + rows.alerts.filter { $0.key == ReasonCode.flowImbalance.code }
      .map { "\($0.value) alerts" }
    note(.flowImbalance, if: !imbalances.isEmpty, imbalances.joined(separator: "; "))
    note(
      .deviation, if: !report.deviations.isEmpty,
      report.deviations.prefix(3).map(\.figure).joined(separator: ", "))
    note(
      .storeInconsistent, if: !report.audit.findings.isEmpty,
      report.audit.findings.prefix(3).map(\.rule).joined(separator: ", "))
    note(.needsPerson, if: !report.needingPerson.isEmpty, report.needingPerson.joined(separator: ", "))
    let serious = report.incidents.filter(\.needsPerson)
    let unsolved = serious.filter { $0.awaitsRootCause || $0.endedNs == nil }
    note(.incidentOpen, if: !unsolved.isEmpty, unsolved.map { "\($0.number)" }.joined(separator: ", "))
    note(.endedStopped, if: block.end?.figures.gate == .stopped, GateState.stopped.rawValue)
    note(.equityUnknown, if: report.equity == nil, "overflow")
    note(.incident, if: !serious.isEmpty, serious.map { "\($0.number)" }.joined(separator: ", "))
    note(.endedEarly, if: (block.end?.early ?? 0) > 0, FigureText.duration(block.end?.early ?? 0))
    let late = block.checkpoints.map(\.late) + [block.end?.late ?? 0]
    let missing = block.end?.reason == nil ? block.plan.checkpoints.count - block.checkpoints.count : 0
    note(
      .lateCheckpoint, if: late.contains { $0 > 0 } || missing > 0,
      missing > 0 ? "\(missing)" : FigureText.duration(late.max() ?? 0))
    let deaths = report.timeline.intervals.count { $0.reason == "unplanned_restart" }
    note(.unplannedRestart, if: deaths > 0, "\(deaths)")
    let unseen = report.share { $0.verdict == .notObserved || $0.isBetweenProcesses }
    note(.notObserved, if: unseen > 0.01, report.percent(unseen))
    let broken = report.share { $0.verdict == .broken }
    note(.broken, if: broken > 0.01, report.percent(broken))
    let shut = report.share {
      $0.verdict == .gated || $0.verdict == .stopped && !$0.isBetweenProcesses
    }
    note(.gateShut, if: shut > 0.1, report.percent(shut))
    let (refused, decided) = (rows.refusals.values.reduce(0, +), report.decisions)
    note(.mostRefused, if: decided >= 10 && refused * 10 >= decided * 9, "\(refused) / \(decided)")
    note(.longGap, if: report.gap.nanoseconds >= Self.longGap, FigureText.duration(report.gap.nanoseconds))
    return found
  }

  /// From which on a time without an order makes a block partial, nanoseconds.
  public static let longGap: Int64 = 14_400_000_000_000

  /// Reasons that only a person may open the gate after, that came up in the span: as alerts, or as why it tripped.
  var needingPerson: [String] {
    let codes = Set(GatePolicy().needsPerson.map(\.code)).subtracting([ReasonCode.flowImbalance.code])
    let alerts = rows.alerts.keys.filter(codes.contains)
    let trips = rows.gate.compactMap { record -> String? in
      guard case .gate(let change) = record.control, change.state == .tripped else { return nil }
      return codes.contains(change.reason) ? change.reason : nil
    }
    return Set(alerts + trips).sorted()
  }
}
