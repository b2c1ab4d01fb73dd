import ArgumentParser
import CDBDomain
import CDBServices

struct ReasonsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reasons",
    abstract: "Every reason code: what it means, and what to do about it.",
    discussion: """
      EXAMPLES
        cdb reasons --language de
        cdb reasons --format json | jq -r '.[] | select(.layer == "stop_loss").remedy'
      """)

  @Option(help: "md or json.")
  var format: ReasonCatalogueDocument.Format = .md
  @Option(help: "en or de.")
  var language: Language = .en

  func run() throws {
    print(try ReasonCatalogueDocument.render(as: format, in: language), terminator: "")
  }
}

extension ReasonCatalogueDocument.Format: ExpressibleByArgument {}
extension Language: ExpressibleByArgument {}
