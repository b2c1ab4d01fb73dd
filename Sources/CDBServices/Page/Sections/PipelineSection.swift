import CDBDomain
import CDBGate
import CDBPipeline

/// The stages in the order in which an event meets them, and the canary on its way.
enum PipelineSection {
  static func render(_ page: PageSnapshot, _ language: Language) -> HTML {
    let canary = CanaryPlace(page.status)
    let stages = page.status.stages.enumerated().map { index, stage in
      (index == 0 ? HTML.none : edge(index, into: stage.stage, canary, page.status.flow))
        + card(stage, page, canary, language)
    }
    return #"""
      \#(feed(page, language))<ol class="stages">\#(stages)</ol>\#(flow(page, canary, language))
      """#
  }

  private static func feed(_ page: PageSnapshot, _ language: Language) -> HTML {
    let feed = page.status.feed
    let isFine = feed.failure == nil && (feed.isConnected || feed.connection?.isStreaming == true)
    let words =
      isFine
      ? Translation(en: "connected", de: "verbunden")
      : Translation(en: "not connected", de: "nicht verbunden")
    let last: HTML? = feed.lastFrameWall.map {
      let label = Translation(en: "last frame", de: "letzter Frame")
      return "<span>\(label, language) \(PageParts.instant(coarse($0), at: page.now))</span>"
    }
    let gaps = feed.tradeGaps.values.reduce(0, +) &+ feed.bookGaps.values.reduce(0, +)
    let gapWords = Translation(en: "gaps", de: "Lücken")
    return #"""
      <p class="feed"><span>\#(language == .de ? "Quelle" : "feed") \#((isFine ? Tone.good : .warning).badge(words[language]))</span>\#
      <span>\#(PageParts.count(page.status.framesInTotal)) \#(language == .de ? "Frames" : "frames")</span>\#
      <span>\#(gapWords, language) \#(PageParts.count(gaps))</span>\#(last)\#(feed.failure.map { #"<span class="failure">\#($0)</span>"# as HTML })</p>
      """#
  }

  /// While events flow, to the second: what comes all the time would tremble otherwise.
  private static func coarse(_ time: EventTime) -> EventTime {
    EventTime(nanoseconds: time.nanoseconds - time.nanoseconds % 1_000_000_000)
  }

  private static func card(
    _ stage: StageStatus, _ page: PageSnapshot, _ canary: CanaryPlace, _ language: Language
  ) -> HTML {
    // What the process before had counted is nothing to count from.
    let rate = stage.hasJustBegun(at: page.now) ? nil : page.history.rate(of: stage.stage)
    let words = (
      rate: Translation(en: "events/s", de: "Ereignisse/s"),
      backlog: Translation(en: "waiting", de: "wartend"),
      flight: Translation(en: "in flight", de: "unterwegs"),
      dropped: Translation(en: "dropped", de: "verworfen"),
      last: Translation(en: "last event", de: "letztes Ereignis")
    )
    var facts: [HTML] = [
      PageParts.fact(
        words.rate,
        rate.map {
          #"<strong>\#(PageParts.figure($0.received, language))</strong> → \#(PageParts.figure($0.emitted, language))"#
        } ?? "–", language),
      PageParts.fact(words.backlog, "\(PageParts.count(stage.backlog))", language),
      PageParts.fact(words.flight, "\(PageParts.count(stage.inFlight))", language),
      PageParts.fact(words.dropped, dropped(stage), language),
      PageParts.fact(
        words.last,
        stage.lastEventWall.map { PageParts.instant(coarse($0), at: page.now) }
          ?? (stage.beganAnewAt != nil ? "–" : language == .de ? "nie" : "never"),
        language),
    ]
    if let began = stage.beganAnewAt {
      let words = Translation(en: "began anew", de: "begann neu")
      facts.append(PageParts.fact(words, PageParts.instant(coarse(began), at: page.now), language))
    }
    if let failure = stage.failure, stage.outage?.kind != .restarted {
      facts.append(
        PageParts.fact(
          Translation(en: "failure", de: "Fehler"), #"<span class="failure">\#(failure)</span>"#, language))
    }
    let isHere = canary.waitsAt == stage.stage
    return #"""
      <li class="stage \#(stage.health.tone.rawValue)\#(isHere ? " waits" : "")"><h3>\#(stage.stage.rawValue)</h3>\#
      \#(stage.health.tone.badge(stage.health.name(in: language)))<dl>\#(facts)</dl></li>
      """#
  }

  private static func dropped(_ stage: StageStatus) -> HTML {
    let reasons = stage.sinceStart.dropped.byReason.map { "\($0.reason.code) \($0.count)" }
    guard !reasons.isEmpty else { return "0" }
    return
      #"<span title="\#(reasons.joined(separator: ", "))">\#(PageParts.count(stage.sinceStart.dropped.total))</span>"#
  }

  /// What is between two stages. The canary's dot crosses it once for each barrier: another barrier is another
  /// element, and begins anew.
  private static func edge(
    _ index: Int, into stage: StageName, _ canary: CanaryPlace, _ flow: FlowReport?
  ) -> HTML {
    let hasPassed = canary.passed.contains(stage)
    let dot: HTML? = canary.entered.map { entered in
      let state = hasPassed ? "crossed" : canary.waitsAt == stage ? "waiting" : "ahead"
      return
        #"<span class="dot \#(state) hop\#(index)" data-key="\#(entered.nanoseconds / 1_000_000)-\#(state)"></span>"#
    }
    return #"<li class="edge" aria-hidden="true"><span class="line"></span>\#(dot)</li>"#
  }

  private static func flow(_ page: PageSnapshot, _ canary: CanaryPlace, _ language: Language) -> HTML {
    let balance: HTML =
      switch page.status.flow {
      case nil: Tone.unknown.badge(language == .de ? "noch keine Schranke" : "no barrier yet")
      case .some(let flow) where flow.isBalanced:
        Tone.good.badge(
          language == .de ? "Schranke \(flow.barrier) geht auf" : "barrier \(flow.barrier) balances")
      case .some(let flow):
        Tone.bad.badge(
          (language == .de
            ? "Schranke \(flow.barrier) geht NICHT auf: " : "barrier \(flow.barrier) does NOT balance: ")
            + flow.imbalances.prefix(3).map { "\($0)" }.joined(separator: "; "))
      }
    let place: HTML =
      if let waits = canary.waitsAt {
        #"<span>\#(language == .de ? "der Kanarienvogel wartet vor" : "the canary waits before") <code>\#(waits.rawValue)</code></span>"#
      } else if let arrived = canary.arrived {
        #"<span>\#(language == .de ? "der Kanarienvogel hat alle Stufen passiert" : "the canary passed every stage") \#(PageParts.instant(coarse(arrived), at: page.now))</span>"#
      } else {
        .none
      }
    return #"<p class="flow">\#(balance)\#(place)</p>"#
  }
}

extension StageStatus {
  /// Whether the looks that rates are made of may have been at the process before.
  fileprivate func hasJustBegun(at now: EventTime) -> Bool {
    beganAnewAt.map { now.nanoseconds &- $0.nanoseconds < Self.looks } ?? false
  }

  /// The window of ``PageHistory``, and a second until a beginning is heard of; nanoseconds.
  private static let looks: Int64 = 7_000_000_000
}
