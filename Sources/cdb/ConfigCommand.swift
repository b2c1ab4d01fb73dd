import ArgumentParser
import CDBServices
import Foundation
import ServiceRuntime

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "The effective settings, where each comes from, and their fingerprint; secrets redacted.",
    discussion: """
      Defaults in code < cdb.yml < environment CDB_* < flags. An unknown key is an error.

      EXAMPLES
        cdb config
        CDB_RISK_MAXIMUM_EXPOSURE=0.2 cdb config --json
      """)

  @OptionGroup var settings: SettingsOptions
  @Option(help: "sim, binance, or replay:PATH,PATH…")
  var feed: String?
  @Flag(help: "The settings as JSON.")
  var json = false

  func run() throws {
    let effective = try settings.load(["feed.source": feed])
    // What parses may still make no sense, and this is where one looks.
    for warning in try PipelineSettings.check(effective) { CommandFailure.say(warning) }
    if json {
      print(String(decoding: try JSONOutput.encode(ConfigurationListing(effective)), as: UTF8.self))
    } else {
      print(effective.description)
    }
  }
}
