/// What a client says of itself: once in revision 2025-11-25, with each request in 2026-07-28.
public struct ClientDeclaration: Sendable, Equatable {
  public var revision: ProtocolRevision
  /// What it calls itself. Nothing may be decided by it.
  public var name: String?
  public var version: String?
  /// `ClientCapabilities` of the protocol.
  public var capabilities: JSONObject
  /// The least grave log messages that it wants; nil where it wants none.
  public var logLevel: LogLevel?

  static let versionKey = "io.modelcontextprotocol/protocolVersion"
  static let capabilitiesKey = "io.modelcontextprotocol/clientCapabilities"
  private static let infoKey = "io.modelcontextprotocol/clientInfo"
  private static let logLevelKey = "io.modelcontextprotocol/logLevel"

  /// That of `_meta`, in revision 2026-07-28.
  ///
  /// - Throws: -32602 where something is missing or of another type, -32022 for another revision.
  init(meta: JSONObject) throws(ProtocolError) {
    let parameters = Parameters(meta)
    let version = try parameters.string(Self.versionKey)
    guard version == ProtocolRevision.july2026.rawValue else { throw .unsupportedVersion(version) }
    revision = .july2026
    capabilities = try parameters.members(Self.capabilitiesKey)
    if let info = try parameters.optionalMembers(Self.infoKey) {
      name = try Parameters(info).string("name")
      self.version = try Parameters(info).string("version")
    }
    logLevel = try Self.level(parameters, Self.logLevelKey)
  }

  /// That of `initialize`, in revision 2025-11-25. Whatever revision it names, this is the one it is offered.
  ///
  /// - Throws: -32602 where something is missing or of another type.
  init(initialize parameters: Parameters) throws(ProtocolError) {
    _ = try parameters.string("protocolVersion")
    revision = .november2025
    capabilities = try parameters.members("capabilities")
    let info = Parameters(try parameters.members("clientInfo"))
    name = try info.string("name")
    version = try info.string("version")
  }

  /// Whether a request's `_meta` is one of revision 2026-07-28, whole or not.
  static func isIn(_ meta: JSONObject) -> Bool { meta[versionKey] != nil || meta[capabilitiesKey] != nil }

  static func level(_ parameters: Parameters, _ name: String) throws(ProtocolError) -> LogLevel? {
    guard let text = try parameters.optionalString(name) else { return nil }
    guard let level = LogLevel(rawValue: text) else {
      let names = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
      throw .invalidParams("\(name) must be one of \(names)")
    }
    return level
  }
}
