import CDBDomain
import CDBPipeline

/// The newest orders and fills, as the store has them.
enum TradesSection {
  /// Rows of each table.
  static let rows = 10

  static func render(_ page: PageSnapshot, _ language: Language) -> HTML {
    let failure: HTML? = page.tradesFailure.map {
      #"<p class="failure">\#(language == .de ? "Der Speicher war nicht lesbar" : "The store could not be read"): \#($0)</p>"#
    }
    guard let trades = page.trades else { return failure ?? .none }
    return
      #"\#(failure)<div class="pair"><div>\#(orders(trades.orders, page.now, language))</div><div>\#(fills(trades.fills, page.now, language))</div></div>"#
  }

  private static func orders(_ orders: [OrderRecord], _ now: EventTime, _ language: Language) -> HTML {
    guard !orders.isEmpty else {
      return PageParts.nothing(Translation(en: "No order yet.", de: "Noch keine Order."), language)
    }
    let rows = orders.map { order -> [HTML] in
      [
        "<code>\(order.id)</code>", PageParts.instant(order.time, at: now, isInTable: true),
        "\(order.symbol)",
        "\(PageWords.side(order.side, language)) <small>\(order.type)</small>",
        "\(PageWords.decimal(order.quantity, language))",
        "\(PageWords.decimal(order.price ?? "–", language))",
        "\(PageWords.status(order.status, language))\(reason(order.reason, language))",
      ]
    }
    let columns =
      language == .de
      ? ["Order", "Zeit (UTC)", "Instrument", "Seite", "Menge", "Preis", "Stand"]
      : ["order", "time (UTC)", "instrument", "side", "quantity", "price", "status"]
    return PageParts.table(
      language == .de ? "Letzte Orders" : "Latest orders", columns, rows, numeric: [4, 5])
  }

  private static func reason(_ code: String?, _ language: Language) -> HTML? {
    guard let code, code != ReasonCode.none.code, code != ReasonCode.filledCompletely.code else { return nil }
    return #" <small title="\#(ReasonCode(code: code)?.explanation(in: language) ?? code)">\#(code)</small>"#
  }

  private static func fills(_ fills: [FillRecord], _ now: EventTime, _ language: Language) -> HTML {
    guard !fills.isEmpty else {
      return PageParts.nothing(Translation(en: "No fill yet.", de: "Noch keine Ausführung."), language)
    }
    let rows = fills.map { fill -> [HTML] in
      [
        "<code>\(fill.order)</code>", PageParts.instant(fill.time, at: now, isInTable: true),
        "\(fill.symbol)",
        "\(PageWords.side(fill.side, language)) <small>\(fill.liquidity)</small>",
        "\(PageWords.decimal(fill.quantity, language))",
        "\(PageWords.decimal(fill.price, language))", "\(PageWords.decimal(fill.fee, language))",
      ]
    }
    let columns =
      language == .de
      ? ["Order", "Zeit (UTC)", "Instrument", "Seite", "Menge", "Preis", "Gebühr"]
      : ["order", "time (UTC)", "instrument", "side", "quantity", "price", "fee"]
    return PageParts.table(
      language == .de ? "Letzte Ausführungen" : "Latest fills", columns, rows, numeric: [4, 5, 6])
  }
}
