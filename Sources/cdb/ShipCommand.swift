import ArgumentParser
import CDBServices
import Foundation
import LogShipping
import ServiceRuntime

struct ShipCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ship",
    abstract: "Follows log files and delivers their lines to Elasticsearch or OpenSearch, each once.",
    discussion: """
      Its settings are ship.* of a configuration file, the environment or flags. It listens on 127.0.0.1:8031 unless told
      otherwise.

      EXAMPLES
        cdb ship --files '/var/log/app/*.log*' --urls http://127.0.0.1:9200 --index logs-app-default
        cdb ship --config ship.yml
        cdb ship ledger --config ship.yml
        cdb ship audit --config ship.yml
        cdb ship replay-dead --config ship.yml
        curl -s localhost:8031/api/v1/ship
      """,
    subcommands: [Run.self, Ledger.self, Audit.self, ReplayDead.self], defaultSubcommand: Run.self)

  /// What says which shipper it is.
  struct Options: ParsableArguments {
    @Option(help: "A configuration file with ship.*; cdb.yml where it exists.")
    var config: String?
    @Option(name: .customLong("data-dir"), help: "The one place where state is kept.")
    var dataDirectory: String?
    @Option(help: "Files to ship, such as '/var/log/app/*.log*'; may be repeated.")
    var files: [String] = []
    @Option(help: "The server's address; may be repeated, for its nodes.")
    var urls: [String] = []
    @Option(help: "The index or data stream.")
    var index: String?
    @Option(
      name: .customLong("set"),
      help: ArgumentHelp("Any setting, as key=value; may be repeated.", valueName: "key=value"))
    var assignments: [String] = []

    func load(_ own: [String: String?] = [:]) throws -> EffectiveConfiguration {
      var settings = SettingsOptions()
      settings.file = config
      settings.dataDirectory = dataDirectory
      settings.symbols = nil
      settings.profile = nil
      settings.assignments = assignments
      let shipped: [String: String?] = [
        "ship.files": files.isEmpty ? nil : files.joined(separator: ","),
        "ship.urls": urls.isEmpty ? nil : urls.joined(separator: ","), "ship.index": index,
      ]
      return try settings.load(shipped.merging(own) { $1 })
    }
  }

  struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ships until a signal.",
      discussion: """
        EXAMPLES
          cdb ship --files '/var/log/app/*.log*' --urls http://127.0.0.1:9200
          cdb ship --config ship.yml --set ship.api_key_file=/run/secrets/ship
        """)

    @OptionGroup var options: Options
    @Option(help: "Host and port of the HTTP server; 127.0.0.1:8031 where nothing says otherwise.")
    var listen: String?
    @Option(name: .customLong("log-format"), help: "json or text, for standard error.")
    var logFormat: String?

    func run() async throws {
      let effective = try options.load(["http.listen": listen, "log.format": logFormat])
      let service = ShipperService(settings: effective, isTerminal: isatty(STDERR_FILENO) == 1)
      let code = try await service.run { line in PersonalOutput.warn(line) }
      if code != 0 { throw ExitCode(code) }
    }
  }

  struct Ledger: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What became of the lines of each file, as of the newest checkpoint, and what was refused.",
      discussion: """
        It changes nothing, and may look while a shipper runs.

        EXAMPLES
          cdb ship ledger --data-dir data
          cdb ship ledger --config ship.yml --json
        """)

    @OptionGroup var options: Options
    @Flag(help: "The answer as JSON.")
    var json = false

    func run() throws {
      let inspection = try ShipperInspection(directory: ShipperOptions.directory(of: options.load()))
      try JSONOutput.show(inspection, isJSON: json, as: inspection.lines.joined(separator: "\n"))
    }
  }

  struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Compares files with what the index has of them, by id; exit code 1 if a line is missing or doubled.",
      discussion: """
        It compares up to where a file is done with, and may look while a shipper runs.

        EXAMPLES
          cdb ship audit --config ship.yml
          cdb ship audit --config ship.yml --json /var/log/app/app.log
        """)

    @OptionGroup var options: Options
    @Flag(help: "The answer as JSON.")
    var json = false
    @Argument(help: "Files that the shipper follows; all of them where none is named.")
    var paths: [String] = []

    func run() async throws {
      let reports = try await LogAudit.run(options: ShipperOptions(options.load()), paths: paths)
      try JSONOutput.show(reports, isJSON: json, as: reports.flatMap(\.text).joined(separator: "\n"))
      if !reports.allSatisfy(\.isWhole) { throw ExitCode(1) }
    }
  }

  struct ReplayDead: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "replay-dead",
      abstract: "Sends dead letters again; exit code 1 if some are dead letters still.",
      discussion: """
        The shipper must have ended: both need the folder for themselves.

        EXAMPLES
          cdb ship replay-dead --config ship.yml
        """)

    @OptionGroup var options: Options
    @Flag(help: "The answer as JSON.")
    var json = false

    func run() async throws {
      let report = try await DeadLetterReplay.run(options: ShipperOptions(options.load()))
      try JSONOutput.show(
        report, isJSON: json,
        as:
          "\(report.delivered) delivered, \(report.refused) refused again, \(report.unanswered) not answered")
      if report.refused + report.unanswered > 0 { throw ExitCode(1) }
    }
  }
}
