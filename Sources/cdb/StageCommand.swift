import ArgumentParser
import CDBDomain
import CDBServices
import Foundation
import ServiceRuntime

// The stages as services, one command each.

/// The options of every stage's command.
struct StageOptions: ParsableArguments {
  @OptionGroup var settings: SettingsOptions
  @Option(help: "sim, binance, or replay:PATH,PATH… with recorded files; the same for all services.")
  var feed: String?
  @Option(parsing: .unconditional, help: "How fast a recording is replayed: a factor above 0, or max.")
  var speed: String?
  @Option(help: "Host and port of the HTTP server.")
  var listen: String?
  @Option(help: "The Redis between the services, such as redis://127.0.0.1:6379.")
  var bus: String?
  @Option(
    parsing: .unconditional,
    help: "How long to run, such as 30s or 2h; until it is stopped where this is left out.")
  var duration: String?

  func validate() throws {
    if let duration, DurationText.parse(duration) == .zero {
      throw ValidationError("--duration takes more than 0; leave it out to run until it is stopped")
    }
  }

  func run(_ stage: StageName) async throws {
    let effective = try settings.load([
      "feed.source": feed, "feed.speed": speed, "http.listen": listen, "bus.url": bus,
      "run.duration": duration,
    ])
    try SettingsOptions.check(speed: speed, of: effective)
    let code = try await StageProcess(
      stage, settings: effective, isTerminal: isatty(STDERR_FILENO) == 1
    ).run()
    if code != 0 { throw ExitCode(code) }
  }

  static func configuration(
    _ stage: StageName, _ abstract: String, examples: String
  ) -> CommandConfiguration {
    CommandConfiguration(
      commandName: stage.commandName, abstract: abstract,
      discussion: """
        One of the services ws, core, risk, execution, db-writer and gate, which together are what cdb run is in
        one process. All of them take the same configuration, and meet on the Redis of bus.url. It listens on
        127.0.0.1:\(stage.standardPort) unless told otherwise. Started again it goes on where its newest snapshot and the
        streams allow; a second instance waits until the first one's lease has run out.

        EXAMPLES
        \(examples)
        """)
  }
}

struct WSCommand: AsyncParsableCommand {
  static let configuration = StageOptions.configuration(
    .ws, "The way in as a service: takes frames, journals them, and sends market data on.",
    examples: """
        cdb ws
        cdb ws --feed binance --symbols BTCUSDT,ETHUSDT --bus redis://127.0.0.1:6379
        cdb ws --feed replay:btc.gz,eth.gz --speed max --data-dir /var/lib/cdb/ws
      """)
  @OptionGroup var options: StageOptions
  func run() async throws { try await options.run(.ws) }
}

struct CoreCommand: AsyncParsableCommand {
  static let configuration = StageOptions.configuration(
    .core, "The strategies as a service: market data in, signals out.",
    examples: """
        cdb core
        cdb core --set core.partitions=1 --listen 127.0.0.1:8011
        cdb core --bus rediss://cache.example:6380 --set bus.password_file=/run/secrets/redis
      """)
  @OptionGroup var options: StageOptions
  func run() async throws { try await options.run(.core) }
}

struct RiskCommand: AsyncParsableCommand {
  static let configuration = StageOptions.configuration(
    .risk, "The risk layers as a service: signals in, orders out.",
    examples: """
        cdb risk
        cdb risk --set risk.maximum_exposure=0.2
      """)
  @OptionGroup var options: StageOptions
  func run() async throws { try await options.run(.risk) }
}

struct ExecutionCommand: AsyncParsableCommand {
  static let configuration = StageOptions.configuration(
    .execution, "The paper exchange's side as a service: orders in, results out.",
    examples: """
        cdb execution
        cdb execution --data-dir /var/lib/cdb/execution
      """)
  @OptionGroup var options: StageOptions
  func run() async throws { try await options.run(.execution) }
}

struct DBWriterCommand: AsyncParsableCommand {
  static let configuration = StageOptions.configuration(
    .dbWriter, "The store's writer as a service: the order path into the PostgreSQL of store.url.",
    examples: """
        CDB_STORE_URL=postgresql://cdb@127.0.0.1/cdb cdb db-writer
        cdb db-writer --set store.url_file=/run/secrets/store
      """)
  @OptionGroup var options: StageOptions
  func run() async throws { try await options.run(.dbWriter) }
}
