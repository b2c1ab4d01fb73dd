extension ReportDocument {
  /// One file that needs no other: no script, nothing from elsewhere, light and dark. It is well-formed XML too.
  var html: String {
    let body = sections.map { section in
      "<section>\n<h2>\(Self.escapedHTML(section.title))</h2>\n"
        + section.elements.map(Self.html).joined(separator: "\n") + "\n</section>"
    }
    let name = Self.escapedHTML(title)
    return """
      <!DOCTYPE html>
      <html lang="\(language)">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
      <title>\(name)</title>
      <style>
      \(Self.style)
      </style>
      </head>
      <body>
      <main>
      <header>
      <h1>\(name)</h1>
      <p class="badge \(badge.kind)">\(Self.escapedHTML(badge.name))</p>
      </header>
      \(body.joined(separator: "\n"))
      </main>
      </body>
      </html>

      """
  }

  static func escapedHTML(_ text: String) -> String {
    var result = ""
    for character in ForeignText.plain(text) {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.append(character)
      }
    }
    return result
  }

  private static func html(_ element: Element) -> String {
    switch element {
    case .text(let text): return "<p>\(escapedHTML(text))</p>"
    case .list(let items):
      return "<ul>\n" + items.map { "<li>\(escapedHTML($0))</li>\n" }.joined() + "</ul>"
    case .table(let header, let rows):
      let head = header.map { "<th scope=\"col\">\(escapedHTML($0))</th>" }.joined()
      let body = rows.map { cells in
        "<tr>" + cells.map { "<td>\(escapedHTML($0))</td>" }.joined() + "</tr>\n"
      }
      return
        "<div class=\"wide\"><table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n\(body.joined())</tbody>\n"
        + "</table></div>"
    case .plot(let plot): return SVGPlot(plot).text
    }
  }

  private static let style = """
    :root { --ink: #1b2330; --soft: #5b6675; --line: #d8dee6; --ground: #ffffff; --card: #f6f8fa;
      --mark: #1f6feb; --ok: #17803d; --partial: #a15c00; --critical: #c4232b; }
    @media (prefers-color-scheme: dark) { :root { --ink: #e4e9ef; --soft: #9aa6b4; --line: #343c47;
      --ground: #12161b; --card: #1a2027; --mark: #6cb0ff; --ok: #4cc774; --partial: #e5a33d;
      --critical: #ff7b72; } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--ground); color: var(--ink); line-height: 1.5;
      font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
    main { max-width: 62rem; margin: 0 auto; padding: 1rem; }
    header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; }
    h1 { font-size: 1.6rem; margin: .5rem 0; }
    h2 { font-size: 1.15rem; margin: 1.6rem 0 .5rem; border-bottom: 1px solid var(--line);
      padding-bottom: .25rem; }
    p, li { overflow-wrap: anywhere; margin: .3rem 0; }
    ul { padding-left: 1.2rem; margin: .3rem 0; }
    .badge { font-weight: 700; text-transform: uppercase; letter-spacing: .05em; padding: .1rem .7rem;
      border: 2px solid currentColor; border-radius: 2rem; }
    .ok { color: var(--ok); } .partial { color: var(--partial); } .critical { color: var(--critical); }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; font-size: .92rem; }
    th, td { text-align: left; vertical-align: top; padding: .3rem .7rem .3rem 0;
      border-bottom: 1px solid var(--line); }
    th { color: var(--soft); font-weight: 600; }
    td { font-variant-numeric: tabular-nums; }
    figure { margin: 1rem 0; padding: .7rem; background: var(--card); border-radius: .5rem; }
    figcaption { color: var(--soft); font-size: .88rem; margin-bottom: .3rem; }
    svg { display: block; width: 100%; height: auto; }
    svg text { fill: var(--soft); font: 11px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
    svg text.value { fill: var(--ink); }
    .curve { fill: none; stroke: var(--mark); stroke-width: 1.6; stroke-linejoin: round; }
    .bar { fill: var(--mark); }
    .axis { stroke: var(--line); stroke-width: 1; }
    @media (max-width: 40rem) { td, th { overflow-wrap: anywhere; padding-right: .5rem; }
      table { font-size: .85rem; } svg text { font-size: 18px; } }
    @media (max-width: 30rem) { svg text { font-size: \(Int(SVGPlot.largestText))px; } }
    @media print { figure { break-inside: avoid; } }
    """
}
