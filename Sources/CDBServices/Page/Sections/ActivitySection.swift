import CDBDomain
import CDBGate
import CDBPipeline

/// What has happened on the order path, for how long nothing has, and what was refused.
enum ActivitySection {
  static func render(_ page: PageSnapshot, _ language: Language) -> HTML {
    #"""
    <div class="pair"><div>\#(idle(page, language))\#(nearness(page, language))</div>\#
    <div>\#(refusals(page.diagnosis, language))</div></div>
    """#
  }

  private static func idle(_ page: PageSnapshot, _ language: Language) -> HTML {
    let tally = page.status.tally
    let counts: [ActivityKind: UInt64] = [
      .signals: tally.signals.values.reduce(0, +), .orders: tally.results[.accepted] ?? 0,
      .fills: tally.fills.values.reduce(0, +),
    ]
    let activity = page.diagnosis.zeroActivity
    let rows = ActivityKind.allCases.map { kind -> [HTML] in
      [
        "\(kind.name(in: language))", "\(PageParts.count(counts[kind] ?? 0))",
        activity?.seconds[kind.rawValue].map { "\(idleTime($0))" } ?? "–",
      ]
    }
    let words = (
      level: Translation(en: "zero activity", de: "Nullaktivität"),
      caption: Translation(en: "Signals, orders and fills", de: "Signale, Orders und Ausführungen"),
      columns: language == .de
        ? ["Art", "seit dem Start", "ohne"] : ["kind", "since the start", "without for"]
    )
    let level: HTML? = activity.map {
      #"<p class="state">\#(words.level, language) \#($0.level.tone.badge($0.level.name(in: language)))</p>"#
    }
    return
      "\(level)\(PageParts.table(words.caption[language], words.columns, rows, numeric: [1, 2]))"
  }

  /// To the minute: seconds of it are no news.
  private static func idleTime(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 60 else { return "< 1 min" }
    let whole = Int64(min(seconds, 1e12))
    return whole < 7_200 ? "\(whole / 60) min" : AgeText.render(seconds: whole)
  }

  private static func refusals(_ diagnosis: Diagnosis, _ language: Language) -> HTML {
    guard !diagnosis.refusals.isEmpty else { return .none }
    let sorted = diagnosis.refusals.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let rows = sorted.map { refusal -> [HTML] in
      let code = ReasonCode(code: refusal.key)
      return [
        "<code>\(refusal.key)</code>", "\(PageParts.count(refusal.value))",
        "\(code?.explanation(in: language) ?? "–")",
      ]
    }
    let columns = language == .de ? ["abgelehnt", "Anzahl", "Bedeutung"] : ["refused", "count", "meaning"]
    return PageParts.table(
      language == .de ? "Abgelehnte Signale nach Grund" : "Refused signals by reason", columns, rows,
      numeric: [1])
  }

  private static func nearness(_ page: PageSnapshot, _ language: Language) -> HTML {
    guard let nearest = page.status.nearness.first else { return .none }
    // Beyond its threshold it has signalled, or is kept from it by something else.
    guard nearest.highest < .one else { return .none }
    let share = Double(nearest.highest.mantissa) / Double(Ratio.one.mantissa)
    let words = Translation(en: "nearest to a signal", de: "einem Signal am nächsten")
    return #"""
      <p class="note">\#(words, language): <code>\#(nearest.symbol)</code> \#(nearest.strategy.rawValue), \#
      \#(PageParts.percent((share * 100).rounded() / 100, language))</p>
      """#
  }
}
