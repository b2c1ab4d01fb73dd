import ArgumentParser
import CDBServices

/// The command line: one file a command, no logic of its own.
@main
struct CDB: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cdb",
    abstract: "An observability-first exporter and collector suite around a paper-trading pipeline.",
    discussion: """
      No real capital ever moves.

      EXAMPLES
        cdb run                 everything in one process, on a simulated market
        cdb why                 is it trading, and if not, why not
        cdb status              everything on one screen
        cdb block               how far the 72-hour run is
        cdb replay a.gz b.gz    recorded frames through the same stages
        curl -s localhost:8000/metrics | cdb metrics check --format text

      COMPLETION
        cdb --generate-completion-script bash     also zsh and fish

      EXIT CODES
        0 done   1 the answer is no   2 wrong usage or configuration
        3 a dependency is out of reach   70 a defect
      """,
    version: "\(SuiteVersion.current) (\(BuildRevision.current))",
    subcommands: [
      RunCommand.self, WhyCommand.self, StatusCommand.self, HealthCommand.self, GateCommand.self,
      IncidentCommand.self,
      BlockCommand.self,
      StopCommand.self,
      ResumeCommand.self,
      ReplayCommand.self, ConfigCommand.self, MetricsCommand.self, LintCommand.self,
      ReasonsCommand.self, StoreCommand.self, ExchangeCommand.self,
      BridgeCommand.self, ShipCommand.self, ElkCommand.self,
      WSCommand.self, CoreCommand.self, RiskCommand.self, ExecutionCommand.self, DBWriterCommand.self,
    ])

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      CommandFailure.end(error, of: self)
    }
  }
}
