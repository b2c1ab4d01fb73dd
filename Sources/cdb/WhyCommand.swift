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
        cdb why --language de
        cdb why --json | jq .layer
      """)

  @OptionGroup var service: ServiceOptions
  @OptionGroup var language: LanguageOption

  func run() async throws {
    let diagnosis = try await service.client().why()
    if service.json {
      print(String(decoding: try JSONOutput.encode(diagnosis), as: UTF8.self))
    } else {
      print(diagnosis.text(in: language.chosen))
    }
    if !diagnosis.trading { throw ExitCode(1) }
  }
}
