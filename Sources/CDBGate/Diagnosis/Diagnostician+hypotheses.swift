import CDBDomain
import CDBPipeline

// What may be behind an answer. A hypothesis stands here only with a figure of this status that speaks for it.
extension Diagnostician {
  static let mostHypotheses = 3

  /// Whether the reason says why, and not only where. A stage that stands still, a barrier or a probe that does not come
  /// back, a check that could not be carried out: that is seen from outside, and has causes that no figure tells of.
  static func isCauseKnown(_ diagnosis: Diagnosis) -> Bool {
    switch diagnosis.reason {
    case ReasonCode.stageStalled.code?, ReasonCode.canaryLate.code?, ReasonCode.probeLost.code?,
      ReasonCode.checkUnavailable.code?, ReasonCode.checkExpired.code?, ReasonCode.processLost.code?,
      AnswerReason.noFill.rawValue?:
      false
    default: true
    }
  }

  func hypotheses(of diagnosis: Diagnosis) -> [Hypothesis] {
    switch diagnosis.reason.flatMap(ReasonCode.init(code:)) {
    case .silentFeed?: aboutSilence
    case .feedFailed?: aboutConnection
    case .frozenPrices?: aboutFrozenPrices
    case .stageStalled?, .canaryLate?, .probeLost?, .checkExpired?: aboutStandstill(diagnosis)
    case .stageFailed?, .busFailed?: aboutFailure
    case .processLost?: aboutProcesses
    case let reason? where diagnosis.verdict == .blocked: aboutRefusal(reason)
    case nil where diagnosis.verdict == .quiet: aboutQuiet
    case nil where diagnosis.reason == AnswerReason.noFill.rawValue: aboutNoFill
    default: diagnosis.layer == .marketData && diagnosis.verdict == .broken ? aboutFrames : []
    }
  }

  private static func text(_ ratio: Ratio) -> String {
    DecimalText.render(ratio.mantissa, scale: Ratio.scale)
  }

  private func ago(_ instant: EventTime?) -> Double? { instant.map(age) }

  private var aboutSilence: [Hypothesis] {
    guard let connection = status.feed.connection else {
      return [
        Hypothesis(
          en: "the source of the feed has stopped or waits", de: "die Quelle des Feeds steht oder wartet",
          [Evidence("connected", status.feed.isConnected ? "1" : "0")])
      ]
    }
    var found: [Hypothesis] = []
    if !connection.isStreaming { found += aboutConnection }
    if connection.isStreaming {
      let heard = ago(connection.lastMessage) ?? .infinity
      if heard < thresholds.silentFeed {
        found.append(
          Hypothesis(
            en:
              "the exchange answers and sends no market data: the market is halted, or the subscription is another",
            de:
              "die Börse antwortet und schickt keine Marktdaten: der Markt ruht, oder das Abonnement ist ein anderes",
            [
              Evidence("last_message", "any", ageSeconds: heard),
              Evidence("symbols", "\(status.symbols.count)"),
            ]))
      } else {
        found.append(
          Hypothesis(
            en:
              "the connection is up and nothing comes through: the network was cut without a word, or the exchange hangs",
            de:
              "die Verbindung steht, und nichts kommt durch: das Netz ist wortlos unterbrochen, oder die Börse hängt",
            [
              Evidence("connection", connection.state),
              Evidence("last_message", "any", ageSeconds: connection.lastMessage.map(age)),
            ]))
      }
    }
    return found
  }

  private var aboutConnection: [Hypothesis] {
    guard let connection = status.feed.connection else { return [] }
    let reconnects = connection.reconnects.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    var found: [Hypothesis] = []
    if let failure = connection.failure {
      found.append(
        Hypothesis(
          en: "the exchange or the way to it does not answer",
          de: "die Börse oder der Weg dorthin antwortet nicht",
          [Evidence("failure", failure), Evidence("attempts", "\(connection.attempts)")]))
    }
    if let worst = reconnects.first, worst.value > 1 {
      found.append(
        Hypothesis(
          en: "the connection comes and goes", de: "die Verbindung kommt und geht",
          [Evidence("reconnects", "\(worst.key) \(worst.value)")]))
    }
    return found
  }

  private var aboutFrozenPrices: [Hypothesis] {
    [
      Hypothesis(
        en: "trading is halted at the exchange, and it goes on sending the last prices",
        de: "der Handel an der Börse ruht, und sie sendet weiter die letzten Preise",
        [Evidence("frames", "\(status.feed.frames)", ageSeconds: ago(status.feed.lastFrameWall))]),
      Hypothesis(
        en: "something between the exchange and here repeats old data",
        de: "etwas zwischen der Börse und hier wiederholt alte Daten",
        [Evidence("last_price_move", "any instrument", ageSeconds: ago(status.feed.lastMoveWall))]),
    ]
  }

  private var aboutFrames: [Hypothesis] {
    guard let ws = status.stage(.ws), ws.sinceStart.dropped.total > 0 else { return [] }
    let decoded = ws.sinceStart.emittedByKind.total
    let reasons = ws.sinceStart.dropped.byReason.map { "\($0.reason.code) \($0.count)" }.joined(
      separator: ", ")
    return [
      decoded == 0
        ? Hypothesis(
          en: "the exchange speaks another format, or the symbols are configured by other names",
          de: "die Börse spricht ein anderes Format, oder die Symbole sind anders benannt",
          [Evidence("dropped", reasons)])
        : Hypothesis(
          en: "a part of the stream is damaged, or the exchange has changed one of its messages",
          de: "ein Teil des Stroms ist beschädigt, oder die Börse hat eine ihrer Nachrichten geändert",
          [Evidence("dropped", reasons), Evidence("decoded", "\(decoded)")])
    ]
  }

