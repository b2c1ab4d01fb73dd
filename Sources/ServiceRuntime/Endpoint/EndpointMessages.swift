import FoundationEssentials

/// A request as a route sees it: checked, limited and complete.
public struct EndpointRequest: Sendable {
  /// In capitals.
  public let method: String
  /// Without the query; not percent-decoded.
  public let path: String
  public let query: [QueryItem]
  public let body: [UInt8]
  let fields: [(name: String, value: String)]

  /// The value of a header field, whatever the letter case of its name; several are joined by a comma.
  public func header(_ name: String) -> String? {
    let name = name.lowercased()
    let values = fields.filter { $0.name == name }.map(\.value)
    return values.isEmpty ? nil : values.joined(separator: ", ")
  }
}

/// A response as a route makes it.
public struct EndpointResponse: Sendable {
  public enum Body: Sendable {
    case bytes([UInt8])
    /// Written piece by piece, as server-sent events are. The closure's argument sends a piece and returns
    /// when there is room for the next; it throws when the peer has gone.
    case stream(@Sendable (_ send: @escaping @Sendable ([UInt8]) async throws -> Void) async throws -> Void)
  }

  public var status: Int
  public var headers: [(name: String, value: String)]
  public var body: Body

  public init(status: Int = 200, headers: [(name: String, value: String)] = [], body: Body = .bytes([])) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// `bytes` with their media type.
  public init(status: Int = 200, contentType: String, bytes: [UInt8]) {
    self.init(status: status, headers: [("Content-Type", contentType)], body: .bytes(bytes))
  }

  static func json(_ status: Int, bytes: [UInt8]) -> Self {
    Self(status: status, contentType: "application/json", bytes: bytes + [UInt8(ascii: "\n")])
  }

  /// A value as JSON with sorted keys.
  public static func json(_ status: Int = 200, _ value: some Encodable) -> Self {
    guard let data = try? JSONText.encoder().encode(value) else {
      return .error(500, "internal", "the answer cannot be written as JSON")
    }
    return json(status, bytes: Array(data))
  }

  /// `{"error":{"code":…,"message":…}}`.
  public static func error(_ status: Int, _ code: String, _ message: String) -> Self {
    json(status, ErrorDocument(error: .init(code: code, message: message)))
  }

  static func error(_ error: OperationError) -> Self {
    .error(error.code.httpStatus, error.code.rawValue, error.message)
  }
}

/// The body of every answer that is an error.
private struct ErrorDocument: Encodable {
  struct Detail: Encodable {
    let code: String
    let message: String
  }

  let error: Detail
}
