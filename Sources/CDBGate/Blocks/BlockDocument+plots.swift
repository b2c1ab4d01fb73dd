import CDBDomain
import CDBPipeline

extension BlockDocument {
  typealias Element = ReportDocument.Element
  typealias Plot = ReportDocument.Plot

  private var marks: [String] {
    let length = rows.until.nanoseconds &- rows.since.nanoseconds
    return ["0", duration(length / 2), duration(length)]
  }

  var money: [Element] {
    guard let equity = report.equity else {
      return [.text(say("Equity could not be computed.", "Der Kontowert war nicht zu berechnen."))]
    }
    func points(_ value: (BlockEquity.Point) -> Double) -> [Plot.Point] {
      equity.points.map {
        Plot.Point(x: Double($0.time.nanoseconds &- rows.since.nanoseconds) / 1e9, y: value($0))
      }
    }
    let amounts = equity.points.map(\.equity)
    return [
      .plot(
        Plot(
          title: say(
            "Equity in the quote asset: live at start, checkpoints and end, at the closes of the market between",
            "Kontowert in der Notierungswährung: live an Start, Kontrollpunkten und Ende, dazwischen zu "
              + "Schlusskursen"),
          form: .line(points { Double($0.equity.mantissa) }),
          lowest: amounts.min().map(cents) ?? "", highest: amounts.max().map(cents) ?? "",
          marks: marks)),
      .plot(
        Plot(
          title: say(
            "Drawdown: below the highest equity of the block so far, at the same instants; a deeper fall between two closes "
              + "is not in it",
            "Rückgang: unter dem bis dahin höchsten Kontowert des Blocks, an denselben Zeitpunkten; ein tieferer Fall "
              + "zwischen zwei Schlusskursen steckt nicht darin"),
          form: .line(points { -Double($0.drawdown.mantissa) }),
          lowest: equity.maximumDrawdown > .zero ? "-" + percent(equity.maximumDrawdown) : "",
          highest: "0 %", marks: marks)),
    ]
  }

  /// By the hour, or by as many equal spans as make a block that is not so long readable.
  var activity: [Element] {
    let length = rows.until.nanoseconds &- rows.since.nanoseconds
    let hour: Int64 = 3_600_000_000_000
    let span = length >= 12 * hour ? hour : max(1, length / 24 + (length % 24 > 0 ? 1 : 0))
    let bins = max(1, Int((length + span - 1) / span))
    let isHourly = span == hour
    let each = isHourly ? say("hour", "Stunde") : duration(span)
    func plot(_ name: String, _ times: some Sequence<EventTime>) -> Element {
      var counts = [Double](repeating: 0, count: bins)
      for time in times {
        let bin = Int((time.nanoseconds &- rows.since.nanoseconds) / span)
        if counts.indices.contains(bin) { counts[bin] += 1 }
      }
      return .plot(
        Plot(
          title: say("\(name) by \(each)", "\(name) je \(each)"), form: .columns(counts),
          highest: decimal(counts.max() ?? 0, 0), marks: marks))
    }
    return [
      plot(say("Signals", "Signale"), rows.signals),
      plot(say("Orders accepted", "Orders angenommen"), rows.acceptances),
      plot(say("Fills", "Ausführungen"), report.fills.map(\.time)),
    ]
  }

  var refusals: [Element] {
    let risk = rows.refusals.map { (reason: $0.key, count: $0.value, who: say("risk", "Risiko")) }
    let exchange = rows.rejections.map { (reason: $0.key, count: $0.value, who: say("exchange", "Börse")) }
    let all = (risk + exchange).sorted { ($1.count, $0.reason, $0.who) < ($0.count, $1.reason, $1.who) }
    guard !all.isEmpty else {
      return [.text(say("Nothing was refused.", "Nichts wurde abgelehnt."))]
    }
    return [
      .plot(
        Plot(
          title: say("Refused signals and orders by reason", "Abgelehnte Signale und Orders nach Grund"),
          form: .bars(all.map { ("\($0.who): \($0.reason)", Double($0.count)) }))),
      .table(
        header: [
          say("by", "von"), say("reason", "Grund"), say("count", "Anzahl"), say("meaning", "Bedeutung"),
        ],
        rows: all.map {
          [
            $0.who, $0.reason, "\($0.count)",
            ReasonCode(code: $0.reason)?.explanation(in: language) ?? "–",
          ]
        }),
    ]
  }

  var latencies: [Element] {
    let kinds = [
      (say("order to execution", "Order bis Ausführung"), report.fills.map(\.execution)),
      (say("execution to account", "Ausführung bis Konto"), report.fills.map(\.report)),
    ]
    guard !report.fills.isEmpty else {
      return [.text(say("There was no fill to measure.", "Es gab keine Ausführung zu messen."))]
    }
    let table = Element.table(
      header: [say("from – to", "von – bis"), "p50", "p90", "p99", say("largest", "größte")],
      rows: kinds.map { name, values in
        let sorted = values.sorted()
        return [name] + [0.5, 0.9, 0.99, 1].map { duration(Self.quantile($0, sorted)) }
      })
    return [table]
      + kinds.map { name, values in
        .plot(
          Plot(
            title: say("\(name): fills by latency", "\(name): Ausführungen nach Latenz"),
            form: .bars(classes(values))))
      }
  }

  /// By nearest rank: the smallest value that at least this share of all does not exceed.
  static func quantile(_ share: Double, _ sorted: [Int64]) -> Int64 {
    guard !sorted.isEmpty else { return 0 }
    let rank = Int((share * Double(sorted.count)).rounded(.up))
    return sorted[min(sorted.count - 1, max(0, rank - 1))]
  }

  /// Counts in classes from one bound to the next, without empty ones at the ends.
  private func classes(_ values: [Int64]) -> [(name: String, value: Double)] {
    let bounds: [Int64] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 60_000]
    let counts = bounds.indices.map { index in
      let from = index == 0 ? Int64.min : bounds[index - 1] * 1_000_000
      return values.count { $0 > from && $0 <= bounds[index] * 1_000_000 }
    }
    let beyond = values.count { $0 > 60_000_000_000 }
    let all =
      zip(bounds, counts).map { bound, count in
        ("≤ " + duration(bound * 1_000_000), Double(count))
      } + [("> 60 s", Double(beyond))]
    guard let first = all.firstIndex(where: { $0.1 > 0 }), let last = all.lastIndex(where: { $0.1 > 0 })
    else {
      return []
    }
    return all[first...last].map { (name: $0.0, value: $0.1) }
  }

  var flow: [Element] {
    let flow = report.flow
    guard !flow.isEmpty else {
      return [.text(say("The process noted no ledger.", "Der Prozess hat kein Flussbuch notiert."))]
    }
    return [
      .plot(
        Plot(
          title: say("Events received by stage", "Empfangene Ereignisse je Stufe"),
          form: .bars(flow.map { ($0.stage.rawValue, Double($0.received)) }))),
      .table(
        header: [
          say("stage", "Stufe"), say("received", "empfangen"), say("emitted", "gesendet"),
          say("absorbed", "aufgenommen"), say("dropped", "verworfen"),
        ],
        rows: flow.map {
          [$0.stage.rawValue, "\($0.received)", "\($0.emitted)", "\($0.absorbed)", "\($0.dropped)"]
        }),
    ]
  }
}
