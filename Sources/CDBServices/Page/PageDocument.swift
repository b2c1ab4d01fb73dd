import CDBDomain
import Crypto
import Foundation
import ServiceRuntime

/// The page around the sections: what does not change while the process lives.
struct PageDocument: Sendable {
  private let operations: [Language: HTML]
  /// Names this form of the page: another program, or another catalogue, has another one, and a page that is open
  /// loads itself anew.
  let editions: [Language: String]
  /// What a browser may do with the page: run its script, apply its style, talk to where it came from.
  let securityPolicy: String

  init(_ catalogue: OperationCatalogue, revision: String) {
    let forms = Dictionary(
      uniqueKeysWithValues: Language.allCases.map { ($0, OperationsSection.render(catalogue, $0)) })
    operations = forms
    editions = forms.mapValues { form in
      let all = [revision, Self.style, Self.script, form.text].joined(separator: "\u{0}")
      return Self.digest(all).prefix(6).map { String($0, radix: 16) }.joined()
    }
    securityPolicy = Self.securityPolicy(hasScript: true)
  }

  /// What a browser may do with a page in this style: nothing but show it, and run its script where it has one.
  static func securityPolicy(hasScript: Bool) -> String {
    let script = hasScript ? ["script-src \(source(script))", "connect-src 'self'"] : []
    return
      (["default-src 'none'", "style-src \(source(style))"] + script
      + ["img-src data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]).joined(
        separator: "; ")
  }

  static let style = String(decoding: PackageResources.status_page_css, as: UTF8.self)
  static let script = String(decoding: PackageResources.status_page_js, as: UTF8.self)

  private static func digest(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Data(text.utf8))) }

  private static func source(_ text: String) -> String {
    "'sha256-\(Data(digest(text)).base64EncodedString())'"
  }

  /// The whole page.
  ///
  /// - Parameters:
  ///   - sections: their inner markup.
  ///   - position: where the stream of events goes on behind it.
  ///   - now: when the sections were made.
  func render(
    _ sections: [PageSection: HTML], position: String, now: EventTime, _ language: Language
  ) -> HTML {
    func section(_ section: PageSection) -> HTML {
      let id = section.rawValue
      return #"""
        <section class="panel" id="panel-\#(id)" aria-labelledby="heading-\#(id)"><h2 id="heading-\#(id)">\#(section.heading, language)</h2>\#
        <div id="\#(id)" class="live" data-live>\#(sections[section])</div></section>

        """#
    }
    return #"""
      <!DOCTYPE html>
      <html lang="\#(language.rawValue)" data-edition="\#(editions[language] ?? "")" data-position="\#(position)" data-now="\#(now.nanoseconds / 1_000_000)">
      \#(Self.head(title: "cdb", #"<noscript><meta http-equiv="refresh" content="5"></noscript>"#))
      <body data-words="\#(words(language))">
      <a class="skip" href="#answer">\#(language == .de ? "Zum Inhalt" : "Skip to the content")</a>
      \#(header(now, language))
      <main>
      \#(section(.answer))\#(commands(language))\#(PageSection.allCases.dropFirst().map(section))</main>
      <footer><p>cdb \#(SuiteVersion.current) · \#(BuildRevision.current) · \#(Narrator.Words.paper, language)</p></footer>
      <script>\#(HTML.trusted(Self.script))</script>
      </body>
      </html>

      """#
  }

  /// - Parameter more: what else belongs to the head.
  static func head(title: String, _ more: HTML) -> HTML {
    let icon =
      "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M1 8h3l2-5 4 10 2-5h3' fill='none' stroke='%232a7' stroke-width='2'/%3E%3C/svg%3E"
    return #"""
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\#(title)</title>
      \#(more)
      <link rel="icon" href="\#(icon)">
      <style>\#(HTML.trusted(style))</style>
      </head>
      """#
  }

  private func header(_ now: EventTime, _ language: Language) -> HTML {
    let other: Language = language == .de ? .en : .de
    let otherName = other == .de ? "Deutsch" : "English"
    return #"""
      <header class="top"><h1>cdb <span>\#(language == .de ? "Status" : "status")</span></h1>
      <p id="connection" role="status" aria-live="polite">\#(language == .de ? "Stand" : "as of") \#(PageParts.instant(now, at: .distantPast, isPlain: true))</p>
      <nav aria-label="\#(language == .de ? "Sprache" : "Language")"><a href="?language=\#(other.rawValue)" hreflang="\#(other.rawValue)" lang="\#(other.rawValue)">\#(otherName)</a></nav></header>
      \#(Self.patterns)
      """#
  }

  private func commands(_ language: Language) -> HTML {
    let heading = Translation(en: "Operations", de: "Eingriffe")
    return #"""
      <section class="panel" id="panel-operations" aria-labelledby="heading-operations"><h2 id="heading-operations">\#(heading, language)</h2>
      \#(operations[language])</section>

      """#
  }

  /// What fills the bar beside its colours.
  private static let patterns: HTML = #"""
    <svg class="unseen" aria-hidden="true" focusable="false" width="0" height="0"><defs>
    <pattern id="hatch-warning" width="6" height="6" patternUnits="userSpaceOnUse"><path class="ink" d="M-1 1l2-2M0 6l6-6M5 7l2-2"/></pattern>
    <pattern id="hatch-bad" width="6" height="6" patternUnits="userSpaceOnUse"><path class="ink" d="M0 0l6 6M6 0L0 6"/></pattern>
    <pattern id="hatch-stopped" width="5" height="5" patternUnits="userSpaceOnUse"><path class="ink" d="M2.5 0v5"/></pattern>
    <pattern id="hatch-calm" width="6" height="6" patternUnits="userSpaceOnUse"><circle class="spot" cx="3" cy="3" r="1"/></pattern>
    <pattern id="hatch-unknown" width="6" height="6" patternUnits="userSpaceOnUse"><path class="ink" d="M0 3h3"/></pattern>
    </defs></svg>
    """#

  /// What the script says.
  private func words(_ language: Language) -> String {
    let words =
      language == .de
      ? [
        "ago": "vor {age}", "live": "live", "lost": "Verbindung verloren um {time}; ich versuche es wieder",
        "asking": "{operation}: wird ausgeführt …", "confirm": "noch einmal drücken: {operation}",
        "token": "zuerst das Zugangswort eingeben", "wrongToken": "das Zugangswort stimmt nicht",
        "done": "{operation}: getan", "failed": "{operation}: nicht getan: {message}",
        "unreachable":
          "{operation}: keine Antwort; ob es geschah, zeigt die Seite, sobald sie wieder verbunden ist",
        "late": "{operation}: nicht getan, der Dienst antwortet nicht rechtzeitig: noch einmal versuchen",
      ]
      : [
        "ago": "{age} ago", "live": "live", "lost": "connection lost at {time}; trying again",
        "asking": "{operation}: under way …", "confirm": "press again: {operation}",
        "token": "type the token first", "wrongToken": "the token is not the right one",
        "done": "{operation}: done", "failed": "{operation}: not done: {message}",
        "unreachable":
          "{operation}: no answer; whether it happened, the page shows once it is connected again",
        "late": "{operation}: not done, the service does not answer in time: try again",
      ]
    return PageParts.json(words)
  }
}
