import CDBDomain
import CDBPipeline

// From signals to fills, where nothing is broken and the gate is open.
extension Diagnostician {
  func signal() -> Diagnosis? {
    guard status.tally.signals.isEmpty else { return nil }
    if age(of: status.startedAt) < thresholds.startUp { return starting() }
    // Whoever has judged no price yet has had no reason to be quiet.
    if status.nearness.isEmpty, age(of: status.startedAt) < thresholds.warmUp { return warmingUp() }
    return answer(
      .quiet, en: "no strategy has had reason to signal", de: "keine Strategie hatte Anlass zu einem Signal",
      reasonCode: AnswerReason.noSignal.rawValue, since: mayTradeSince,
      evidence: [
        Evidence("market_events", "\(status.stage(.core)?.sinceStart.received ?? 0)"),
        Evidence("signals", "0"),
      ] + nearest)
  }

  private func warmingUp() -> Diagnosis {
    let seconds = Self.rounded(thresholds.warmUp)
    return answer(
      .starting,
      en:
        "the strategies have not seen enough of the market yet to judge it, which may take \(seconds) s from the start",
      de: "die Strategien haben vom Markt noch zu wenig gesehen, um zu urteilen; das dauert bis zu "
        + "\(Self.roundedDe(thresholds.warmUp)) s ab dem Start",
      since: status.startedAt,
      evidence: [Evidence("market_events", "\(status.stage(.core)?.sinceStart.received ?? 0)")])
  }

  func risk() -> Diagnosis? {
    let tally = status.tally
    // What is held was bought before, perhaps by a process that is gone, and can be sold; what is ordered may be filled.
    let holds =
      status.account.map { $0.openOrders > 0 || $0.positions.contains { $0.quantity > .zero } } ?? false
    // While something is held, a few refusals are how limits work, and in a row without end a block. Where nothing is,
    // nothing but a signal that passes brings the next trade, however lately the last one was.
    let enough =
      holds ? thresholds.refusalsInARow * 10 : tally.orders.isEmpty ? 1 : thresholds.refusalsInARow
    guard tally.refusalsInARow >= enough else { return nil }
    let worst = tally.mostRefusedInARow
    return answer(
      .blocked,
      en: "every signal is refused: \(worst?.explanation(in: .en) ?? "no decision")",
      de: "jedes Signal wird abgelehnt: \(worst?.explanation(in: .de) ?? "keine Entscheidung")",
      layer: .risk, reasonCode: worst?.code, since: tally.refusedSince,
      evidence: [Evidence("refused_in_a_row", "\(tally.refusalsInARow)")])
  }

  func execution() -> Diagnosis? {
    let tally = status.tally
    guard tally.fills.isEmpty else { return nil }
    guard !tally.orders.isEmpty else {
      if let refused = refusedWhileHolding() { return refused }
      return answer(
        .quiet, en: "signals came, and none asked for an order that could be placed",
        de: "es kamen Signale, aber keines verlangte eine Order, die möglich war",
        reasonCode: AnswerReason.noOrder.rawValue,
        since: mayTradeSince, evidence: nearest)
    }
    let waiting = status.account?.openOrders ?? 0
    let finals = tally.results.filter { $0.key.isFinal }.values.reduce(0, +)
    // What became of it need not be committed as soon as the order is, though the account knows already.
    if finals == 0 {
      guard age(of: status.startedAt) >= thresholds.startUp else { return starting() }
      return answer(
        .quiet, en: "the first order is under way", de: "die erste Order ist unterwegs",
        reasonCode: AnswerReason.noOrder.rawValue, since: mayTradeSince,
        evidence: [Evidence("open_orders", "\(waiting)")] + nearest)
    }
    // What the gate refused never came as far as the market.
    let refusedByGate = tally.gateRefusals.values.reduce(0, +)
    if finals > 0, finals == refusedByGate {
      return answer(
        .quiet, en: "the gate refused what was ordered, and nothing has asked for an order since",
        de: "das Gate hat abgelehnt, was geordert wurde, und seither hat nichts eine Order verlangt",
        reasonCode: AnswerReason.noOrder.rawValue, since: mayTradeSince,
        evidence: [Evidence("refused_by_gate", "\(refusedByGate)")])
    }
    let results = tally.results.map { "\($0.key.code) \($0.value)" }.sorted().joined(separator: ", ")
    return answer(
      .broken, en: "orders go out and none is filled", de: "Orders gehen hinaus, aber keine wird ausgeführt",
      layer: .execution, reasonCode: AnswerReason.noFill.rawValue,
      evidence: [Evidence("results", results.isEmpty ? "none" : results)])
  }

