/// What an answer has for a reason where no ``ReasonCode`` says it: nothing was refused and nothing failed, or nobody
/// could look.
///
/// The text is what an answer holds as its reason, in the journal, in stores and for people, and never changes.
public enum AnswerReason: String, Sendable, Hashable, CaseIterable, Codable {
  /// No strategy has signalled, or none since the last fill.
  case noSignal = "no_signal"
  /// Signals came, and none became an order that could be filled.
  case noOrder = "no_order"
  /// Orders were sent, and none was filled.
  case noFill = "no_fill"
  /// The process before ended because it was told to.
  case plannedRestart = "planned_restart"
  /// The process before died.
  case unplannedRestart = "unplanned_restart"
  /// How the process before ended is not known.
  case restart
  /// More time than allowed lay between two looks of one process.
  case processHeldUp = "process_held_up"

  /// What it means, in one sentence without a full stop.
  public var explanation: Translation {
    switch self {
    case .noSignal:
      Translation(
        en: "everything works, and no strategy has reason to act",
        de: "alles läuft, und keine Strategie hat Anlass zu handeln")
    case .noOrder:
      Translation(
        en: "signals came, and none became an order that could be filled",
        de: "es kamen Signale, aber aus keinem wurde eine Order, die ausgeführt werden konnte")
    case .noFill:
      Translation(
        en: "orders go out and none is filled", de: "Orders gehen hinaus, aber keine wird ausgeführt")
    case .plannedRestart:
      Translation(
        en: "stopped in order, and started again", de: "geordnet beendet und neu gestartet")
    case .unplannedRestart:
      Translation(en: "it died, and was started again", de: "gestorben und neu gestartet")
    case .restart:
      Translation(
        en: "it ended in an unknown way, and was started again",
        de: "auf unbekannte Weise beendet und neu gestartet")
    case .processHeldUp:
      Translation(
        en: "nobody looked: the process was held up, the machine slept, or the clock was put forward",
        de: "niemand hat geschaut: der Prozess stand, die Maschine schlief, oder die Uhr sprang vor")
    }
  }

  /// What a person does about it, in one sentence without a full stop.
  public var remedy: Translation {
    switch self {
    case .noSignal:
      Translation(
        en: "nothing, as long as market events keep coming: the market is quiet",
        de: "nichts, solange weiter Marktdaten kommen: der Markt ist ruhig")
    case .noOrder:
      Translation(
        en: "see by which reasons signals are refused; only an order that stays open needs something done",
        de: "nachsehen, mit welchen Gründen Signale abgelehnt werden; handeln muss man nur, wenn eine Order "
          + "offen bleibt")
    case .noFill:
      Translation(
        en: "see by which reasons results refuse, then smaller orders or wider bounds",
        de: "die Gründe in den Ergebnissen lesen, dann kleinere Orders oder weitere Grenzen")
    case .plannedRestart:
      Translation(en: "nothing: it was meant", de: "nichts, das war so gewollt")
    case .unplannedRestart:
      Translation(
        en: "find out what ended it: memory, disk, a signal, or a defect",
        de: "herausfinden, was ihn beendet hat: Speicher, Datenträger, ein Signal oder ein Fehler im Programm"
      )
    case .restart:
      Translation(
        en: "see in the log of the process before how it ended",
        de: "im Log des vorigen Prozesses nachsehen, wie er endete")
    case .processHeldUp:
      Translation(
        en: "keep the machine awake, and give the process memory and time of its own",
        de: "die Maschine wach halten und dem Prozess genug Speicher und Rechenzeit geben")
    }
  }

  /// The page of docs/04_incident-management/playbooks that says what to do, by its name without `.md`.
  public var playbook: String {
    switch self {
    case .plannedRestart, .unplannedRestart, .restart: Self.restart.rawValue
    case .noSignal, .noOrder, .noFill, .processHeldUp: rawValue
    }
  }
}
