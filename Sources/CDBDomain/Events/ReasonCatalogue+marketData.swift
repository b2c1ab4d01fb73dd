extension ReasonCatalogue {
  static let absorbed: [ReasonEntry] = [
    ReasonEntry(
      .marketState, "market_state", .absorbed,
      en: "market data that updated the exchange's view of the market",
      de: "Marktdaten, die das Marktbild der Börse fortgeschrieben haben"),
    ReasonEntry(
      .tick, "tick", .absorbed,
      en: "a tick that only moved time", de: "ein Tick, der nur die Zeit weitergestellt hat"),
    ReasonEntry(
      .acknowledgement, "acknowledgement", .absorbed,
      en: "an answer of the exchange to a subscription", de: "eine Antwort der Börse auf ein Abonnement"),
    ReasonEntry(
      .heartbeat, "heartbeat", .absorbed,
      en: "a sign of life of the connection", de: "ein Lebenszeichen der Verbindung"),
    ReasonEntry(
      .duplicateTrade, "duplicate_trade", .absorbed,
      en: "a trade whose id was seen before", de: "ein Handel, dessen Nummer schon da war"),
    ReasonEntry(
      .staleBookUpdate, "stale_book_update", .absorbed,
      en: "a book update older than the snapshot",
      de: "eine Orderbuch-Änderung, die älter ist als die Momentaufnahme"),
    ReasonEntry(
      .applied, "applied", .absorbed,
      en: "applied to the stage's own state", de: "in den eigenen Zustand der Stufe übernommen"),
    ReasonEntry(
      .awaitingSnapshot, "awaiting_snapshot", .absorbed,
      en: "a book update kept until the snapshot it belongs to arrives",
      de: "eine Orderbuch-Änderung, die auf ihre Momentaufnahme wartet",
      remedy: Translation(
        en: "wait; where it lasts for minutes, see why no snapshot arrives",
        de: "abwarten; dauert es Minuten, prüfen, warum keine Momentaufnahme ankommt")),
    ReasonEntry(
      .unfinishedKline, "unfinished_kline", .absorbed,
      en: "a candle that is still forming", de: "eine Kerze, die noch nicht abgeschlossen ist"),
  ]

  static let feed: [ReasonEntry] = [
    ReasonEntry(
      .malformedFrame, "malformed_frame", .feed,
      en: "not a message this feed's decoder understands",
      de: "keine Nachricht, die der Decoder dieses Feeds versteht",
      remedy: Translation(
        en: "compare a frame from the journal with the exchange's documentation: its format has changed",
        de: "einen Frame aus dem Journal mit der Doku der Börse vergleichen: das Format hat sich geändert")),
    ReasonEntry(
      .unknownStream, "unknown_stream", .feed,
      en: "a stream or event type that nobody subscribed to",
      de: "ein Stream oder Ereignistyp, den niemand abonniert hat",
      remedy: Translation(
        en: "check the feed's subscriptions", de: "die Abonnements des Feeds prüfen")),
    ReasonEntry(
      .unknownSymbol, "unknown_symbol", .feed,
      en: "a symbol that is not configured", de: "ein Symbol, das nicht eingestellt ist",
      remedy: Translation(
        en: "set feed.symbols to what the feed carries",
        de: "feed.symbols auf das einstellen, was der Feed liefert")),
    ReasonEntry(
      .invalidDecimal, "invalid_decimal", .feed,
      en: "a number that is not a decimal at the instrument's scale",
      de: "eine Zahl, die nicht zur Stellenzahl des Instruments passt",
      remedy: Translation(
        en: "check the instrument's scales against the exchange's rules",
        de: "die Stellenzahlen des Instruments mit den Regeln der Börse abgleichen")),
    ReasonEntry(
      .absurdPrice, "absurd_price", .feed,
      en: "a price that is not positive or too far from the last one",
      de: "ein Preis, der nicht positiv ist oder zu weit vom letzten abweicht",
      remedy: Translation(
        en: "look at the market; where the move is real, raise feed.maximum_price_change",
        de: "den Markt ansehen; ist die Bewegung echt, feed.maximum_price_change erhöhen")),
    ReasonEntry(
      .crossedQuote, "crossed_quote", .feed,
      en: "a best bid above the best ask", de: "ein bestes Gebot über dem besten Angebot",
      remedy: Translation(
        en: "single ones pass; where they go on, the exchange's data is not to be trusted",
        de: "einzelne vergehen; halten sie an, ist den Daten der Börse nicht zu trauen")),
    ReasonEntry(
      .bookGap, "book_gap", .feed,
      en: "an update that does not follow the last one; waiting for a snapshot",
      de: "eine Änderung, die nicht an die letzte anschließt; eine Momentaufnahme wird erwartet",
      remedy: Translation(
        en: "wait for the snapshot; frequent gaps mean a connection that loses messages",
        de: "die Momentaufnahme abwarten; häufige Lücken heißen, dass die Verbindung Nachrichten verliert")),
    ReasonEntry(
      .oversizedFrame, "oversized_frame", .feed,
      en: "a frame longer than the configured limit", de: "ein Frame über der eingestellten Höchstlänge",
      remedy: Translation(
        en: "find out what the exchange sends there; no ordinary message is that long",
        de: "klären, was die Börse da sendet; so lang ist keine gewöhnliche Nachricht")),
    ReasonEntry(
      .exchangeError, "exchange_error", .feed,
      en: "the exchange reported an error", de: "die Börse hat einen Fehler gemeldet",
      remedy: Translation(
        en: "read the frame in the journal: it holds the exchange's own words",
        de: "den Frame im Journal lesen: dort steht der Wortlaut der Börse")),
    ReasonEntry(
      .invalidTime, "invalid_time", .feed,
      en: "a time outside the range of the pipeline", de: "eine Zeit außerhalb des Bereichs der Pipeline",
      remedy: Translation(
        en: "check the time unit that the exchange sends",
        de: "die Zeiteinheit prüfen, in der die Börse sendet")),
    ReasonEntry(
      .ambiguousSource, "ambiguous_source", .feed,
      en: "a snapshot that does not say its symbol, from a source that carries several",
      de: "eine Momentaufnahme ohne Symbol aus einer Quelle, die mehrere führt",
      remedy: Translation(
        en: "record or fetch each symbol's snapshots under a source of their own",
        de: "die Momentaufnahmen jedes Symbols unter einer eigenen Quelle führen")),
  ]
}
