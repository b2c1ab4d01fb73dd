import ArgumentParser
import CDBDomain
import CDBServices

struct ReasonsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reasons",
    abstract: "Every reason code, or one: what it means, and what to do about it.",
    discussion: """
      One code is printed with its meaning, the layer that it speaks of, what to do, and its playbook. Exit code 2 where
      there is no such code.

      EXAMPLES
        cdb reasons silent_feed
        cdb reasons --language de
        cdb reasons --format json | jq -r '.[] | select(.layer == "stop_loss").remedy'
      """)

  @Argument(help: "One reason code, such as silent_feed; all of them where it is left out.")
  var code: String?
  @Option(help: "md or json.")
  var format: ReasonCatalogueDocument.Format = .md
  @Option(help: "en or de.")
  var language: Language = .en

  func run() throws {
    let text =
      if let code {
        try ReasonDetail(code: code, in: language).render(as: format)
      } else {
        try ReasonCatalogueDocument.render(as: format, in: language)
      }
    print(text, terminator: "")
  }
}

extension ReasonCatalogueDocument.Format: ExpressibleByArgument {}
extension Language: ExpressibleByArgument {}
