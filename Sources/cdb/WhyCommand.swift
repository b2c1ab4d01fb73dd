import ArgumentParser
import CDBGate
import CDBServices
import Foundation
import ServiceRuntime

struct WhyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Is it trading, and if not, why not: the first broken layer, with evidence.",
    discussion: """
      Exit code 0 when it trades, 1 when it does not, 3 when nothing answers.

      EXAMPLES
        cdb why
        cdb why --since 24h             what it was, interval by interval
        cdb why --language de
        cdb why --json | jq .layer
      """)

  @OptionGroup var service: ServiceOptions
  @OptionGroup var language: LanguageOption

  @Option(help: "How far back: the answers since then, oldest first (90m, 24h, 7d).")
  var since: String?

  func validate() throws {
    if let since, (DurationText.parse(since) ?? .zero) == .zero {
      throw ValidationError("--since takes a duration such as 90m, 24h or 7d, and not \(since)")
    }
  }

  func run() async throws {
    if let since { return try await showTimeline(since) }
    let client = try service.client()
    let diagnosis = try await client.why()
    try service.show(
      diagnosis,
      as: diagnosis.text(in: language.chosen) { client.playbookAddress($0, in: language.chosen) })
    if !diagnosis.trading { throw ExitCode(1) }
  }

  private func showTimeline(_ since: String) async throws {
    let report = try await service.client().timeline(since: since)
    try service.show(report, as: report.text(in: language.chosen))
    if !report.isTrading { throw ExitCode(1) }
  }
}
