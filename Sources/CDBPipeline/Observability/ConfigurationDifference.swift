import CDBDomain

/// A process of the pipeline that was started with other settings than ws, whose settings are those that all decide by.
public struct ConfigurationDifference: Sendable, Hashable, Codable {
  /// A setting that is another.
  public struct Setting: Sendable, Hashable, Codable {
    public var key: String
    /// As the process has it; nil where it does not know the setting.
    public var value: String?
    /// As ws has it; nil where ws does not know the setting.
    public var wsValue: String?

    enum CodingKeys: String, CodingKey {
      case key, value
      case wsValue = "ws_value"
    }
  }

  /// Its stage, and where several share that, its address.
  public var process: String
  /// Of what it was started with, and of what ws was.
  public var fingerprint: String
  public var wsFingerprint: String
  /// By key; none where one of the two does not tell its settings, as in earlier versions.
  public var settings: [Setting]

  enum CodingKeys: String, CodingKey {
    case process, fingerprint, settings
    case wsFingerprint = "ws_fingerprint"
  }
}

extension ServiceGathering {
  /// Who was started with other settings than ws; nobody as long as nothing is known of ws.
  var configurations: [ConfigurationDifference] {
    guard let ws = processes(of: .ws).lazy.compactMap({ heard[$0]?.part }).first,
      !ws.status.fingerprint.isEmpty
    else { return [] }
    return StageName.allCases.flatMap { processes(of: $0) }.compactMap { process in
      guard let part = heard[process]?.part, !part.status.fingerprint.isEmpty,
        part.status.fingerprint != ws.status.fingerprint
      else { return nil }
      return ConfigurationDifference(
        process: name(of: process), fingerprint: part.status.fingerprint,
        wsFingerprint: ws.status.fingerprint,
        settings: Self.differences(part.settings, ws.settings))
    }
  }

  private static func differences(
    _ own: [String: String]?, _ ws: [String: String]?
  ) -> [ConfigurationDifference.Setting] {
    guard let own, let ws else { return [] }
    return Set(own.keys).union(ws.keys).sorted().filter { own[$0] != ws[$0] }
      .map { ConfigurationDifference.Setting(key: $0, value: own[$0], wsValue: ws[$0]) }
  }
}
