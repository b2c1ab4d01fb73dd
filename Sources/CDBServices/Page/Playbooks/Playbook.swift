import CDBDomain
import CPlaybooks

/// A page of docs/04_incident-management/playbooks, as it was when this was built.
struct Playbook: Sendable {
  /// The index, by its file's name.
  static let index = "README"

  /// Its file's name without `.md`: mostly a reason code.
  let name: String
  let language: Language
  /// Markdown.
  let text: String

  /// Every page in both languages.
  static let all: [Playbook] = (0..<cdb_playbook_count()).flatMap { place -> [Playbook] in
    let page = cdb_playbook(place)
    let name = String(cString: page.name)
    return [
      Playbook(name: name, language: .en, text: String(cString: page.en)),
      Playbook(name: name, language: .de, text: String(cString: page.de)),
    ]
  }

  private static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })

  /// Where it is served, relative to the status page: `playbooks/silent_feed`, `playbooks/de/silent_feed`; of the index
  /// `playbooks/` and `playbooks/de/`.
  var path: String { Self.path(of: name, in: language) }

  static func path(of name: String, in language: Language) -> String {
    "playbooks/\(language == .de ? "de/" : "")\(name == index ? "" : name)"
  }

  /// The page that is served at a path, as it is written in the request; nil where there is none.
  init?(path: some StringProtocol) {
    guard let page = Self.byPath[String(path)] else { return nil }
    self = page
  }

  private init(name: String, language: Language, text: String) {
    self.name = name
    self.language = language
    self.text = text
  }

  /// The same page in the other language.
  var translation: (language: Language, link: String) {
    let page = name == Self.index ? "" : name
    return language == .de ? (.en, "../\(page)") : (.de, "de/\(page)")
  }

  /// The way from it to the status page.
  var wayBack: String { language == .de ? "../../" : "../" }

  /// Where a link of its text leads when it is served; nil where that is no page.
  func link(to target: String) -> String? {
    guard target.hasSuffix(".md") else { return nil }
    let pieces = target.dropLast(".md".count).split(separator: "/", omittingEmptySubsequences: false)
    guard let page = pieces.last else { return nil }
    var isGerman = language == .de
    for step in pieces.dropLast() {
      switch (step, isGerman) {
      case ("..", true): isGerman = false
      case ("de", false): isGerman = true
      default: return nil
      }
    }
    let there: Language = isGerman ? .de : .en
    guard Self.byPath[Self.path(of: String(page), in: there)] != nil else { return nil }
    let way = there == language ? "./" : isGerman ? "de/" : "../"
    return way + (page == Self.index ? "" : page)
  }
}
