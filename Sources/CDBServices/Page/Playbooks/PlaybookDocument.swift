import CDBDomain
import ServiceRuntime

/// A playbook as a page in the look of the status page. It has no script.
struct PlaybookDocument {
  let playbook: Playbook

  static let securityPolicy = PageDocument.securityPolicy(hasScript: false)

  func render() -> HTML {
    let language = playbook.language
    return #"""
      <!DOCTYPE html>
      <html lang="\#(language.rawValue)">
      \#(PageDocument.head(title: "\(title) · cdb", .none))
      <body>
      <a class="skip" href="#text">\#(language == .de ? "Zum Inhalt" : "Skip to the content")</a>
      \#(header)
      <main><article class="panel prose" id="text">
      \#(text)</article></main>
      <footer><p>cdb \#(SuiteVersion.current) · \#(BuildRevision.current)</p></footer>
      </body>
      </html>

      """#
  }

  private var markdown: Markdown { Markdown(playbook.text) }

  private var title: String {
    for case .heading(1, let text) in markdown.blocks { return text }
    return playbook.name
  }

  /// The page without the line that leads to the other language: that stands at the top.
  private var text: HTML {
    var markdown = markdown
    markdown.remove(.paragraph("[\(otherName)](\(otherFile))"))
    return markdown.html(name: title, link: playbook.link(to:))
  }

  private var otherName: String { playbook.language == .de ? "English" : "Deutsch" }
  private var otherFile: String { "\(playbook.language == .de ? "../" : "de/")\(playbook.name).md" }

  private var header: HTML {
    let language = playbook.language
    let other = playbook.translation
    let index: HTML =
      playbook.name == Playbook.index
      ? .none : #"<a href="./">\#(language == .de ? "Abläufe" : "Playbooks")</a>"#
    return #"""
      <header class="top"><p class="home"><a href="\#(playbook.wayBack)?language=\#(language.rawValue)">cdb \#(language == .de ? "Status" : "status")</a></p>
      <nav aria-label="\#(language == .de ? "Abläufe und Sprache" : "Playbooks and language")">\#(index) \#
      <a href="\#(other.link)" hreflang="\#(other.language.rawValue)" lang="\#(other.language.rawValue)">\#(otherName)</a></nav></header>
      """#
  }

  /// `/playbooks/silent_feed`, `/playbooks/de/silent_feed`, and the indices at `/playbooks/` and `/playbooks/de/`.
  static let route = EndpointRoute("GET", "/playbooks/*") { request in
    guard let playbook = Playbook(path: request.path.dropFirst()) else {
      throw OperationError.notFound("there is no playbook at this address; /playbooks/ lists them")
    }
    return .page(PlaybookDocument(playbook: playbook).render(), playbook.language, policy: securityPolicy)
  }
}
