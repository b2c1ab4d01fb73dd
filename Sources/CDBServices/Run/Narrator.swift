import CDBDomain
import CDBGate
import CDBPipeline
import Foundation
import ServiceLifecycle
import ServiceRuntime

/// Tells a person at the terminal what happens, in a few calm lines: where to look, where it goes on, the first
/// fills, and a summary every ten seconds.
struct Narrator: Service {
  let board: PipelineBoard
  let gate: GateBoard
  let feed: String
  let profile: String
  let dataDirectory: String
  let logFile: String?
  /// What opening the data directory found, in words.
  let recovery: [String]
  let language: Language
  let address: @Sendable () async -> ListenAddress?

  static let firstFills = 5
  static let summaryInterval = 10

  func run() async throws {
    guard let address = await address() else { return }
    for line in banner(at: address, board.status()) { say(line) }
    var shown = 0
    var seconds = 0
    var news = GateNews()
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
      seconds += 1
      let status = board.status()
      if let report = gate.report, news.isNews(report) {
        say(words.line(Words.gate, words.line(report, stoppedFor: status.account?.killSwitch)))
      }
      for fill in newFills(status, after: shown) {
        say(words.line(Words.fill, fill))
        shown += 1
      }
      if seconds % Self.summaryInterval == 0 { say(summary(status)) }
    }
    say(summary(board.status()))
  }

  private var words: Words { Words(language) }

  private func banner(at address: ListenAddress, _ status: PipelineStatus) -> [String] {
    let links = ["", "api/v1/why", "metrics", "healthz"].map { "http://\(address)/\($0)" }
    let logs = logFile.map { ", \(Words.logs[language]) \($0)" } ?? ""
    var lines = [
      "cdb \(SuiteVersion.current): \(Words.paper[language])",
      words.line(Words.feed, words.feed(feed, profile)),
      words.line(Words.look, links.joined(separator: "   ")),
      words.line(Words.ask, Self.question(at: address, dataDirectory: dataDirectory)),
      words.line(Words.kept, dataDirectory + logs),
      words.line(Words.checked, Words.checks[language]),
    ]
    if let resumption = status.resumption {
      let wall = ProcessClock.wall()
      lines.append(words.line(Words.goesOn, resumption.text(at: wall, in: language)))
    }
    return lines + recovery.map { words.line(Words.recovery, $0) }
  }

  /// The command that asks this run, with the options that it needs where it is not the usual one.
  static func question(at address: ListenAddress, dataDirectory: String) -> String {
    var command = "cdb why"
    if address != ListenAddress(port: 8000) { command += " --listen \(address)" }
    if dataDirectory != CDBConfiguration.usualDataDirectory {
      command += " --data-dir \(quoted(dataDirectory))"
    }
    return command
  }

  /// As a shell takes it for one word.
  private static func quoted(_ word: String) -> String {
    let isPlain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+=:@%,".contains($0)) }
    return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
  }

  private func newFills(_ status: PipelineStatus, after shown: Int) -> [String] {
    guard shown < Self.firstFills else { return [] }
    return status.tally.latestFills.dropFirst(shown).prefix(Self.firstFills - shown).compactMap { result in
      guard let fill = result.fill, Int(result.instrument.index) < status.symbols.count else { return nil }
      let symbol = status.symbols[Int(result.instrument.index)]
      let position = status.account?.positions.first { $0.symbol == symbol }
      let price = DecimalText.render(fill.price.mantissa, scale: position?.priceScale ?? 0)
      let quantity = DecimalText.render(fill.quantity.mantissa, scale: position?.scale ?? 0)
      return words.fill(
        side: result.side, quantity: quantity, symbol: symbol, price: price, fee: Self.money(fill.fee))
    }
  }

  /// The counts are of this process; equity is the account's, which outlives it.
  func summary(_ status: PipelineStatus) -> String {
    let diagnosis = gate.diagnosis(of: status)
    let counts = Words.Counts(
      frames: status.feed.frames, signals: status.tally.signals.values.reduce(0, +),
      refused: diagnosis.refusals.values.reduce(0, +), orders: status.tally.orders.values.reduce(0, +),
      fills: status.tally.fills.values.reduce(0, +))
    let head = diagnosis.verdict.name(in: language) + (profile == "default" ? "" : " (\(profile))")
    let equity = status.account.map { "; \(Words.equity[language]) \(Self.money($0.equity))" } ?? ""
    let flow = status.flow.map { $0.isBalanced ? Words.balanced : Words.notBalanced } ?? Words.noBarrier
    return "\(head): \(words.counts(counts))\(equity); \(flow[language])"
      + (diagnosis.trading || diagnosis.verdict == .starting ? "" : "; \(diagnosis.summary(in: language))")
  }

  static func money(_ money: Money) -> String {
    let cents = (money.mantissa + (money.mantissa < 0 ? -500_000 : 500_000)) / 1_000_000
    let fraction = cents.magnitude % 100
    return "\(cents < 0 ? "-" : "")\(cents.magnitude / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }

  private func say(_ line: String) {
    PersonalOutput.say(line)
  }
}
