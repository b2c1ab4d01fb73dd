import CDBDomain
import CDBGate
import CDBPipeline

/// The paper account: what it is worth, how that went over the last hour, and what it holds.
enum AccountSection {
  static func render(_ page: PageSnapshot, _ language: Language) -> HTML {
    guard let account = page.status.account else {
      return PageParts.nothing(
        Translation(
          en: "The risk stage has not told of the account yet.",
          de: "Die Stufe risk hat noch nichts vom Konto gesagt."), language)
    }
    return #"""
      <div class="pair"><div><dl class="figures">\#(figures(account, language))</dl>\#
      \#(tripped(account, page, language))</div>\#
      <div>\#(EquityCurve.render(page.history.curve, language))\#(positions(account, language))</div></div>
      """#
  }

  private static func figures(_ account: AccountStatus, _ language: Language) -> [HTML] {
    let peak = account.peakEquity.approximate
    let drawdown = peak > 0 ? max(0, 1 - account.equity.approximate / peak) : 0
    let gain = account.equity.approximate - account.startingCash.approximate
    func money(_ en: String, _ de: String, _ money: Money) -> HTML {
      PageParts.fact(Translation(en: en, de: de), "\(PageParts.money(money, language))", language)
    }
    return [
      PageParts.fact(
        Translation(en: "equity", de: "Kontowert"),
        #"<strong class="large">\#(PageParts.money(account.equity, language))</strong>"#, language),
      PageParts.fact(
        Translation(en: "since the beginning", de: "seit Beginn"),
        "\(gain < 0 ? "−" : "+")\(PageParts.amount(abs(gain), language))", language),
      PageParts.fact(
        Translation(en: "drawdown from the peak", de: "Rückgang vom Höchststand"),
        "\(PageParts.percent(drawdown, language))", language),
      money("cash", "Bargeld", account.cash), money("exposure", "Engagement", account.exposure),
      money("fees", "Gebühren", account.fees),
      PageParts.fact(
        Translation(en: "open orders", de: "offene Orders"), "\(account.openOrders)", language),
      PageParts.fact(
        Translation(en: "state", de: "Zustand"),
        account.tradingState.tone.badge(account.tradingState.name(in: language)), language),
    ]
  }

  private static func tripped(
    _ account: AccountStatus, _ page: PageSnapshot, _ language: Language
  ) -> HTML {
    guard !account.tripped.isEmpty else { return .none }
    let symbols = page.status.symbols
    let items = account.tripped.map { layer -> HTML in
      let symbol = layer.instrument.flatMap { Int($0.index) < symbols.count ? symbols[Int($0.index)] : nil }
      return #"""
        <li>\#(Tone.warning.badge(layer.layer.rawValue))\#(symbol.map { " \($0)" as HTML }) \#
        \#(layer.layer.reason.explanation(in: language))</li>
        """#
    }
    let words = Translation(en: "Layers of risk that refuse now", de: "Risikoschichten, die jetzt ablehnen")
    return
      #"<p class="label">\#(words, language)\#(lookedAt(page, language))</p><ul class="evidence">\#(items)</ul>"#
  }

  /// When risk last looked, where that is no longer now: it looks with each event, and the layers are as they were then.
  private static func lookedAt(_ page: PageSnapshot, _ language: Language) -> HTML {
    guard let risk = page.status.stage(.risk)?.lastEventWall,
      page.now.nanoseconds &- risk.nanoseconds >= longestLook
    else { return .none }
    let words = Translation(en: "as risk last saw it", de: "wie risk es zuletzt sah")
    return #" <span class="note">(\#(words, language) \#(PageParts.instant(risk, at: page.now)))</span>"#
  }

  /// Nanoseconds; of a market that lives risk hears more often.
  private static let longestLook: Int64 = 5_000_000_000

  private static func positions(_ account: AccountStatus, _ language: Language) -> HTML {
    let rows = account.positions.map { position -> [HTML] in
      [
        "\(position.symbol)",
        "\(PageWords.decimal(DecimalText.render(position.quantity.mantissa, scale: position.scale), language))",
        "\(position.mark.map { PageWords.decimal(DecimalText.render($0.mantissa, scale: position.priceScale), language) } ?? "–")",
      ]
    }
    guard !rows.isEmpty else { return .none }
    let columns =
      language == .de ? ["Instrument", "Menge", "Kurs"] : ["instrument", "quantity", "mark"]
    return PageParts.table(language == .de ? "Positionen" : "Positions", columns, rows, numeric: [1, 2])
  }
}

/// The curve of the account's value, as a picture with words.
enum EquityCurve {
  private static let width = 600.0
  private static let height = 90.0

  static func render(_ curve: [PageHistory.Point], _ language: Language) -> HTML {
    guard let first = curve.first, let last = curve.last, curve.count > 1 else { return .none }
    let (low, high) = (curve.map(\.equity).min() ?? 0, curve.map(\.equity).max() ?? 0)
    let deepest = curve.map(\.drawdown).max() ?? 0
    let range = max(high - low, max(abs(high), 1) * 1e-6)
    let steps = curve.map { Double($0.time.nanoseconds / PageHistory.step) }
    let span = max(1, (steps.last ?? 1) - (steps.first ?? 0))
    func x(_ index: Int) -> Double { (steps[index] - steps[0]) / span * width }
    let line = curve.indices.map { index -> HTML in
      let y = 6 + (height - 12) * (1 - (curve[index].equity - low) / range)
      return "\(coordinate: x(index)),\(coordinate: y)"
    }.joined(by: " ")
    let depth = curve.indices.map { index -> HTML in
      let y = deepest > 0 ? 24 * curve[index].drawdown / deepest : 0
      return "\(coordinate: x(index)),\(coordinate: y)"
    }.joined(by: " ")
    let minutes = max(1, (last.time.nanoseconds - first.time.nanoseconds) / 60_000_000_000)
    let words = Translation(
      en:
        "Equity over \(minutes) min: from \(PageParts.amount(first.equity, language)) to \(PageParts.amount(last.equity, language)), lowest \(PageParts.amount(low, language)), highest \(PageParts.amount(high, language)); deepest drawdown \(PageParts.percent(deepest, language))",
      de:
        "Kontowert über \(minutes) min: von \(PageParts.amount(first.equity, language)) bis \(PageParts.amount(last.equity, language)), tiefster \(PageParts.amount(low, language)), höchster \(PageParts.amount(high, language)); größter Rückgang \(PageParts.percent(deepest, language))"
    )
    return #"""
      <figure class="curve"><svg viewBox="0 0 \#(coordinate: width) \#(coordinate: height)" preserveAspectRatio="none" role="img" aria-label="\#(words, language)">\#
      <polyline class="equity" points="\#(line)"/></svg>\#
      <svg class="depth" viewBox="0 0 \#(coordinate: width) 24" preserveAspectRatio="none" aria-hidden="true">\#
      <polygon points="0,0 \#(depth) \#(coordinate: width),0"/></svg>\#
      <figcaption>\#(words, language)</figcaption></figure>
      """#
  }
}
