import CDBDomain
import CDBPipeline
import ServiceRuntime

/// Where the processes of a pipeline answer that runs as several.
public enum ServicesSettings {
  /// Where the gate service listens unless it is told otherwise.
  static let gatePort = 8_004

  static func key(_ stage: StageName) -> String { "services.\(stage.rawValue)" }

  static let keys = StageName.allCases.map { stage in
    ConfigurationKey(
      key(stage), .string, default: "127.0.0.1:\(stage.standardPort)",
      help: "Where the process of \(stage.rawValue) answers, host:port, for the gate service.")
  }

  /// The address of each stage's process.
  static func addresses(_ settings: EffectiveConfiguration) throws -> [StageName: ListenAddress] {
    var addresses: [StageName: ListenAddress] = [:]
    for stage in StageName.allCases {
      let text = settings.string(key(stage))
      guard let address = ListenAddress(text), address.port > 0 else {
        throw InvalidSetting(key: key(stage), value: text, expected: "host:port, such as 127.0.0.1:8000")
      }
      addresses[stage] = address
    }
    return addresses
  }
}
