import ArgumentParser
import CDBServices
import Foundation
import ServiceRuntime

extension GateCommand {
  struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Runs the gate service: gate, answers, blocks and the page of a pipeline of several processes.",
      discussion: """
        It asks the processes of the five stages what they say of themselves (settings services.*), sends ws what it
        decides, and reads the store (store.url). Commands are asked of it with --listen 127.0.0.1:8004.

        EXAMPLES
          cdb gate serve
          cdb gate serve --data-dir /var/lib/cdb --set store.url_file=/run/secrets/store
          cdb gate serve --set services.core=10.0.0.7:8001 --set services.risk=10.0.0.8:8002
          cdb gate serve --set services.core=127.0.0.1:8001,127.0.0.1:8011
          cdb why --listen 127.0.0.1:8004
        """)

    @OptionGroup var settings: SettingsOptions
    @Option(help: "Host and port of the HTTP server; 127.0.0.1:8004 where nothing says otherwise.")
    var listen: String?
    @Option(name: .customLong("log-format"), help: "json or text, for standard error.")
    var logFormat: String?

    func run() async throws {
      let effective = try settings.load(["http.listen": listen, "log.format": logFormat])
      let service = GateService(settings: effective, isTerminal: isatty(STDERR_FILENO) == 1)
      let code = try await service.run { line in PersonalOutput.warn(line) }
      if code != 0 { throw ExitCode(code) }
    }
  }
}
