import ArgumentParser
import CDBServices
import Foundation
import ServiceRuntime

struct StoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store", abstract: "Looks into a data directory's store.",
    discussion: """
      EXAMPLES
        cdb store digest
        cdb store digest --data-dir /tmp/replayed --json
      """,
    subcommands: [Digest.self])

  struct Digest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "A digest of every row that events made, and the rows by table.",
      discussion: """
        Two stores with the same digest hold the same signals, decisions, orders, results, fills and summaries.

        EXAMPLES
          cdb store digest --data-dir data
        """)

    @OptionGroup var settings: SettingsOptions
    @Flag(help: "The answer as JSON.")
    var json = false

    func run() async throws {
      let effective = try settings.load()
      let summary = try await StoreSummary(dataDirectory: effective.string("data_dir"))
      if json {
        print(String(decoding: try JSONOutput.encode(summary), as: UTF8.self))
      } else {
        for (table, rows) in summary.rows.sorted(by: { $0.key < $1.key }) { print("\(table)  \(rows)") }
        print("digest  \(summary.digest)")
      }
    }
  }
}
