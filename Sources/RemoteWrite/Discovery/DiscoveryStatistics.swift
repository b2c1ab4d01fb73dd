/// How a search for targets is.
public struct DiscoveryStatistics: Sendable, Equatable {
  public internal(set) var job = ""
  /// `file`, `http` or `docker`.
  public internal(set) var mechanism = ""
  /// What is looked at.
  public internal(set) var place = ""
  /// Looks since the start, and those of them that found something wrong.
  public internal(set) var looks: UInt64 = 0
  public internal(set) var failures: UInt64 = 0
  /// Milliseconds since the epoch; of the last look without a fault.
  public internal(set) var lastSuccess: Int64?
  /// Addresses that there are, before any rule.
  public internal(set) var addresses = 0
  /// What is wrong as of the last look, a sentence each; what was known before counts then.
  public internal(set) var faults: [String] = []
}
