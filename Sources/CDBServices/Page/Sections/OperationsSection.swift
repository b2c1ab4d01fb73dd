import CDBDomain
import CDBGate
import ServiceRuntime

/// A form for each operation of the catalogue that changes something. It does not change while the process lives, and
/// what somebody is typing stays.
enum OperationsSection {
  static func render(_ catalogue: OperationCatalogue, _ language: Language) -> HTML {
    let changing = catalogue.operations.filter { $0.effect == .change }
    let direct = changing.filter { group(of: $0) == nil }.map { form($0, language) }
    var names: [String] = []
    for name in changing.compactMap(group) where !names.contains(name) { names.append(name) }
    let groups = names.map { name -> HTML in
      let forms = changing.filter { group(of: $0) == name }.map { form($0, language) }
      let title = OperationWords.groups[name]?[language] ?? name
      return #"""
        <details class="group"><summary>\#(title)</summary><div class="operations">\#(forms)</div></details>
        """#
    }
    let hint = Translation(
      en: "It stands in the file token of the data directory, and is kept in this tab only.",
      de: "Es steht in der Datei token des Datenverzeichnisses und bleibt nur in diesem Tab.")
    let noScript = Translation(
      en: "Without JavaScript, use cdb stop, cdb resume and cdb gate.",
      de: "Ohne JavaScript: cdb stop, cdb resume und cdb gate.")
    return #"""
      <noscript><p>\#(noScript, language)</p></noscript>\#
      <p id="outcome" class="outcome" role="status" aria-live="polite"></p>\#
      <form id="token-form" class="token" autocomplete="off"><label for="token">\#(language == .de ? "Zugangswort" : "token")</label>\#
      <input id="token" type="password" autocomplete="off" spellcheck="false" aria-describedby="token-hint">\#
      <p id="token-hint" class="hint">\#(hint, language)</p></form>\#
      <div class="operations">\#(direct)</div>\#(groups)
      """#
  }

  /// What an operation belongs to, and is folded away with; nil for what must be at hand.
  private static func group(of operation: AnyOperation) -> String? {
    let parts = operation.name.split(separator: ".")
    guard parts.count > 1, parts[0] != "gate" else { return nil }
    return String(parts[0])
  }

  /// The form of an operation.
  static func id(of operation: String) -> String { "op-" + operation.replacing(".", with: "-") }

  private static func form(_ operation: AnyOperation, _ language: Language) -> HTML {
    let words = OperationWords.byName[operation.name]
    let id = id(of: operation.name)
    let button = words?.button[language] ?? operation.name
    let confirm: HTML? =
      words?.isConfirmed == false
      ? nil
      : #" data-confirm="\#(language == .de ? "Wirklich: \(button)" : "Really: \(button)")""#
    // A stop is right however late it comes; anything else is done while somebody waits for it, or not at all.
    let deadline: HTML? = operation.isDoneLate ? nil : " data-deadline"
    let fields = operation.parameters.list.map { field($0, of: operation, id: id, language) }
    return #"""
      <form class="operation" id="\#(id)" data-operation="\#(operation.name)" data-answers="\#(answers(words, language))"\#(confirm)\#(deadline)>\#
      \#(fields)<button type="submit" class="\#((words?.tone ?? .calm).rawValue)" aria-describedby="\#(id)-hint">\#(button)</button>\#
      <p class="hint" id="\#(id)-hint">\#(words?.hint[language] ?? operation.summary)</p></form>
      """#
  }

  private static func field(
    _ field: OperationParameters.Parameter, of operation: AnyOperation, id: String, _ language: Language
  ) -> HTML {
    let id = "\(id)-\(field.name)"
    let label = OperationWords.fields[field.name]?[language] ?? field.name.replacing("_", with: " ")
    let name: HTML = #"id="\#(id)" name="\#(field.name)" data-type="\#(field.type)""#
    let required: HTML = field.required ? " required" : .none
    let control: HTML
    if let choices = field.choices {
      let options = (field.required ? [] : [""]) + choices
      control = #"<select \#(name)\#(required)>\#(options.map { "<option>\($0)</option>" as HTML })</select>"#
    } else if field.type == "boolean" {
      control = #"<input type="checkbox" \#(name)>"#
    } else if field.type == "array" {
      let hint = language == .de ? "eins je Zeile" : "one a line"
      control =
        #"<textarea rows="2" maxlength="4000" placeholder="\#(hint)" \#(name)\#(required)></textarea>"#
    } else {
      let kind: HTML =
        field.type == "integer" || field.type == "number"
        ? #"type="number" step="any""# : #"type="text" maxlength="1000""#
      let value: HTML? = OperationWords.byName[operation.name]?.values[field.name].map {
        #" value="\#($0, language)""#
      }
      control = #"<input \#(kind) autocomplete="off" \#(name)\#(value)\#(required)>"#
    }
    return #"<label for="\#(id)">\#(label)</label>\#(control)"#
  }

  /// For the script: what is said of which answer.
  private static func answers(_ words: OperationWords?, _ language: Language) -> String {
    struct Answer: Encodable {
      var when: [String: String]
      var say: String
    }
    let answers = (words?.answers ?? []).map { Answer(when: $0.when, say: $0.say[language]) }
    return PageParts.json(answers)
  }
}
