extension ReportDocument {
  /// As CommonMark with tables.
  var markdown: String {
    var lines = ["# \(Self.escaped(title))", "", "**\(Self.escaped(badge.name))**"]
    for section in sections {
      lines += ["", "## \(Self.escaped(section.title))"]
      for element in section.elements { lines += [""] + Self.lines(of: element) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func lines(of element: Element) -> [String] {
    switch element {
    case .text(let text): [escaped(text)]
    case .list(let items): items.map { "- \(escaped($0))" }
    case .table(let header, let rows):
      [row(header), row(header.map { _ in "---" }, escaping: false)] + rows.map { row($0) }
    case .plot(let plot): lines(of: plot)
    }
  }

  private static func row(_ cells: [String], escaping: Bool = true) -> String {
    "| " + cells.map { escaping ? escaped($0) : $0 }.joined(separator: " | ") + " |"
  }

  /// Characters that Markdown or HTML would read as more than text.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in ForeignText.plain(text) {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\\", "`", "*", "_", "[", "]", "#", "|", "~", "!": result += "\\\(character)"
      default: result.append(character)
      }
    }
    return result
  }

  // MARK: Plots as text

  private static let width = 64
  private static let steps = Array("▁▂▃▄▅▆▇█")

  private static func lines(of plot: Plot) -> [String] {
    var lines = ["```text", code(plot.title)]
    switch plot.form {
    case .line(let points):
      lines.append(strip(points.map(\.y), fromZero: false))
      lines.append(code("\(plot.lowest) … \(plot.highest)"))
    case .columns(let values):
      lines.append(strip(values, fromZero: true))
      lines.append(code("0 … \(plot.highest)"))
    case .bars(let bars):
      let longest = bars.map(\.value).max() ?? 0
      let room = min(28, bars.map(\.name.count).max() ?? 0)
      for bar in bars {
        let share = longest > 0 ? bar.value / longest : 0
        let name = code(bar.name).prefix(room)
        lines.append(
          name + String(repeating: " ", count: room - name.count + 1)
            + String(repeating: "█", count: Int((share * 30).rounded())) + " "
            + FigureText.decimal(bar.value, 0))
      }
    }
    if !plot.marks.isEmpty { lines.append(code(plot.marks.joined(separator: "  ·  "))) }
    return lines + ["```"]
  }

  /// At most ``width`` columns; where there are more figures, each shows the largest of its share.
  private static func strip(_ values: [Double], fromZero: Bool) -> String {
    guard let largest = values.max(), let smallest = values.min() else { return "" }
    let columns = min(width, values.count)
    let low = fromZero ? 0 : smallest
    return String(
      (0..<columns).map { column in
        let range = column * values.count / columns..<(column + 1) * values.count / columns
        let value = values[range].max() ?? low
        guard largest > low else { return steps[0] }
        return steps[min(7, max(0, Int((value - low) / (largest - low) * 7.999)))]
      })
  }

  /// Text for within a fence: nothing in it can end the fence, or look like a tag to what does not know fences.
  private static func code(_ text: String) -> String {
    String(
      ForeignText.plain(text).map { character in
        switch character {
        case "`": "'"
        case "<": "‹"
        case ">": "›"
        default: character
        }
      })
  }
}
