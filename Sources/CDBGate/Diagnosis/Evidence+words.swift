import CDBDomain

extension Evidence {
  /// What the figure says, as a sentence; as `name = value` where it has none.
  public func text(in language: Language) -> String {
    sentence(in: language) ?? "\(name) = \(Self.words(of: value, in: language))"
  }

  /// The sentence and, in brackets, the name that the JSON and the playbooks have for it.
  func line(in language: Language) -> String {
    sentence(in: language).map { "\($0) [\(name)]" } ?? text(in: language)
  }

  /// What the figure says, as a sentence; nil where it has none.
  public func sentence(in language: Language) -> String? {
    if let check = GateCheck(rawValue: name), let sentence = sentence(of: check, in: language) {
      return sentence
    }
    if RiskLayerName(rawValue: name) != nil { return sentenceOfLayer(in: language) }
    guard let words = Self.sentences[name]?[language] else { return nil }
    return words.replacing("{}", with: Self.words(of: value, in: language))
  }

  /// `fail exposure_limit`, or the reason alone.
  private func sentence(of check: GateCheck, in language: Language) -> String? {
    let words = value.split(separator: " ")
    let outcome = words.first.flatMap { GateOutcome(rawValue: String($0)) } ?? .fail
    let code = words.last.map(String.init) ?? ""
    let reason = ReasonCode(code: code).flatMap { $0 == .none ? nil : $0.explanation(in: language) }
    guard reason != nil || words.count == 1 && outcome.rawValue == code else { return nil }
    let state =
      switch outcome {
      case .pass: Translation(en: "has passed", de: "ist bestanden")
      case .fail: Translation(en: "has failed", de: "ist gefallen")
      case .unknown: Translation(en: "has no result yet", de: "hat noch kein Ergebnis")
      }
    return Translation(en: "the check \(check.rawValue) ", de: "die Prüfung \(check.rawValue) ")[language]
      + state[language] + (reason.map { ": \($0)" } ?? "")
  }

  /// Of a layer of risk that was tested, or could not be.
  private func sentenceOfLayer(in language: Language) -> String {
    guard value != GateJudgement.notTested else {
      return Translation(
        en: "the risk layer \(name) was not tested: no order comes as far as its limit",
        de: "die Risikoschicht \(name) wurde nicht getestet: keine Order kommt bis zu ihrem Limit")[language]
    }
    let german = value.replacing("expected ", with: "erwartet ").replacing(", got ", with: ", bekommen ")
    return Translation(en: "the risk layer \(name): \(value)", de: "die Risikoschicht \(name): \(german)")[
      language]
  }

