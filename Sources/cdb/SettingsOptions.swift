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
    let common = ["data_dir": dataDirectory, "feed.symbols": symbols, "profile": profile]
    for (key, value) in common.merging(own, uniquingKeysWith: { $1 }) {
      if let value { flags[key] = value }
    }
    return try CDBConfiguration.load(
      file: file, environment: ProcessInfo.processInfo.environment, flags: flags)
  }
}
