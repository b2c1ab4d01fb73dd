/// Draws figures as SVG for within a page: no script, no colours of its own, the same bytes for the same figures.
struct SVGPlot {
  private typealias Plot = ReportDocument.Plot
  private static let width = 720.0
  private static let height = 190.0
  private static let left = 8.0
  private static let right = 712.0
  /// The largest text that the page asks for: on a phone a drawing is shown at half its size.
  static let largestText = 24.0
  private static let top = largestText + 6
  private static let bottom = height - largestText - 8
  /// What one bar with its name above it is high.
  private static let row = 46.0
  /// The most columns and points that are drawn: more would be narrower than a dot.
  private static let most = 352

  let text: String

  init(_ plot: ReportDocument.Plot) {
    let (kind, drawing, height) =
      switch plot.form {
      case .line(let points): ("curves", Self.line(points, plot), Self.height)
      case .columns(let values): ("columns", Self.columns(values, plot), Self.height)
      case .bars(let bars): ("bars", Self.bars(bars), Self.row * Double(max(1, bars.count)) + 4)
      }
    let title = ReportDocument.escapedHTML(plot.title)
    text = """
      <figure>
      <figcaption>\(title)</figcaption>
      <svg class="\(kind)" viewBox="0 0 \(Self.number(Self.width)) \(Self.number(height))" role="img" \
      aria-label="\(title)">
      \(drawing)</svg>
      </figure>
      """
  }

  private static func line(_ points: [Plot.Point], _ plot: Plot) -> String {
    guard let first = points.first, let last = points.last else { return "" }
    let (low, high) = (points.map(\.y).min() ?? 0, points.map(\.y).max() ?? 0)
    // The label of the lowest figure stands below the curve, and not in it.
    let floor = bottom - largestText - 6
    let path = thinned(points).enumerated().map { index, point in
      let x = last.x > first.x ? left + (point.x - first.x) / (last.x - first.x) * (right - left) : left
      // A curve without a difference lies in the middle.
      let share = high > low ? (point.y - low) / (high - low) : 0.5
      return "\(index == 0 ? "M" : "L")\(number(x)) \(number(floor - share * (floor - top)))"
    }.joined()
    return frame(plot) + "<path class=\"curve\" d=\"\(path)\"/>\n"
  }

  private static func columns(_ values: [Double], _ plot: Plot) -> String {
    let columns = min(most, values.count)
    guard columns > 0, let high = values.max(), high > 0 else { return frame(plot) }
    let room = (right - left) / Double(columns)
    let bars = (0..<columns).map { column -> String in
      let range = column * values.count / columns..<(column + 1) * values.count / columns
      let tall = (values[range].max() ?? 0) / high * (bottom - top)
      guard tall > 0 else { return "" }
      let x = left + Double(column) * room
      let visible = max(tall, 1)
      return "<rect class=\"bar\" x=\"\(number(x))\" y=\"\(number(bottom - visible))\" "
        + "width=\"\(number(max(0.6, room * 0.82)))\" height=\"\(number(visible))\"/>\n"
    }.joined()
    return frame(plot) + bars
  }

  private static func bars(_ bars: [(name: String, value: Double)]) -> String {
    let high = bars.map(\.value).max() ?? 0
    return bars.enumerated().map { index, bar in
      let y = Double(index) * row
      let long = high > 0 ? bar.value / high * (right - left - 110) : 0
      let name = ReportDocument.escapedHTML(String(bar.name.prefix(32)))
      return """
        <text class="value" x="\(number(left))" y="\(number(y + 20))">\(name)</text>
        <rect class="bar" x="\(number(left))" y="\(number(y + 27))" width="\(number(long))" height="14"/>
        <text x="\(number(left + long + 6))" y="\(number(y + 41))">\(FigureText.decimal(bar.value, 0))</text>

        """
    }.joined()
  }

  /// The ground line, and what the figures read.
  private static func frame(_ plot: Plot) -> String {
    var lines = [
      "<line class=\"axis\" x1=\"\(number(left))\" y1=\"\(number(bottom))\" x2=\"\(number(right))\" "
        + "y2=\"\(number(bottom))\"/>"
    ]
    func write(_ text: String, _ x: Double, _ y: Double, _ anchor: String) {
      guard !text.isEmpty else { return }
      lines.append(
        "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\">"
          + "\(ReportDocument.escapedHTML(text))</text>")
    }
    write(plot.highest, left, top - 8, "start")
    write(plot.lowest, left, bottom - 6, "start")
    for (index, mark) in plot.marks.enumerated() {
      let share = plot.marks.count > 1 ? Double(index) / Double(plot.marks.count - 1) : 0
      let anchor = index == 0 ? "start" : index == plot.marks.count - 1 ? "end" : "middle"
      write(mark, left + share * (right - left), bottom + largestText, anchor)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The lowest and the highest point of each share, so that no peak is lost.
  private static func thinned(_ points: [Plot.Point]) -> [Plot.Point] {
    guard points.count > 2 * most else { return points }
    return (0..<most).flatMap { share -> [Plot.Point] in
      let range = share * points.count / most..<(share + 1) * points.count / most
      guard let low = points[range].min(by: { $0.y < $1.y }),
        let high = points[range].max(by: { $0.y < $1.y })
      else { return [] }
      return low.x <= high.x ? [low, high] : [high, low]
    }
  }

  /// With at most one digit after the point.
  private static func number(_ value: Double) -> String {
    let text = FigureText.decimal(value, 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
