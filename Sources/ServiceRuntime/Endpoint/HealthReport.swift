/// Whether a service does its work, and which part does not.
public struct HealthReport: Codable, Equatable, Sendable {
  public enum Status: String, Codable, Sendable {
    case ok
    case failed
  }

  public struct Component: Codable, Equatable, Sendable {
    public let name: String
    public let healthy: Bool
    /// Why it is not, or what is worth knowing though it is.
    public let reason: String?
    /// How old the observation is, in seconds.
    public let ageSeconds: Double?

    enum CodingKeys: String, CodingKey {
      case name, healthy, reason
      case ageSeconds = "age_seconds"
    }

    public init(name: String, healthy: Bool, reason: String? = nil, age: Duration? = nil) {
      self.name = name
      self.healthy = healthy
      self.reason = reason
      self.ageSeconds = age.map { $0 / .seconds(1) }
    }
  }

  public let status: Status
  public let components: [Component]

  public init(status: Status, components: [Component] = []) {
    self.status = status
    self.components = components
  }

  /// Failed as soon as one component is.
  public init(components: [Component]) {
    self.init(status: components.allSatisfy(\.healthy) ? .ok : .failed, components: components)
  }

  /// Nothing to complain about.
  public static let ok = HealthReport(status: .ok)
}
