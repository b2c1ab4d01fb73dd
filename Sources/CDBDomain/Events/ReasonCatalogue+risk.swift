extension ReasonCatalogue {
  /// The layers first, in their order, then what stands around them.
  static let risk: [ReasonEntry] = [
    ReasonEntry(
      .killSwitch, "kill_switch", .risk,
      en: "the kill switch is engaged", de: "der Not-Halt ist ausgelöst",
      remedy: Translation(
        en: "clear up what it was engaged for, then cdb resume with a justification",
        de: "den Anlass klären, dann cdb resume mit einer Begründung")),
    ReasonEntry(
      .drawdownDaily, "drawdown_daily", .risk,
      en: "the loss since the start of the UTC day is above its limit",
      de: "der Verlust seit Beginn des UTC-Tages liegt über der Grenze",
      remedy: Translation(
        en: "positions may still be sold; buying starts again with recovery or the next UTC day",
        de: "Verkäufe gehen weiter; Käufe erst nach einer Erholung oder am nächsten UTC-Tag")),
    ReasonEntry(
      .drawdownTotal, "drawdown_total", .risk,
      en: "equity has fallen further below its peak than allowed: trading is halted",
      de: "das Kapital liegt weiter unter seinem Höchststand als erlaubt: der Handel ruht",
      remedy: Translation(
        en:
          "find the cause of the loss; then raise risk.maximum_drawdown, or begin anew in another data directory",
        de: "die Ursache des Verlusts finden; dann risk.maximum_drawdown erhöhen oder mit neuem "
          + "Datenverzeichnis beginnen")),
    ReasonEntry(
      .abnormalSpread, "abnormal_spread", .risk,
      en: "bid and ask are further apart than in an orderly market",
      de: "Geld- und Briefkurs liegen weiter auseinander als in einem geordneten Markt",
      remedy: Translation(
        en: "wait until the market has calmed down; it releases itself",
        de: "abwarten, bis sich der Markt beruhigt; die Sperre löst sich von selbst")),
    ReasonEntry(
      .abnormalSlippage, "abnormal_slippage", .risk,
      en: "a recent fill was worse than its reference price by more than allowed",
      de: "eine Ausführung war zuletzt um mehr als erlaubt schlechter als ihr Referenzpreis",
      remedy: Translation(
        en: "look at the fill and the book at its instant; it releases itself after risk.slippage_window",
        de: "die Ausführung und das Orderbuch von damals ansehen; die Sperre löst sich nach "
          + "risk.slippage_window")),
    ReasonEntry(
      .staleData, "stale_data", .risk,
      en: "the market data of the instrument, or of one that is held, is too old",
      de: "die Marktdaten des Instruments oder eines gehaltenen sind zu alt",
      remedy: Translation(
        en: "see why the feed delivers nothing for it; fresh data releases it",
        de: "prüfen, warum der Feed dafür nichts liefert; frische Daten lösen die Sperre")),
    ReasonEntry(
      .exposureLimit, "exposure_limit", .risk,
      en: "the order would take exposure above its limit",
      de: "die Order würde das gesamte Engagement über die Grenze heben",
      remedy: Translation(
        en: "nothing, where the limit is meant; otherwise change risk.maximum_exposure",
        de: "nichts, wenn die Grenze so gewollt ist; sonst risk.maximum_exposure ändern")),
    ReasonEntry(
      .positionSizeLimit, "position_size_limit", .risk,
      en: "the order would take the position above its limit",
      de: "die Order würde die Position über ihre Grenze heben",
      remedy: Translation(
        en: "nothing, where the limit is meant; otherwise change risk.maximum_position",
        de: "nichts, wenn die Grenze so gewollt ist; sonst risk.maximum_position ändern")),
    ReasonEntry(
      .orderRateLimit, "order_rate_limit", .risk,
      en: "more orders in a short time than allowed", de: "mehr Orders in kurzer Zeit als erlaubt",
      remedy: Translation(
        en: "see which strategy signals so often; it releases itself after risk.order_rate_window",
        de: "prüfen, welche Strategie so oft signalisiert; die Sperre löst sich nach risk.order_rate_window")),
    ReasonEntry(
      .stopLoss, "stop_loss", .risk,
      en: "the position has lost more against its cost than allowed: it is sold, and not bought again",
      de:
        "die Position hat mehr auf ihren Einstand verloren als erlaubt: sie wird verkauft, nicht nachgekauft",
      remedy: Translation(
        en: "see that the protective exit was filled; without a position it releases itself",
        de: "prüfen, ob der Schutzverkauf ausgeführt ist; ohne Position löst sich die Sperre von selbst")),
    ReasonEntry(
      .nothingToReduce, "nothing_to_reduce", .risk,
      en: "a sell, and nothing is held", de: "ein Verkauf, aber es ist nichts im Bestand"),
    ReasonEntry(
      .belowMinimumNotional, "below_minimum_notional", .risk,
      en: "the order is smaller than the exchange accepts",
      de: "die Order ist kleiner, als die Börse annimmt",
      remedy: Translation(
        en: "raise risk.order_notional above the instrument's minimum",
        de: "risk.order_notional über das Minimum des Instruments setzen")),
    ReasonEntry(
      .noReferencePrice, "no_reference_price", .risk,
      en: "no price is known for the instrument", de: "für das Instrument ist kein Preis bekannt",
      remedy: Translation(
        en: "see whether the feed carries the instrument at all",
        de: "prüfen, ob der Feed das Instrument überhaupt führt")),
    ReasonEntry(
      .arithmeticOverflow, "arithmetic_overflow", .risk,
      en: "a figure does not fit in 64 bits", de: "eine Zahl passt nicht in 64 Bit",
      remedy: Translation(
        en: "check amounts and scales of the configuration: such a figure is a mistake, not a market",
        de: "Beträge und Stellenzahlen der Einstellungen prüfen: so eine Zahl ist ein Irrtum, kein Markt")),
    ReasonEntry(
      .openOrderPending, "open_order_pending", .risk,
      en: "an order for the instrument is still open", de: "für das Instrument ist noch eine Order offen",
      remedy: Translation(
        en: "wait for its result; where none comes, see what execution does",
        de: "ihr Ergebnis abwarten; bleibt es aus, die Stufe execution ansehen")),
    ReasonEntry(
      .riskSelfTestFailed, "risk_self_test_failed", .risk,
      en: "a layer of risk did not refuse its synthetic violation, or the sane order was refused",
      de:
        "eine Risikostufe hat ihren künstlichen Verstoß durchgelassen, oder die gesunde Order wurde abgelehnt",
      remedy: Translation(
        en: "stop trading with cdb stop: a limit is not enforced, or the limits let no order pass",
        de:
          "den Handel mit cdb stop anhalten: eine Grenze wirkt nicht, oder die Grenzen lassen keine Order zu")
    ),
  ]
}
