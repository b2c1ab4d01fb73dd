import CDBDomain
import CDBPipeline
import ServiceRuntime

/// Where the processes of a pipeline answer that runs as several.
public enum ServicesSettings {
  /// The port of each stage's process where nothing else is said.
  static let ports: [StageName: Int] = [
    .ws: 8000, .core: 8001, .risk: 8002, .execution: 8003, .dbWriter: 8010,
  ]
  /// Where the gate service listens where nothing else is said.
  public static let gateAddress = ListenAddress(port: 8004)

  static func key(_ stage: StageName) -> String { "services.\(stage.rawValue)" }

  static let keys = StageName.allCases.map { stage in
    ConfigurationKey(
      key(stage), .string, default: "127.0.0.1:\(ports[stage] ?? 0)",
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

extension EffectiveConfiguration {
  /// Where a service listens: `http.listen`, or an address of its own where that is not set.
  func listenAddress(otherwise own: ListenAddress) throws -> ListenAddress {
    guard origin("http.listen") != .default else { return own }
    guard let address = ListenAddress(string("http.listen")) else {
      throw InvalidSetting(
        key: "http.listen", value: string("http.listen"), expected: "host:port, such as \(own)")
    }
    return address
  }
}
