import CDBDomain
import CDBGate
import CDBPipeline
import Foundation
import ServiceLifecycle
import ServiceRuntime

/// Tells a person at the terminal what happens, in a few calm lines: where to look, the first fills, and a
/// summary every ten seconds.
struct Narrator: Service {
  let board: PipelineBoard
  let gate: GateBoard
  let feed: String
  let profile: String
  let dataDirectory: String
  let logFile: String?
  let address: @Sendable () async -> ListenAddress?

  static let firstFills = 5
  static let summaryInterval = 10

  func run() async throws {
    guard let address = await address() else { return }
    say("cdb \(SuiteVersion.current): paper trading, no real money moves")
    say("  feed      \(feedLine)")
    say("  look      http://\(address)/api/v1/why   http://\(address)/metrics   http://\(address)/healthz")
    say("  ask       cdb why")
    say("  kept in   \(dataDirectory)" + (logFile.map { ", logs in \($0)" } ?? ""))
    say(
      "  checked   every frame is journaled before it counts; every edge is gapless; the flow balances at each barrier"
    )
    var shown = 0
    var seconds = 0
    var state: GateState?
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
      seconds += 1
      let status = board.status()
      if let report = gate.report, report.state != state {
        say("  gate      \(Self.line(report))")
        state = report.state
      }
      for fill in newFills(status, after: shown) {
        say("  fill      \(fill)")
        shown += 1
      }
      if seconds % Self.summaryInterval == 0 { say(summary(status)) }
    }
    say(summary(board.status()))
  }

  private var feedLine: String {
    let demo = profile == CDBConfiguration.Profile.demo.rawValue
    let name =
      switch feed {
      case "sim": "a simulated market (seeded)"
      case "binance": "Binance spot, live, over public streams"
      default: "a recording"
      }
    return demo
      ? "\(name); profile demo: quick signals, for looking, not for judging" : "\(name); profile \(profile)"
  }

  private func newFills(_ status: PipelineStatus, after shown: Int) -> [String] {
    guard shown < Self.firstFills else { return [] }
    return status.tally.latestFills.dropFirst(shown).prefix(Self.firstFills - shown).compactMap { result in
      guard let fill = result.fill, Int(result.instrument.index) < status.symbols.count else { return nil }
      let symbol = status.symbols[Int(result.instrument.index)]
      let position = status.account?.positions.first { $0.symbol == symbol }
      let price = DecimalText.render(fill.price.mantissa, scale: position?.priceScale ?? 0)
      let quantity = DecimalText.render(fill.quantity.mantissa, scale: position?.scale ?? 0)
      return "\(result.side.code) \(quantity) \(symbol) at \(price), fee \(Self.money(fill.fee))"
    }
  }

  private func summary(_ status: PipelineStatus) -> String {
    let diagnosis = gate.diagnosis(of: status)
    let signals = status.tally.signals.values.reduce(0, +)
    let refused = diagnosis.refusals.values.reduce(0, +)
    let orders = status.tally.orders.values.reduce(0, +)
    let fills = status.tally.fills.values.reduce(0, +)
    let equity = status.account.map { ", equity \(Self.money($0.equity))" } ?? ""
    let flow = status.flow.map { $0.isBalanced ? "balanced" : "NOT BALANCED" } ?? "no barrier yet"
    return
      "\(diagnosis.verdict.rawValue)\(profile == "default" ? "" : " (\(profile))"): \(status.feed.frames) frames, "
      + "\(signals) signals (\(refused) refused), \(orders) orders, \(fills) fills\(equity); flow \(flow)"
      + (diagnosis.trading || diagnosis.verdict == .starting ? "" : "; \(diagnosis.summary)")
  }

  private static func line(_ report: GateReport) -> String {
    switch report.state {
    case .verifying: "verifying: \(GateCheck.allCases.map(\.rawValue).joined(separator: ", "))"
    case .open: "open: five checks passed; orders may add exposure"
    case .closed: "closed: \(report.reason)"
    case .tripped: "TRIPPED: \(report.reason); only orders that reduce pass"
    case .stopped: "STOPPED: \(report.reason); nothing passes until cdb resume"
    }
  }

  static func money(_ money: Money) -> String {
    let cents = (money.mantissa + (money.mantissa < 0 ? -500_000 : 500_000)) / 1_000_000
    let fraction = cents.magnitude % 100
    return "\(cents < 0 ? "-" : "")\(cents.magnitude / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }

  private func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }
}
