import CDBDomain
import CDBPipeline
import OpenMetrics
import RemoteWrite
import ServiceRuntime

/// The page `/targets`: what the bridge scrapes, how the last scrape of each went, and where targets come from.
struct TargetsPage: Sendable {
  let statistics: BridgeStatistics
  let now: EventTime
  let language: Language

  /// Rows of a job's tables; what is beyond is only counted.
  static let mostRows = 1_000

  private func word(_ english: String, _ german: String) -> String { language == .de ? german : english }

  func render() -> HTML {
    let other: Language = language == .de ? .en : .de
    let jobs = Set(statistics.targets.map(\.job)).union(statistics.droppedCounts.keys).sorted()
    return #"""
      <!DOCTYPE html>
      <html lang="\#(language.rawValue)">
      \#(PageDocument.head(title: "\(word("Targets", "Ziele")) · cdb bridge", #"<meta http-equiv="refresh" content="5">"#))
      <body>
      <a class="skip" href="#targets">\#(word("Skip to the content", "Zum Inhalt"))</a>
      <header class="top"><h1>cdb bridge <span>\#(word("targets", "Ziele"))</span></h1>
      <p>\#(word("as of", "Stand")) \#(PageParts.instant(now, at: .distantPast, isPlain: true))</p>
      <nav aria-label="\#(word("Language", "Sprache"))"><a href="?language=\#(other.rawValue)" hreflang="\#(other.rawValue)" lang="\#(other.rawValue)">\#(other == .de ? "Deutsch" : "English")</a></nav></header>
      <main id="targets">
      \#(faults)\#(jobs.enumerated().map { section($1, number: $0) })\#(received)</main>
      </body>
      </html>

      """#
  }

  /// What is wrong with searches and with what they found.
  private var faults: HTML? {
    let all =
      statistics.searches.flatMap { search in search.faults.map { "\(search.job): \($0)" } }
      + statistics.targetFaults.map(\.description)
    guard !all.isEmpty else { return nil }
    let rows = all.prefix(Self.mostRows).map { fault -> HTML in #"<p class="failure">\#(fault)</p>"# }
    return panel(
      "faults", "\(word("What is wrong with the search", "Was an der Suche nicht stimmt"))", Array(rows))
  }

  /// What others push.
  private var received: HTML? {
    let formats = PushFormat.allCases.compactMap { name in
      statistics.received.formats[name].map { (name, $0) }
    }
    guard !formats.isEmpty else { return nil }
    let columns =
      language == .de
      ? ["Form", "Anfragen", "davon nicht ganz angenommen", "Proben", "Zuletzt angenommen (UTC)"]
      : ["form", "requests", "not taken as a whole", "samples", "last taken (UTC)"]
    let rows = formats.map { name, format -> [HTML] in
      let all = format.requests.values.reduce(0, +)
      let form = name == .text ? "Text" : "remote write \(name.rawValue)"
      return [
        "\(form)", "\(all)", "\(all - (format.requests[.ok] ?? 0))", "\(format.samples)",
        format.lastSuccess.map(instant) ?? "–",
      ]
    }
    var parts = [PageParts.table(word("By form", "Nach Form"), columns, rows, numeric: [1, 2, 3])]
    if let error = statistics.received.lastError {
      parts.append(#"<p class="failure">\#(error)</p>"#)
    }
    return panel("received", "\(word("Pushed by others", "Von anderen gesendet"))", parts)
  }

  private func section(_ job: String, number: Int) -> HTML {
    let targets = statistics.targets.filter { $0.job == job }
    let up = targets.count(where: \.isUp)
    var parts: [HTML] = []
    if targets.isEmpty {
      parts.append(PageParts.nothing(Translation(en: "No target.", de: "Kein Ziel."), language))
    } else {
      let columns =
        language == .de
        ? ["Adresse", "Zustand", "Labels", "Letzte Abfrage (UTC)", "Dauer", "Proben", "Fehler"]
        : ["address", "state", "labels", "last scrape (UTC)", "duration", "samples", "error"]
      parts.append(
        PageParts.table(
          word("\(up) of \(targets.count) up", "\(up) von \(targets.count) erreichbar"), columns,
          targets.prefix(Self.mostRows).map(row), numeric: [4, 5]))
      parts.append(more(than: targets.count))
    }
    let searches = statistics.searches.filter { $0.job == job }
    if !searches.isEmpty {
      let columns =
        language == .de
        ? ["Suche", "Ort", "Adressen", "Zuletzt ohne Fehler (UTC)"]
        : ["search", "place", "addresses", "last without a fault (UTC)"]
      let rows = searches.map { search -> [HTML] in
        [
          "\(search.mechanism)", "<code>\(search.place)</code>", "\(search.addresses)",
          search.lastSuccess.map(instant) ?? "–",
        ]
      }
      parts.append(PageParts.table(word("Searches", "Suchen"), columns, rows, numeric: [2]))
    }
    if let dropped = dropped(job) { parts.append(dropped) }
    return panel("job-\(number)", job, parts)
  }

  private func row(_ target: TargetStatistics) -> [HTML] {
    let state: HTML =
      target.scrapes == 0
      ? Tone.unknown.badge(word("not asked yet", "noch nicht gefragt"))
      : target.isUp ? Tone.good.badge(word("up", "erreichbar")) : Tone.bad.badge(word("down", "gestört"))
    let duration = HTML.coordinate(target.lastDuration * 1_000)
    return [
      "<code>\(target.url)</code>", state, labels(target.labels),
      target.lastScrape.map(instant) ?? "–",
      target.scrapes == 0 ? "–" : "\(PageWords.decimal(duration, language)) ms", "\(target.lastSamples)",
      "\(target.lastError ?? "")",
    ]
  }

  private func dropped(_ job: String) -> HTML? {
    let count = statistics.droppedCounts[job] ?? 0
    guard count > 0 else { return nil }
    let shown = statistics.dropped.filter { $0.job == job }.prefix(Self.mostRows)
    let rows = shown.map { target -> HTML in "<li>\(labels(target.discovered))</li>" }
    return #"""
      <details><summary>\#(word("Dropped by a rule: \(count)", "Von einer Regel verworfen: \(count)"))</summary><ul>\#(rows)</ul></details>
      """#
  }

  private func labels(_ labels: SeriesLabels) -> HTML {
    labels.labels.map { label -> HTML in #"<code>\#(label.name)="\#(label.value)"</code>"# }.joined(by: " ")
  }

  private func instant(_ milliseconds: Int64) -> HTML {
    PageParts.instant(EventTime(nanoseconds: milliseconds * 1_000_000), at: now, isInTable: true)
  }

  private func more(than count: Int) -> HTML {
    guard count > Self.mostRows else { return .none }
    return "<p>\(word("and \(count - Self.mostRows) more", "und \(count - Self.mostRows) weitere"))</p>"
  }

  private func panel(_ id: String, _ heading: String, _ parts: [HTML]) -> HTML {
    #"""
    <section class="panel" id="panel-\#(id)" aria-labelledby="heading-\#(id)"><h2 id="heading-\#(id)">\#(heading)</h2>\#(parts)</section>

    """#
  }
}

extension TargetsPage {
  /// `/targets` for people and `/api/v1/targets` for programs.
  ///
  /// - Parameter statistics: as it is now.
  static func routes(_ statistics: @escaping @Sendable () -> BridgeStatistics) -> [EndpointRoute] {
    [
      EndpointRoute("GET", "/targets") { request in
        let language = StatusPage.language(of: request)
        let page = TargetsPage(statistics: statistics(), now: ProcessClock.wall(), language: language)
        var answer = EndpointResponse.page(
          page.render(), language, policy: PageDocument.securityPolicy(hasScript: false))
        answer.headers.append(("Vary", "Accept-Language"))
        return answer
      },
      EndpointRoute("GET", "/api/v1/targets") { request in
        func value(_ name: String) -> String? { request.query.last { $0.name == name }?.value }
        return .json(
          200, TargetsAnswer(statistics(), state: value("state") ?? "any", job: value("scrapePool")))
      },
    ]
  }
}
