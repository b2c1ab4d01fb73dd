import ArgumentParser
import CDBServices
import Foundation
import LogShipping
import ServiceRuntime

struct ElkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "elk",
    abstract:
      "Gives Elasticsearch or OpenSearch the templates of the log lines, and looks whether they are there.",
    discussion: """
      The server and who asks it are ship.urls, ship.api_key_file and so on, as for cdb ship.

      EXAMPLES
        cdb elk setup --urls http://127.0.0.1:9200
        cdb elk setup --config ship.yml --dry-run
        cdb elk check --config ship.yml
        cdb elk saved-objects > cdb.ndjson
      """,
    subcommands: [Setup.self, Check.self, SavedObjects.self])

  /// What says which server it is.
  struct Options: ParsableArguments {
    @Option(
      help: "A configuration file with ship.*; cdb.yml where it exists.",
      completion: .file(extensions: ["yml", "yaml"]))
    var config: String?
    @Option(help: "The server's address; may be repeated, for its nodes.")
    var urls: [String] = []
    @Option(help: "How long an index is kept that nothing is written to any more: 30d, 12h.")
    var retention: String?
    @Option(
      name: .customLong("set"),
      help: ArgumentHelp("Any setting, as key=value; may be repeated.", valueName: "key=value"))
    var assignments: [String] = []
    @Flag(help: "The answer as JSON.")
    var json = false

    func load(_ own: [String: String?] = [:]) throws -> ElkSetup {
      var settings = SettingsOptions()
      settings.file = config
      settings.dataDirectory = nil
      settings.symbols = nil
      settings.profile = nil
      settings.assignments = assignments
      let told: [String: String?] = [
        "ship.urls": urls.isEmpty ? nil : urls.joined(separator: ","), "elk.retention": retention,
      ]
      return try ElkSetup(settings.load(told.merging(own) { $1 }))
    }
  }

  struct Setup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Puts what is missing or differs, and says what it did; what is there already is left alone.",
      discussion: """
        A lifecycle policy, an ingest pipeline, component templates and an index template for the data streams logs-cdb-*,
        each as far as the server knows such things. A later version on the server is left as it is.

        EXAMPLES
          cdb elk setup --urls http://127.0.0.1:9200 --dry-run
          cdb elk setup --config ship.yml --retention 90d

        EXIT CODES
          0 everything is there   1 a later version was left   2 wrong usage   3 the server is out of reach, or refuses
        """)

    @OptionGroup var options: Options
    @Flag(help: "Only says what would be put.")
    var dryRun = false
    @Flag(help: "Puts an older version, too.")
    var force = false

    func run() async throws {
      let report = try await options.load().run(isDryRun: dryRun, isForced: force)
      try JSONOutput.show(
        report, isJSON: options.json, as: report.text(isPlan: dryRun).joined(separator: "\n"))
      if !dryRun, !report.isWhole { throw ExitCode(1) }
    }
  }

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Says what is missing or differs, and how old the newest line is; changes nothing.",
      discussion: """
        EXAMPLES
          cdb elk check --urls http://127.0.0.1:9200
          cdb elk check --config ship.yml --within 1h --json

        EXIT CODES
          0 everything is there, and fresh   1 something is not   2 wrong usage   3 the server is out of reach, or refuses
        """)

    @OptionGroup var options: Options
    @Option(help: "How old the newest line may be, such as 5m.")
    var within: String?

    func run() async throws {
      let now = Int64(Date().timeIntervalSince1970 * 1_000)
      let check = try await options.load(["elk.fresh_within": within]).check(now: now)
      try JSONOutput.show(check, isJSON: options.json, as: check.text.joined(separator: "\n"))
      if !check.isGood { throw ExitCode(1) }
    }
  }

  struct SavedObjects: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "saved-objects",
      abstract: "Prints the data view and the searches for Kibana, for its import of saved objects.",
      discussion: """
        EXAMPLES
          cdb elk saved-objects > cdb.ndjson
          curl -H 'kbn-xsrf: true' -F file=@cdb.ndjson 'http://127.0.0.1:5601/api/saved_objects/_import?overwrite=true'
        """)

    func run() { print(ElkFiles.savedObjects, terminator: "") }
  }
}
