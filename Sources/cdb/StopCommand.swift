import ArgumentParser
import CDBDomain
import CDBGate
import CDBServices
import Foundation
import ServiceRuntime

struct StopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "The emergency stop: every order is refused until resume. Proved by a probe order.",
    discussion: """
      Exit code 0 when a probe behind the stop was seen refused, 1 when the stop could not be proved.

      EXAMPLES
        cdb stop --reason "I do not trust this market"

      Where nothing answers, a file named STOP in the data directory stops the next start before its first order:
        echo "I do not trust this market" > data/STOP
      """)

  @OptionGroup var service: ServiceOptions
  @Option(
    name: [.long, .customLong("justification")], help: "Why it is stopped; by hand where it is left out.")
  var reason: String?
  @OptionGroup var language: LanguageOption

  func run() async throws {
    let words = reason ?? Translation(en: "by hand", de: "von Hand")[language.chosen]
    let body = try await service.client().change(
      "stop", RunOperations.StopInput(reason: words), isDoneLate: true)
    let report = try JSONDecoder().decode(StopReport.self, from: Data(body))
    if service.json {
      print(String(decoding: try JSONOutput.encode(report), as: UTF8.self))
    } else {
      print(report.text(in: language.chosen))
    }
    if !report.verified { throw ExitCode(1) }
  }
}

struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Ends the emergency stop. The gate is closed then, and verifies before anything trades.",
    discussion: """
      Where the stop was not proved (stop_unverified), a person must open the gate after that: cdb gate open.

      EXAMPLES
        cdb resume --justification "the feed is back and checked"
      """)

  @OptionGroup var service: ServiceOptions
  @OptionGroup var language: LanguageOption
  @Option(name: [.long, .customLong("reason")], help: "Why trading may go on.")
  var justification: String

  func run() async throws {
    let body = try await service.client().change(
      "resume", RunOperations.ResumeInput(justification: justification))
    let report = try JSONDecoder().decode(GateChangeReport.self, from: Data(body))
    try report.show(json: service.json, in: language.chosen)
  }
}
