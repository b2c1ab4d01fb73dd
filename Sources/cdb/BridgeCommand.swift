import ArgumentParser
import CDBServices
import Foundation
import RemoteWrite
import enum ServiceRuntime.PersonalOutput

struct BridgeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bridge",
    abstract: "Scrapes targets and sends what they say by remote write; what is not accepted yet is on disk.",
    discussion: """
      It takes a prometheus.yml: global, scrape_configs and remote_write. What it does not support of it is named at the
      start. It listens on 127.0.0.1:8030 unless told otherwise, and takes what others push: remote write at
      /api/v1/write, text at /api/v1/import/prometheus; both need the token of the data directory.

      EXAMPLES
        cdb bridge --config prometheus.yml
        cdb bridge --config prometheus.yml --data-dir /var/lib/cdb --listen 127.0.0.1:8030
        cdb bridge check prometheus.yml
        cdb bridge queue data/bridge
        curl -s localhost:8030/api/v1/bridge
      """,
    subcommands: [Run.self, Check.self, Queue.self], defaultSubcommand: Run.self)

  struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Runs the bridge until a signal.",
      discussion: """
        EXAMPLES
          cdb bridge --config prometheus.yml
          cdb bridge --config prometheus.yml --set bridge.queue_bytes=1073741824
        """)

    @Option(help: "A prometheus.yml.")
    var config = "prometheus.yml"
    @Option(name: .customLong("data-dir"), help: "The one place where state is kept.")
    var dataDirectory: String?
    @Option(help: "Host and port of the HTTP server; 127.0.0.1:8030 where nothing says otherwise.")
    var listen: String?
    @Option(name: .customLong("log-format"), help: "json or text, for standard error.")
    var logFormat: String?
    @Option(
      name: .customLong("set"),
      help: ArgumentHelp("Any setting, as key=value; may be repeated.", valueName: "key=value"))
    var assignments: [String] = []

    func run() async throws {
      // Its own --config is no cdb.yml; that one is found as everywhere, or by CDB_CONFIG.
      var settings = SettingsOptions()
      settings.file = nil
      settings.dataDirectory = dataDirectory
      settings.symbols = nil
      settings.profile = nil
      settings.assignments = assignments
      let effective = try settings.load(["http.listen": listen, "log.format": logFormat])
      let service = BridgeService(
        settings: effective, configuration: config, isTerminal: isatty(STDERR_FILENO) == 1)
      let code = try await service.run { line in PersonalOutput.warn(line) }
      if code != 0 { throw ExitCode(code) }
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Reads a configuration and says what is not supported of it; exit code 2 if it cannot be used.",
      discussion: """
        EXAMPLES
          cdb bridge check prometheus.yml
        """)

    @Argument(help: "A prometheus.yml.")
    var file: String

    func run() throws {
      let plan = try PrometheusConfiguration(path: file)
      for notice in plan.notices { print("\(file): \(notice)") }
      print("\(file): \(plan.summary)")
    }
  }

  struct Queue: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Looks into a bridge's folder: what waits, what became of the rest, and what was refused.",
      discussion: """
        It changes nothing, and may look while a bridge runs.

        EXAMPLES
          cdb bridge queue data/bridge
          cdb bridge queue --json data/bridge
        """)

    @Argument(help: "The folder bridge in a data directory.")
    var directory: String
    @Flag(help: "The answer as JSON.")
    var json = false

    func run() throws {
      let endpoints: [EndpointInspection]
      do {
        endpoints = try EndpointInspection.all(in: directory)
      } catch {
        throw ValidationError("\(directory) is no folder of a bridge that can be read")
      }
      try JSONOutput.show(
        endpoints, isJSON: json, as: endpoints.flatMap(\.lines).joined(separator: "\n"))
    }
  }
}