  /// By the name of the figure; `{}` stands for its value.
  private static let sentences: [String: Translation] = [
    "checks_passed": Translation(
      en: "{} checks of the gate have passed",
      de: "{} Prüfungen des Gates sind bestanden"),
    "refused_their_violation": Translation(
      en: "{} synthetic orders got the answer that they must get",
      de: "{} künstliche Orders bekamen die Antwort, die sie bekommen müssen"),
    "sane_order": Translation(
      en: "an ordinary order is {}",
      de: "eine gewöhnliche Order wird {}"),
    "refused_in_a_row": Translation(
      en: "signals refused one after the other: {}",
      de: "hintereinander abgelehnte Signale: {}"),
    "refused": Translation(
      en: "most of them were refused by {}",
      de: "die meisten lehnte ab: {}"),
    "refused_by_gate": Translation(
      en: "orders that the gate refused: {}",
      de: "Orders, die das Gate abgelehnt hat: {}"),
    "open_orders": Translation(
      en: "orders under way: {}",
      de: "Orders unterwegs: {}"),
    "results": Translation(
      en: "what became of the orders: {}",
      de: "was aus den Orders wurde: {}"),
    "fills": Translation(
      en: "orders filled, in whole or in part: {}",
      de: "Ausführungen: {}"),
    "signals": Translation(
      en: "signals since the process began: {}",
      de: "Signale seit Beginn des Prozesses: {}"),
    "market_events": Translation(
      en: "market data that the strategies have seen: {}",
      de: "Marktdaten, die die Strategien gesehen haben: {}"),
    "nearest_signal": Translation(
      en: "nearest to a signal: {}",
      de: "am nächsten an einem Signal: {}"),
    "looked_since": Translation(
      en: "the strategies have only looked since {}",
      de: "die Strategien schauen erst seit {}"),
    "frames": Translation(
      en: "frames that the feed has delivered: {}",
      de: "Frames, die der Feed geliefert hat: {}"),
    "frames_dropped": Translation(
      en: "frames of which no market data came: {}",
      de: "Frames, aus denen keine Marktdaten wurden: {}"),
    "late_seconds": Translation(
      en: "the newest market data are {} s behind",
      de: "die neuesten Marktdaten sind {} s im Rückstand"),
    "last_price_move": Translation(
      en: "the price of {} moved last",
      de: "zuletzt bewegte sich der Preis von: {}"),
    "waiting_events": Translation(
      en: "events that wait: {}",
      de: "Ereignisse, die warten: {}"),
    "held_up_seconds": Translation(
      en: "the process stood still for {} s",
      de: "der Prozess stand {} s lang still"),
    "jump_seconds": Translation(
      en: "the clock moved {} s more than the time that passed",
      de: "die Uhr ging {} s weiter, als Zeit verging"),
    "seconds_behind": Translation(
      en: "the clock is {} s behind the journal",
      de: "die Uhr geht {} s hinter dem Journal"),
    "process": Translation(
      en: "the process of {}",
      de: "der Prozess von {}"),
    "processes_away": Translation(
      en: "processes that do not answer: {}",
      de: "Prozesse, die nicht antworten: {}"),
    "without_bus": Translation(
      en: "without a bus: {}",
      de: "ohne Bus: {}"),
    "incident": Translation(
      en: "the incident is {}",
      de: "der Vorfall ist {}"),
    "connected": Translation(
      en: "connections of the feed: {}",
      de: "Verbindungen des Feeds: {}"),
    "connection": Translation(
      en: "the connection is {}",
      de: "die Verbindung ist {}"),
    "last_message": Translation(
      en: "the exchange last sent a message",
      de: "die Börse schickte zuletzt eine Nachricht"),
    "symbols": Translation(
      en: "symbols asked for: {}",
      de: "verlangte Symbole: {}"),
    "attempts": Translation(
      en: "attempts to connect: {}",
      de: "Versuche zu verbinden: {}"),
    "reconnects": Translation(
      en: "connected anew, by reason: {}",
      de: "neu verbunden, nach Grund: {}"),
    "failure": Translation(
      en: "it says: {}",
      de: "es meldet: {}"),
    "checkpoint": Translation(
      en: "the checkpoint failed: {}",
      de: "der Checkpoint misslang: {}"),
    "backlog": Translation(
      en: "events that wait before it: {}",
      de: "Ereignisse, die davor warten: {}"),
    "stalled": Translation(
      en: "stages that stand still: {}",
      de: "Stufen, die stillstehen: {}"),
    "dropped": Translation(
      en: "what was dropped: {}",
      de: "was verworfen wurde: {}"),
    "decoded": Translation(
      en: "market data that did come of it: {}",
      de: "Marktdaten, die doch daraus wurden: {}"),
    "figure": Translation(
      en: "what counts against the limit is {} now",
      de: "was gegen das Limit zählt, ist jetzt {}"),
    "limit": Translation(
      en: "the limit is {}",
      de: "das Limit ist {}"),
    "setting": Translation(
      en: "it is set by {}",
      de: "eingestellt wird es mit {}"),
    "accepted": Translation(
      en: "orders that the exchange took: {}",
      de: "Orders, die die Börse annahm: {}"),
    "expired": Translation(
      en: "orders that expired: {}",
      de: "Orders, die verfielen: {}"),
    "rejected": Translation(
      en: "orders that the exchange refused: {}",
      de: "Orders, die die Börse ablehnte: {}"),
    "noticed_after_seconds": Translation(
      en: "it was noticed {} s later",
      de: "bemerkt wurde es {} s später"),
    "canary_seconds": Translation(
      en: "from writing a line of the log to reading it, seconds: {}",
      de: "vom Schreiben einer Zeile des Logs bis zum Lesen, Sekunden: {}"),
    "errors": Translation(
      en: "errors in the log: {}",
      de: "Fehler im Log: {}"),
    "last_error": Translation(
      en: "the newest error in the log: {}",
      de: "der neueste Fehler im Log: {}"),
    "clear_after_seconds": Translation(
      en: "errors count no more in {} s, if none is added",
      de: "Fehler zählen in {} s nicht mehr, wenn keiner dazukommt"),
    "crossing_seconds": Translation(
      en: "for a barrier to cross all stages, seconds: {}",
      de: "bis eine Barriere alle Stufen durchquert hat, Sekunden: {}"),
    "barrier": Translation(
      en: "found at barrier {}",
      de: "gefunden an Barriere {}"),
    "imbalance": Translation(
      en: "what does not balance: {}",
      de: "was nicht aufgeht: {}"),
    "first_stage_missing": Translation(
      en: "the first stage that has not passed it: {}",
      de: "die erste Stufe, die sie nicht durchließ: {}"),
    "finding": Translation(
      en: "the store differs: {}",
      de: "der Speicher weicht ab: {}"),
    "orders": Translation(
      en: "orders in the store: {}",
      de: "Orders im Speicher: {}"),
    "waited_seconds": Translation(
      en: "waited for the probe order, seconds: {}",
      de: "auf die Probe-Order gewartet, Sekunden: {}"),
    "probe": Translation(
      en: "the probe order has the number {}",
      de: "die Probe-Order hat die Nummer {}"),
    "decision": Translation(
      en: "the probe order was {}",
      de: "die Probe-Order wurde {}"),
    "order": Translation(
      en: "the order of the probe: {}",
      de: "die Order der Probe: {}"),
    "result": Translation(
      en: "what became of the probe order: {}",
      de: "was aus der Probe-Order wurde: {}"),
    "cause": Translation(
      en: "the check could not be carried out: {}",
      de: "die Prüfung war nicht ausführbar: {}"),
  ]
}
