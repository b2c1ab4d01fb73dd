import CDBDomain
import CDBGate
import CDBPipeline
import Foundation

/// How something stands: a shape, a colour and a word, so that none of them is needed alone.
enum Tone: String, Sendable, CaseIterable {
  case good, calm, warning, stopped, bad, unknown

  /// The shape. The word stands beside it, so it says nothing to who cannot see it.
  var mark: HTML {
    let shape: HTML =
      switch self {
      case .good: #"<circle cx="8" cy="8" r="7"/><path class="cut" d="M4.5 8.3l2.4 2.4 4.6-5"/>"#
      case .calm: #"<circle class="line" cx="8" cy="8" r="6"/><path class="line" d="M5 8h6"/>"#
      case .warning: #"<path d="M8 1l7.4 13.5H.6z"/><path class="cut" d="M8 5.6v4.2M8 11.4v1.4"/>"#
      case .stopped:
        #"<rect x="1" y="1" width="14" height="14" rx="2"/><path class="cut" d="M5.5 5v6M10.5 5v6"/>"#
      case .bad:
        #"<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/><path class="cut" d="M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4"/>"#
      case .unknown:
        #"<circle class="line dashed" cx="8" cy="8" r="6"/><path class="line" d="M6 6.4a2 2 0 1 1 2.6 1.9c-.5.2-.6.5-.6 1M8 11.2v.6"/>"#
      }
    return #"<svg class="mark \#(rawValue)" viewBox="0 0 16 16" aria-hidden="true">\#(shape)</svg>"#
  }

  /// The shape with its word.
  func badge(_ word: String) -> HTML {
    #"<span class="badge \#(rawValue)">\#(mark)<span>\#(word)</span></span>"#
  }
}

extension StageHealth {
  var tone: Tone {
    switch self {
    case .healthy: .good
    case .idle: .calm
    case .degraded: .warning
    case .stalled: .stopped
    case .failed: .bad
    }
  }
}

extension GateOutcome {
  var tone: Tone {
    switch self {
    case .pass: .good
    case .fail: .bad
    case .unknown: .unknown
    }
  }
}

extension GateState {
  var tone: Tone {
    switch self {
    case .open: .good
    case .verifying: .calm
    case .closed, .stopped: .stopped
    case .tripped: .bad
    }
  }
}

extension Verdict {
  var tone: Tone {
    switch self {
    case .trading: .good
    case .quiet, .starting, .ended, .restarting: .calm
    case .blocked, .gated: .warning
    case .stopped: .stopped
    case .broken: .bad
    case .notObserved: .unknown
    }
  }
}

extension ZeroActivityLevel {
  var tone: Tone {
    switch self {
    case .none: .good
    case .notice: .calm
    case .warning: .warning
    case .high, .critical: .bad
    }
  }
}

extension LayerReport.Condition {
  /// - Parameter diagnosis: the answer that the layer is a part of.
  func tone(in diagnosis: Diagnosis) -> Tone {
    switch self {
    case .works: .good
    case .broke: diagnosis.verdict == .broken ? .bad : diagnosis.verdict.tone
    case .behind: .unknown
    }
  }

  /// A layer that refuses as it should is not broken, and of one that nothing comes to nobody knows what it is like.
  func name(in diagnosis: Diagnosis, _ language: Language) -> String {
    let words =
      switch self {
      case .works: Translation(en: "works", de: "arbeitet")
      case .broke where diagnosis.verdict == .blocked: Translation(en: "refuses", de: "lehnt ab")
      case .broke where diagnosis.verdict != .broken: Translation(en: "ends here", de: "hier endet es")
      case .broke: Translation(en: "broke", de: "gestört")
      case .behind:
        diagnosis.layer.map {
          Translation(
            en: "not reached: no answer behind \($0.rawValue)",
            de: "nicht erreicht: keine Antwort hinter \($0.rawValue)")
        } ?? Translation(en: "not reached", de: "nicht erreicht")
      }
    return words[language]
  }
}

extension IncidentSeverity {
  var tone: Tone {
    switch self {
    case .notice: .calm
    case .warning: .warning
    case .high, .critical: .bad
    }
  }
}

