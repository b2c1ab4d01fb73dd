/// The floors of the house, and what breaks them. docs/01_architektur/house.md has the reasons.
enum Floors {
  /// Every target under Sources, with its floor. A new target is entered here before it builds a test.
  static let table: [String: Int] = [
    "CBuildInfo": 0, "CCRC32C": 0, "CCurl": 0, "CElk": 0, "CHiredis": 0, "CMallocStatistics": 0,
    "CMetricArena": 0,
    "CMetricsProtobuf": 0, "CPQ": 0, "CPlaybooks": 0, "CPrometheusProto": 0, "CProtobufC": 0,
    "CSnappy": 0, "CZlib": 0,
    "OpenMetrics": 1, "StructuredLogging": 1, "DurableQueue": 1, "HTTPTransport": 1, "PostgresClient": 1,
    "ServiceRuntime": 1, "TaskTiming": 1,
    "WebSocketTransport": 1, "OpenMetricsHummingbird": 1, "OpenMetricsPush": 1, "OpenMetricsSwiftMetrics": 1,
    "LogShipping": 1, "ModelContextProtocol": 1,
    "OpenMetricsTesting": 1, "OpenMetricsTracing": 1, "RedisTransport": 1, "RemoteWrite": 1,
    "CDBDomain": 2,
    "CDBPipeline": 3, "CDBGate": 3,
    "CDBServices": 4,
    "cdb": 5,
  ]

  /// What one target uses of the others: by its sources, or by the manifest.
  struct Use: Hashable {
    var target: String
    var module: String
    /// Where it says so, for the message.
    var place: String
  }

  /// One sentence for each use that breaks a rule; an empty list where the house stands.
  static func violations(_ uses: [Use], floors: [String: Int] = table) -> [String] {
    uses.compactMap { use in
      guard let floor = floors[use.target] else { return "\(use.place): \(use.target) has no floor" }
      if use.target == "CDBDomain" {
        return "\(use.place): CDBDomain is pure and imports nothing, not \(use.module)"
      }
      if floor <= 1, isOfCDB(use.module) {
        return "\(use.place): \(use.target) is useful without CDB and must not know \(use.module)"
      }
      guard let other = floors[use.module] else { return nil }
      if other > floor {
        return "\(use.place): \(use.target) on floor \(floor) imports \(use.module) on floor \(other)"
      }
      if use.target == "CDBPipeline", use.module == "CDBGate" {
        return "\(use.place): the gate looks at the pipeline; the pipeline must not know CDBGate"
      }
      return nil
    }
  }

  private static func isOfCDB(_ module: String) -> Bool { module.lowercased().hasPrefix("cdb") }
}
