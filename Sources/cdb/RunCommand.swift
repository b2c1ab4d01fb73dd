import ArgumentParser
import CDBServices
import Foundation
import ServiceRuntime

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs everything in one process.",
    discussion: """
      The default is a simulated market in the profile demo: trades within seconds, for looking around.

      EXAMPLES
        cdb run
        cdb run --feed binance --symbols BTCUSDT,ETHUSDT,SOLUSDT
        cdb run --feed replay:btc.gz,eth.gz --speed 10
        cdb run --listen 127.0.0.1:9000 --data-dir /var/lib/cdb --duration 10m
      """)

  @OptionGroup var settings: SettingsOptions
  @Option(help: "sim, binance, or replay:PATH,PATH… with recorded files or a journal.")
  var feed: String?
  @Option(parsing: .unconditional, help: "How fast a recording is replayed: a factor above 0, or max.")
  var speed: String?
  @Option(help: "Host and port of the HTTP server.")
  var listen: String?
  @Option(
    parsing: .unconditional,
    help: "How long to run, such as 30s or 2h; until it is stopped where this is left out.")
  var duration: String?
  @Option(parsing: .unconditional, help: "The simulated market's seed, from 0.")
  var seed: Int?
  @Option(name: .customLong("log-format"), help: "json or text, for standard error.")
  var logFormat: String?

  @OptionGroup var language: LanguageOption

  func validate() throws {
    if let duration, DurationText.parse(duration) == .zero {
      throw ValidationError("--duration takes more than 0; leave it out to run until it is stopped")
    }
  }

  func run() async throws {
    let effective = try settings.load([
      "feed.source": feed, "feed.speed": speed, "http.listen": listen, "run.duration": duration,
      "feed.seed": seed.map(String.init), "log.format": logFormat,
    ])
    try SettingsOptions.check(speed: speed, of: effective)
    let code = try await RunService(
      settings: effective, isTerminal: isatty(STDERR_FILENO) == 1, language: language.chosen
    ).run()
    if code != 0 { throw ExitCode(code) }
  }
}