/// Small pieces that several sections share.
enum PageParts {
  /// An instant, UTC to the second; its date too where that is not today's. The script writes beside it how long ago
  /// that was: what grows with each second is no change of the section.
  ///
  /// - Parameters:
  ///   - now: which day today is.
  ///   - isInTable: of a column that says UTC itself.
  ///   - isPlain: without how long ago it was.
  static func instant(
    _ time: EventTime, at now: EventTime, isInTable: Bool = false, isPlain: Bool = false
  ) -> HTML {
    let text = time.rfc3339
    let date = text.prefix(10) == now.rfc3339.prefix(10) ? "" : "\(text.prefix(10)) "
    let zone = isInTable ? "" : " UTC"
    let stamp: HTML =
      #"<time datetime="\#(String(text.prefix(19)))Z">\#("\(date)\(text.dropFirst(11).prefix(8))\(zone)")</time>"#
    guard !isPlain else { return stamp }
    return
      #"<span class="when">\#(stamp)<span class="ago" data-ago="\#(time.nanoseconds / 1_000_000)"></span></span>"#
  }

  /// A term and what it is.
  static func fact(_ name: Translation, _ value: HTML, _ language: Language) -> HTML {
    "<div><dt>\(name, language)</dt><dd>\(value)</dd></div>"
  }

  /// A table that scrolls by itself where it is wider than the screen.
  ///
  /// - Parameter caption: what it is, for those who cannot see where it stands.
  static func table(_ caption: String, _ columns: [String], _ rows: [[HTML]], numeric: Set<Int> = []) -> HTML
  {
    func kind(_ column: Int) -> HTML { numeric.contains(column) ? #" class="n""# : .none }
    let head = columns.enumerated().map { #"<th scope="col"\#(kind($0.offset))>\#($0.element)</th>"# as HTML }
    let body = rows.map { row in
      let cells = row.enumerated().map { cell -> HTML in
        cell.offset == 0
          ? #"<th scope="row"\#(kind(0))>\#(cell.element)</th>"#
          : "<td\(kind(cell.offset))>\(cell.element)</td>"
      }
      return "<tr>\(cells)</tr>" as HTML
    }
    return #"""
      <div class="scroll" tabindex="0" role="region" aria-label="\#(caption)"><table>\#
      <caption class="unseen">\#(caption)</caption>\#
      <thead><tr>\#(head)</tr></thead><tbody>\#(body)</tbody></table></div>
      """#
  }

  /// The way to the playbook of a reason; nil where it has none.
  static func playbook(ofReason reason: String?, _ language: Language) -> HTML? {
    reason.flatMap(Diagnosis.playbookName).map { playbook(named: $0, language) }
  }

  /// The page of a playbook, by its name.
  static func playbook(named name: String, _ language: Language) -> HTML {
    let words = Translation(en: "playbook", de: "Ablauf")
    return
      #"<span class="playbook">\#(words, language) <a href="\#(Playbook.path(of: name, in: language))"><code>\#(name)</code></a></span>"#
  }

  /// A sentence where there is nothing to show.
  static func nothing(_ words: Translation, _ language: Language) -> HTML {
    #"<p class="nothing">\#(words, language)</p>"#
  }

  /// A figure with few digits: `1234`, `56.7`, `8.9`, `0.45`.
  static func figure(_ value: Double, _ language: Language) -> String {
    guard value.isFinite else { return "?" }
    let magnitude = abs(value)
    if magnitude >= 100 || magnitude == 0 { return HTML.coordinate(value.rounded()) }
    return PageWords.decimal(
      magnitude >= 10 ? HTML.coordinate((value * 10).rounded() / 10) : HTML.coordinate(value), language)
  }

  static func percent(_ share: Double, _ language: Language) -> String {
    "\(PageWords.decimal(HTML.coordinate(share * 100), language)) %"
  }

  /// An amount of the quote asset, for pictures: two digits after the point.
  static func amount(_ value: Double, _ language: Language) -> String {
    guard value.isFinite, abs(value) < 9e10 else { return "?" }
    return money(Money(mantissa: Int64((value * 1e8).rounded())), language)
  }

  /// An amount of the quote asset: two digits after the point.
  static func money(_ money: Money, _ language: Language) -> String {
    PageWords.decimal(Narrator.money(money), language)
  }

  /// For the script; the same value always has the same text.
  static func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // What is written here are the program's own words: texts, and nothing that could fail.
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
  }

  /// In thousands: `1 234 567`, with narrow spaces that do not break.
  static func count(_ value: some BinaryInteger) -> String {
    let digits = String(value)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { result += "\u{202F}" }
      result.append(digit)
    }
    return result
  }
}