  /// Something is held, and too few signals were refused to call that a block; but it is refusals that no order came of.
  private func refusedWhileHolding() -> Diagnosis? {
    let tally = status.tally
    guard let worst = tally.mostRefusedInARow else { return nil }
    return answer(
      .quiet, en: "signals came, and what they asked for was refused: \(worst.explanation(in: .en))",
      de: "es kamen Signale, und was sie verlangten, wurde abgelehnt: \(worst.explanation(in: .de))",
      reasonCode: AnswerReason.noOrder.rawValue, since: mayTradeSince,
      evidence: [Evidence("refused_in_a_row", "\(tally.refusalsInARow)"), Evidence("refused", worst.code)]
        + nearest)
  }

  func trading() -> Diagnosis {
    let fills = status.tally.fills.values.reduce(0, +)
    guard let last = status.tally.lastFillWall, age(of: last) < thresholds.recentFill else {
      return answer(
        .quiet, en: "orders were filled before, and nothing has asked for one since",
        de: "früher wurden Orders ausgeführt, seither hat nichts eine verlangt",
        reasonCode: AnswerReason.noSignal.rawValue,
        since: status.tally.lastFillWall, evidence: [Evidence("fills", "\(fills)")] + nearest)
    }
    return answer(
      .trading,
      en: "trading on paper: \(fills) \(fills == 1 ? "fill" : "fills"), the last \(Int(age(of: last))) s ago",
      de: "es wird auf Papier gehandelt: \(fills) \(fills == 1 ? "Ausführung" : "Ausführungen"), "
        + "die letzte vor \(Int(age(of: last))) s",
      since: status.tally.fillingSince.map { max($0, mayTradeSince) },
      evidence: [Evidence("fills", "\(fills)", ageSeconds: age(of: last))])
  }

  /// How near the strategies have come to a signal since the last one: a quiet market, or a threshold out of reach. One that
  /// was beyond it and asked for nothing tells less; but it tells that the market was looked at.
  private var nearest: [Evidence] {
    let below = status.nearness.filter { $0.highest < .one }
    return (below.isEmpty ? status.nearness : below).prefix(3).map {
      let percent = Int(Double($0.highest.mantissa) / Double(Ratio.one.mantissa) * 100)
      let figure =
        $0.highest < .one ? "\(percent) % of its threshold" : "beyond its threshold, and asked for nothing"
      return Evidence(Diagnosis.nearestSignal, "\($0.strategy.rawValue) \($0.symbol): \(figure)")
    }
  }

  /// A process that has only begun knows little of how near the strategies came: from when on it has looked belongs to it.
  func sayHowShort(_ quiet: inout Diagnosis) {
    guard hasLookedShortly else { return }
    let time = String(status.startedAt.rfc3339.dropFirst(11).prefix(8)) + " UTC"
    quiet.summary += "; it has only looked since \(time)"
    quiet.summaryDe += "; geschaut wird erst seit \(time)"
    quiet.evidence.append(Evidence("looked_since", time, ageSeconds: age(of: status.startedAt)))
  }

  var hasLookedShortly: Bool { age(of: status.startedAt) < thresholds.shortLook }

  /// Since when orders are let through: from the start, or from the last opening of the gate.
  private var mayTradeSince: EventTime {
    max(status.startedAt, gate.map { EventTime(nanoseconds: $0.sinceNs) } ?? .distantPast)
  }
}

extension OrderPathTally {
  /// The reason of most of the refusals in a row; nil where there are none.
  var mostRefusedInARow: ReasonCode? {
    refusedInARow.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key
  }
}
