extension ReasonCatalogue {
  static let exchange: [ReasonEntry] = [
    ReasonEntry(
      .noMarket, "no_market", .exchange,
      en: "no quote is known for the instrument", de: "für das Instrument ist kein Kurs bekannt",
      remedy: Translation(
        en: "see whether the feed delivers quotes or books for it",
        de: "prüfen, ob der Feed Kurse oder Orderbücher dafür liefert")),
    ReasonEntry(
      .slippageBound, "slippage_bound", .exchange,
      en: "the rest would have been filled beyond the slippage bound",
      de: "der Rest wäre jenseits der Slippage-Grenze ausgeführt worden",
      remedy: Translation(
        en: "smaller orders, or a higher exchange.maximum_slippage where the price is acceptable",
        de: "kleinere Orders, oder exchange.maximum_slippage erhöhen, wenn der Preis vertretbar ist")),
    ReasonEntry(
      .insufficientLiquidity, "insufficient_liquidity", .exchange,
      en: "the known book ended before the order was filled",
      de: "das bekannte Orderbuch war zu Ende, bevor die Order ausgeführt war",
      remedy: Translation(
        en: "smaller orders, or a feed with more depth", de: "kleinere Orders, oder ein Feed mit mehr Tiefe")),
    ReasonEntry(
      .fillOutOfBounds, "fill_out_of_bounds", .exchange,
      en: "a fill outside the market at that instant: refused, and an incident",
      de: "eine Ausführung außerhalb des Marktes von damals: verworfen, und ein Vorfall",
      remedy: Translation(
        en: "stop, and compare the fill with the book at its instant: the matching is at fault",
        de:
          "anhalten und die Ausführung mit dem Orderbuch von damals vergleichen: das Matching ist fehlerhaft")
    ),
    ReasonEntry(
      .invalidOrder, "invalid_order", .exchange,
      en: "an order the exchange does not accept", de: "eine Order, die die Börse nicht annimmt",
      remedy: Translation(
        en: "see the order's quantity, price and instrument in the store",
        de: "Menge, Preis und Instrument der Order im Speicher ansehen")),
    ReasonEntry(
      .lotSize, "lot_size", .exchange,
      en: "the quantity is not a whole number of lots", de: "die Menge ist kein Vielfaches der Losgröße",
      remedy: Translation(
        en: "round the quantity down to the instrument's lot",
        de: "die Menge auf die Losgröße des Instruments abrunden")),
    ReasonEntry(
      .tickSize, "tick_size", .exchange,
      en: "a price is not a whole number of ticks", de: "ein Preis ist kein Vielfaches der Preisstufe",
      remedy: Translation(
        en: "round the price to the instrument's tick",
        de: "den Preis auf die Preisstufe des Instruments runden")),
    ReasonEntry(
      .minimumNotional, "minimum_notional", .exchange,
      en: "price times quantity is below the exchange's smallest notional",
      de: "Preis mal Menge liegt unter dem kleinsten Orderwert der Börse",
      remedy: Translation(
        en: "raise risk.order_notional above the instrument's minimum",
        de: "risk.order_notional über das Minimum des Instruments setzen")),
    ReasonEntry(
      .patienceExhausted, "patience_exhausted", .exchange,
      en: "a resting order was not filled within its patience",
      de: "eine wartende Order wurde in ihrer Geduldsfrist nicht ausgeführt",
      remedy: Translation(
        en: "nothing, or raise orders.patience where it happens often",
        de: "nichts, oder orders.patience erhöhen, wenn es oft vorkommt")),
    ReasonEntry(
      .filledCompletely, "filled_completely", .exchange, en: "filled", de: "vollständig ausgeführt"),
  ]

  static let pipeline: [ReasonEntry] = [
    ReasonEntry(.none, "none", .pipeline, en: "no reason", de: "kein Grund"),
    ReasonEntry(
      .unexpectedEvent, "unexpected_event", .pipeline,
      en: "an event that this stage does not take", de: "ein Ereignis, das diese Stufe nicht annimmt",
      remedy: Translation(
        en: "report it: the stages are wired wrongly, or of different versions",
        de: "melden: die Stufen sind falsch verbunden oder verschieden alt")),
  ]
}