  private func aboutStandstill(_ diagnosis: Diagnosis) -> [Hypothesis] {
    var found: [Hypothesis] = []
    let stages = status.stages
    for (stage, next) in zip(stages, stages.dropFirst())
    where stage.stage.layer == diagnosis.layer && next.backlog > 0 {
      found.append(
        Hypothesis(
          en: "\(next.stage.rawValue) does not take what \(stage.stage.rawValue) has for it",
          de: "\(next.stage.rawValue) nimmt nicht ab, was \(stage.stage.rawValue) für sie hat",
          [Evidence("backlog", "\(next.stage.rawValue) \(next.backlog)")]))
    }
    if let failure = status.checkpointFailure {
      found.append(
        Hypothesis(
          en: "the disk takes no checkpoints", de: "der Datenträger nimmt keine Checkpoints",
          [Evidence("checkpoint", failure)]))
    }
    let standing = stages.filter { $0.health == .stalled }
    if standing.count > 1 {
      found.append(
        Hypothesis(
          en: "the process gets no processor time, or the disk does not answer",
          de: "der Prozess bekommt keine Rechenzeit, oder der Datenträger antwortet nicht",
          [Evidence("stalled", standing.map(\.stage.rawValue).joined(separator: ", "))]))
    } else if let only = standing.first {
      found.append(
        Hypothesis(
          en: "what \(only.stage.rawValue) waits for does not answer",
          de: "worauf \(only.stage.rawValue) wartet, antwortet nicht",
          [
            Evidence(
              "waiting_events", "\(UInt64(only.backlog) + only.inFlight)", ageSeconds: ago(only.lastEventWall)
            )
          ]))
    }
    return found
  }

  private var aboutFailure: [Hypothesis] {
    status.stages.compactMap { stage in
      stage.failure.map {
        Hypothesis(
          en: "\(stage.stage.rawValue) says what it met", de: "\(stage.stage.rawValue) sagt, woran es liegt",
          [Evidence("failure", $0), Evidence("backlog", "\(stage.backlog)")])
      }
    }
  }

  private func aboutRefusal(_ reason: ReasonCode) -> [Hypothesis] {
    var found: [Hypothesis] = []
    let standing = status.account?.layers.first { $0.layer.reason == reason }
    if let standing {
      // A figure far from its limit is not what stands in the way: the order that is asked for is.
      let isNear = standing.figure.mantissa >= standing.limit.mantissa / 10 * 9
      found.append(
        Hypothesis(
          en: isNear ? "the figure is at its limit" : "an order would take the figure beyond its limit",
          de: isNear ? "der Wert liegt an seinem Limit" : "eine Order brächte den Wert über sein Limit",
          [
            Evidence("figure", Self.text(standing.figure), ageSeconds: ago(status.tally.lastRefusal[reason])),
            Evidence("limit", Self.text(standing.limit)),
          ] + (standing.layer.setting.map { [Evidence("setting", $0)] } ?? [])))
    }
    let others = status.tally.refusedInARow.filter { $0.key != reason }
    if let next = others.max(by: { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }) {
      found.append(
        Hypothesis(
          en: "another limit refuses as well: \(next.key.explanation(in: .en))",
          de: "ein weiteres Limit lehnt ebenfalls ab: \(next.key.explanation(in: .de))",
          [Evidence("refused_in_a_row", "\(next.key.code) \(next.value)")]))
    }
    return found
  }

  private var aboutQuiet: [Hypothesis] {
    // The first moments say nothing of a market.
    guard !hasLookedShortly else { return [] }
    // What reached its threshold was a signal: it does not tell why none came.
    guard let nearest = status.nearness.first(where: { $0.highest < .one }) else { return [] }
    let share = Double(nearest.highest.mantissa) / Double(Ratio.one.mantissa)
    let figure = Evidence(
      "nearest_signal",
      "\(nearest.strategy.rawValue) \(nearest.symbol): \(Int(share * 100)) % of its threshold")
    return [
      share < 0.25
        ? Hypothesis(
          en: "the market hardly moves, or the thresholds are out of its reach",
          de: "der Markt bewegt sich kaum, oder die Schwellen sind für ihn unerreichbar", [figure])
        : Hypothesis(
          en: "the market moves, and not enough for a signal",
          de: "der Markt bewegt sich, aber nicht genug für ein Signal",
          [figure])
    ]
  }

  private var aboutNoFill: [Hypothesis] {
    let results = status.tally.results
    let accepted = results[.accepted] ?? 0
    let rejected = results[.rejected] ?? 0
    return [
      accepted > 0
        ? Hypothesis(
          en: "limit orders wait too far from the market", de: "Limit-Orders warten zu weit weg vom Markt",
          [Evidence("accepted", "\(accepted)"), Evidence("expired", "\(results[.expired] ?? 0)")])
        : Hypothesis(
          en: "the exchange refuses every order", de: "die Börse lehnt jede Order ab",
          [Evidence("rejected", "\(rejected)")])
    ]
  }
}
