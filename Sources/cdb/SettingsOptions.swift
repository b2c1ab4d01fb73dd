import ArgumentParser
import CDBServices
import Foundation
import ServiceRuntime

/// The options that every command with settings has. Each setting can also stand in `cdb.yml` or in the
/// environment; `cdb config` shows which one holds.
struct SettingsOptions: ParsableArguments {
  @Option(name: .customLong("config"), help: "The configuration file; cdb.yml where it exists.")
  var file: String?

  @Option(name: .customLong("data-dir"), help: "The one place where state is kept.")
  var dataDirectory: String?

  @Option(help: "The instruments, separated by commas.")
  var symbols: String?

  @Option(help: "default, demo, or auto: demo for the simulated market.")
  var profile: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Any setting, as key=value; may be repeated.", valueName: "key=value"))
  var assignments: [String] = []

  /// The effective configuration with these options, and the command's own, as the highest layer.
  func load(_ own: [String: String?] = [:]) throws -> EffectiveConfiguration {
    var flags: [String: String] = [:]
    for assignment in assignments {
      guard let equals = assignment.firstIndex(of: "=") else {
        throw ValidationError("--set takes key=value, such as --set risk.maximum_exposure=0.2")
      }
      flags[String(assignment[..<equals])] = String(assignment[assignment.index(after: equals)...])
    }
    var assigned = Set(flags.keys)
    let common = ["data_dir": dataDirectory, "feed.symbols": symbols, "profile": profile]
    for (key, value) in common.merging(own, uniquingKeysWith: { $1 }) {
      guard let value else { continue }
      flags[key] = value
      assigned.remove(key)
    }
    return try CDBConfiguration.load(
      file: file, environment: ProcessInfo.processInfo.environment, flags: flags, assigned: assigned)
  }

  /// Refuses a speed where there is none to choose: a market goes at its own pace.
  static func check(speed: String?, of effective: EffectiveConfiguration) throws {
    let feed = effective.string("feed.source")
    guard speed != nil, ["sim", "binance"].contains(feed) else { return }
    throw ValidationError(
      "--speed is for recordings, and the feed is \(feed), a market that goes at its own pace: leave it out, or "
        + "choose --feed replay:PATH")
  }
}
