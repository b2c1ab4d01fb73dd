import ArgumentParser
import CDBServices
import Foundation

struct LintCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Holds rules, dashboards and pages against the metrics that exist.",
    discussion: """
      Reads rules and their tests (.yml, .yaml), dashboards of Grafana (.json) and
      PromQL in pages (.md), and looks up every metric, label and value in them.
      Of folders it takes what it knows, of files it must know all.

      EXAMPLES
        cdb lint                      prometheus, dashboards and docs of this folder
        cdb lint prometheus/rules/cdb.rules.yml
        cdb lint --metrics http://127.0.0.1:8000/metrics docs
        cdb lint --format json dashboards | jq -r '.findings[].message'

      EXIT CODES
        0 nothing found   1 findings   2 something cannot be read
      """)

  @Option(
    name: .customLong("metrics"),
    help: ArgumentHelp(
      "A /metrics address or a file with what one said, instead of the catalogue; may be repeated.",
      valueName: "url|file"))
  var scrapes: [String] = []
  @Option(help: "text or json.")
  var format: Format = .text
  @Argument(
    help: "Files and folders; prometheus, dashboards and docs, where they are, if none is named.",
    completion: .file())
  var paths: [String] = []

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json
  }

  func run() async throws {
    let paths = paths.isEmpty ? Self.usual.filter { FileManager.default.fileExists(atPath: $0) } : paths
    guard !paths.isEmpty else {
      throw ValidationError("name what to lint: there is no \(Self.usual.joined(separator: ", ")) here")
    }
    do {
      var scraped: [DriftLint.Scrape] = []
      for place in scrapes { scraped.append(try await ScrapeSource.read(place)) }
      let report = try DriftLint(scrapes: scraped).run(paths)
      try JSONOutput.show(report, isJSON: format == .json, as: report.text)
      if !report.isClean { throw ExitCode(1) }
    } catch let refusal as LintRefusal {
      CommandFailure.say("\(refusal)")
      throw ExitCode(2)
    }
  }

  private static let usual = ["prometheus", "dashboards", "docs"]
}
