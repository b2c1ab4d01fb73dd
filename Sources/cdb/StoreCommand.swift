import ArgumentParser
import CDBServices
import Foundation
import ServiceRuntime

struct StoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store", abstract: "Looks into a store: a data directory's, or that of store.url.",
    discussion: """
      EXAMPLES
        cdb store digest
        cdb store digest --data-dir /tmp/replayed --json
        cdb store check data /tmp/replayed
      """,
    subcommands: [Digest.self, Check.self])

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
      let summary = try await StoreSummary(effective)
      if json {
        print(String(decoding: try JSONOutput.encode(summary), as: UTF8.self))
      } else {
        for (table, rows) in summary.rows.sorted(by: { $0.key < $1.key }) { print("\(table)  \(rows)") }
        print("digest  \(summary.digest)")
      }
    }
  }

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compares two stores by id and content, table by table.",
      discussion: """
        A store is a data directory, a store's file, or a PostgreSQL database as postgresql://user@host/database or
        "host=… dbname=…". Both are only read. Compare stores that nobody writes: each page of rows is of its own instant.
        A password on the command line can be seen by others: PGPASSWORD, ~/.pgpass or --password-file have it for both.

        Exit code 0 when both hold the same, 1 when they differ, 2 when one cannot be read.

        EXAMPLES
          cdb store check data /tmp/replayed
          cdb store check postgresql://reader@db.example/cdb data --json
          cdb store check data /tmp/replayed/store.sqlite --limit 100
        """)

    @Argument(help: "The first store.")
    var first: String
    @Argument(help: "The second store.")
    var second: String
    @OptionGroup var language: LanguageOption
    @Option(help: ArgumentHelp("A file with the password of a server.", valueName: "file"))
    var passwordFile: String?
    @Option(parsing: .unconditional, help: "How many differences of a table are named, 0 to 100000.")
    var limit = 20
    @Flag(help: "The answer as JSON.")
    var json = false

    func validate() throws {
      guard (0...100_000).contains(limit) else { throw ValidationError("--limit takes 0 to 100000") }
    }

    func run() async throws {
      let check = try await StoreCheck(first, second, passwordFile: passwordFile, limit: limit)
      print(
        json
          ? String(decoding: try JSONOutput.encode(check), as: UTF8.self) : check.text(in: language.chosen))
      if !check.isSame { throw ExitCode(1) }
    }
  }
}
