import CDBDomain
import CDBGate

/// What the page says of an operation, beside what the catalogue knows. An operation without an entry is offered as the
/// catalogue has it, in English.
struct OperationWords: Sendable {
  var button: Translation
  var hint: Translation
  /// Asked for once more before it is done.
  var isConfirmed = true
  /// Something dangerous, or something that ends danger.
  var tone = Tone.calm
  /// What stands in a field before anybody has typed.
  var values: [String: Translation] = [:]
  /// What is said of an answer.
  var answers: [AnswerWords] = []

  /// What is said where fields of the answer have these values; names with points reach into objects, and what stands in
  /// braces is taken from the answer.
  struct AnswerWords: Sendable {
    var when: [String: String]
    var say: Translation
  }

  static let byName: [String: OperationWords] = [
    "stop": OperationWords(
      button: Translation(en: "Stop", de: "Anhalten"),
      hint: Translation(
        en: "Refuses every order at once, and proves it.", de: "Lehnt sofort jede Order ab und beweist es."),
      isConfirmed: false, tone: .bad,
      // An emergency needs no words to be found first.
      values: ["reason": Translation(en: "by hand, on the status page", de: "von Hand, auf der Statusseite")],
      answers: stopped),
    "resume": OperationWords(
      button: Translation(en: "Resume", de: "Fortsetzen"),
      hint: Translation(
        en:
          "Ends the emergency stop. The gate is closed then, and verifies; after a stop that was not proved, a "
          + "person must open it.",
        de:
          "Beendet den Notstopp. Das Gate ist dann geschlossen und prüft; nach einem Halt ohne Beweis muss es ein "
          + "Mensch öffnen."), answers: gate),
    "gate.open": OperationWords(
      button: Translation(en: "Open the gate", de: "Gate öffnen"),
      hint: Translation(
        en: "Begins the verification; five passes open it.",
        de: "Beginnt die Prüfung; fünf bestandene Prüfungen öffnen es."), answers: gate),
    "gate.close": OperationWords(
      button: Translation(en: "Close the gate", de: "Gate schließen"),
      hint: Translation(
        en: "Leaves it closed until somebody opens it.", de: "Lässt es zu, bis es jemand öffnet."),
      answers: gate),
    "incident.acknowledge": OperationWords(
      button: Translation(en: "Acknowledge", de: "Gesehen"),
      hint: Translation(
        en: "Says that you have seen the incident.", de: "Sagt, dass du den Vorfall gesehen hast."),
      isConfirmed: false, answers: incident),
    "incident.cause": OperationWords(
      button: Translation(en: "Write the cause", de: "Ursache festhalten"),
      hint: Translation(
        en: "Writes down what caused it; the gate may verify again then.",
        de: "Hält fest, was ihn verursacht hat; dann darf das Gate wieder prüfen."), answers: incident),
    "incident.close": OperationWords(
      button: Translation(en: "Close the incident", de: "Vorfall schließen"),
      hint: Translation(
        en: "Closes an incident that is over and verified.",
        de: "Schließt einen Vorfall, der vorbei und bestätigt ist."), answers: incident),
    "block.start": OperationWords(
      button: Translation(en: "Start a block", de: "Block beginnen"),
      hint: Translation(
        en: "Needs an open gate, a fresh canary, and the last block analysed.",
        de: "Braucht ein offenes Gate, einen frischen Kanarienvogel und den letzten Block ausgewertet."),
      answers: block),
    "block.finish": OperationWords(
      button: Translation(en: "Finish the block", de: "Block beenden"),
      hint: Translation(
        en: "Ends it before its time; needs a reason.", de: "Beendet ihn vor der Zeit; braucht einen Grund."),
      answers: block),
    "block.report": OperationWords(
      button: Translation(en: "Make the report", de: "Bericht anfertigen"),
      hint: Translation(
        en: "Of the newest block, with what was learned from it.",
        de: "Über den neuesten Block, mit dem, was daraus gelernt wurde."), answers: block),
  ]
  /// The titles of what operations belong to.
  static let groups = [
    "incident": Translation(en: "Incidents", de: "Vorfälle"),
    "block": Translation(en: "Blocks", de: "Blöcke"),
  ]

  static let fields: [String: Translation] = [
    "incident": Translation(en: "incident", de: "Vorfall"),
    "lessons": Translation(en: "learned", de: "gelernt"),
    "todos": Translation(en: "to do", de: "zu tun"),
    "words": Translation(en: "words", de: "Worte"),
    "text": Translation(en: "root cause", de: "Ursache"),
    "reason": Translation(en: "reason", de: "Grund"),
    "justification": Translation(en: "justification", de: "Begründung"),
  ]

  private static let stopped = [
    (["verified": "true"], StopReport.Finding.verified),
    (["in_force": "true", "hindered_by": StopReport.Hindrance.store.rawValue], .unprovedByStore),
    (["in_force": "true", "hindered_by": StopReport.Hindrance.noPrice.rawValue], .unpriced),
    (["in_force": "true"], .unproved), (["underway": "true"], .underway), (["accepted": "true"], .notInForce),
  ].map { fields, finding in
    AnswerWords(
      when: fields,
      say: StopReport.words(
        finding, refusedBy: "{refused_by}", seconds: "{seconds}", hindrance: "{hindrance}"))
  }

  private static let gate =
    GateState.allCases.map { state in
      AnswerWords(
        when: ["gate.state": state.rawValue, "journaled": "true"],
        say: Translation(
          en: "done: the gate is \(state.name(in: .en))", de: "getan: das Gate ist \(state.name(in: .de))"))
    } + [notJournaled]

  private static let incident =
    Incident.State.allCases.map { state in
      AnswerWords(
        when: ["incident.state": state.rawValue, "journaled": "true"],
        say: Translation(
          en: "done: incident {incident.number}: \(state.name(in: .en))",
          de: "getan: Vorfall {incident.number}: \(state.name(in: .de))"))
    } + [notJournaled]

  private static let block = [
    AnswerWords(
      when: ["journaled": "true"],
      say: Translation(
        en: "done: block {status.block}: {status.state}", de: "getan: Block {status.block}: {status.state}")),
    notJournaled,
  ]

  private static let notJournaled = AnswerWords(
    when: ["journaled": "false"],
    say: Translation(
      en: "accepted, and NOT YET in the journal: a crash could lose it",
      de: "angenommen, aber NOCH NICHT im Journal: ein Absturz könnte es verlieren"))
}
