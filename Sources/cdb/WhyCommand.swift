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
        cdb why --json | jq .layer
      """)

  @OptionGroup var settings: SettingsOptions
  @Option(help: "Where the service listens.")
  var listen: String?
  @Flag(help: "The answer as JSON.")
  var json = false

  func run() async throws {
    let effective = try settings.load(["http.listen": listen])
    let text = effective.string("http.listen")
    guard let address = ListenAddress(text) else {
      throw ValidationError("--listen takes host:port, such as 127.0.0.1:8000")
    }
    let client = ServiceClient(address: address)
    let diagnosis = try await client.why()
    if json {
      print(String(decoding: try JSONOutput.encode(diagnosis), as: UTF8.self))
    } else {
      print(diagnosis.text)
    }
    if !diagnosis.trading { throw ExitCode(1) }
  }
}
