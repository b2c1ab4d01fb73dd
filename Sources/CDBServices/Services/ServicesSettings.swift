import CDBDomain
import CDBPipeline
import Foundation
import ServiceRuntime

/// Where the processes of a pipeline answer that runs as several.
public enum ServicesSettings {
  /// Where the gate service listens unless it is told otherwise.
  static let gatePort = 8_004

  static func key(_ stage: StageName) -> String { "services.\(stage.rawValue)" }

  static let keys = StageName.allCases.map { stage in
    ConfigurationKey(
      key(stage), .string, default: "127.0.0.1:\(stage.standardPort)",
      help: "Where the process of \(stage.rawValue) answers, host:port, for the gate service"
        + (hasSeveral(stage) ? "; several, of shares and of those that stand by, with commas between." : "."))
  }

  /// Whether a stage may run in several processes: one journal has one ws, and a store one writer.
  private static func hasSeveral(_ stage: StageName) -> Bool {
    switch stage {
    case .core, .risk, .execution: true
    case .ws, .dbWriter: false
    }
  }

  /// The addresses of each stage's processes, as they are named.
  static func addresses(_ settings: EffectiveConfiguration) throws -> [StageName: [ListenAddress]] {
    var addresses: [StageName: [ListenAddress]] = [:]
    for stage in StageName.allCases {
      let text = settings.string(key(stage))
      let named = text.split(separator: ",", omittingEmptySubsequences: false)
        .map { ListenAddress(String($0).trimmingCharacters(in: .whitespaces)) }
      let found = named.compactMap { $0 }.filter { $0.port > 0 }
      guard found.count == named.count, Set(found.map { "\($0)" }).count == found.count else {
        throw InvalidSetting(
          key: key(stage), value: text,
          expected: "host:port, such as 127.0.0.1:8000"
            + (hasSeveral(stage) ? ", or several with commas" : ""))
      }
      guard found.count == 1 || hasSeveral(stage) else {
        throw InvalidSetting(
          key: key(stage), value: text, expected: "one address: \(stage.rawValue) is one process")
      }
      addresses[stage] = found
    }
    return addresses
  }
}
