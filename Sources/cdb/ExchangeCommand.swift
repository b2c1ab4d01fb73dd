import ArgumentParser
import CDBServices
import Foundation
import enum ServiceRuntime.PersonalOutput

struct ExchangeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exchange",
    abstract: "Runs a simulated exchange that speaks Binance's protocol, and misbehaves on command.",
    discussion: """
      What it sent and kept back is told by GET /faults; POST /faults brings further faults, from that instant on.

      EXAMPLES
        cdb exchange --listen 127.0.0.1:8090 --seed 7
        cdb run --feed binance --data-dir /tmp/live \\
          --set feed.binance.websocket_url=ws://127.0.0.1:8090 --set feed.binance.rest_url=http://127.0.0.1:8090
        curl -d '[{"kind":"gap","duration":30,"every":20}]' http://127.0.0.1:8090/faults
        cdb exchange --recording btc.gz,eth.gz --faults random:1
      """)

  @OptionGroup var settings: SettingsOptions
  @Option(help: "Host and port to listen on.")
  var listen = "127.0.0.1:8090"
  @Option(parsing: .unconditional, help: "The simulated market's seed, from 0.")
  var seed: Int?
  @Option(help: "Recorded files, separated by commas, instead of a simulated market.")
  var recording: String?
  @Option(help: "A file with a list of faults as JSON, or random:SEED for a day of them.")
  var faults: String?
  @Option(
    parsing: .unconditional,
    help: "How many times as fast as real time its time passes; above 0, at most 1000.")
  var speed = 1.0

  func run() async throws {
    let effective = try settings.load(["feed.seed": seed.map(String.init)])
    let service = ExchangeService(
      settings: effective, listen: listen, recordings: recording, faults: faults, speed: speed)
    let code = try await service.run { line in PersonalOutput.warn(line) }
    if code != 0 { throw ExitCode(code) }
  }
}
