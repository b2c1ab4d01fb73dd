/// An error that answers a request.
///
/// Codes: <https://modelcontextprotocol.io/specification/2026-07-28/basic#error-codes>
public struct ProtocolError: Error, Sendable, Equatable {
  public var code: Int64
  /// One sentence for whoever reads the client's log. It must hold no secret.
  public var message: String
  public var data: JSONValue?

  public init(code: Int64, message: String, data: JSONValue? = nil) {
    self.code = code
    self.message = message
    self.data = data
  }

  /// The bytes are no JSON.
  static func parseError(_ message: String) -> Self { Self(code: -32700, message: message) }
  /// The JSON is no message.
  static func invalidRequest(_ message: String) -> Self { Self(code: -32600, message: message) }
  static func methodNotFound(_ method: String) -> Self {
    Self(code: -32601, message: "there is no method \(JSONValue.string(shortened(method)).encodedText)")
  }
  /// The parameters do not fit the method.
  public static func invalidParams(_ message: String) -> Self { Self(code: -32602, message: message) }
  /// The server failed, through no fault of the client.
  public static func internalError(_ message: String) -> Self { Self(code: -32603, message: message) }

  /// More requests at once than the server takes. The code is its own: the protocol has none for that.
  static func busy(limit: Int) -> Self {
    Self(
      code: 429, message: "more than \(limit) requests wait already; send it again later",
      data: ["limit": .integer(Int64(limit))])
  }

  /// The code and its data are those of the revision: 2025-11-25 has a code of its own for it.
  static func resourceNotFound(_ uri: String, in revision: ProtocolRevision) -> Self {
    let code: Int64 = revision == .november2025 ? -32002 : -32602
    return Self(code: code, message: "there is no such resource", data: ["uri": .string(uri)])
  }

  static func unsupportedVersion(_ requested: String) -> Self {
    Self(
      code: -32022, message: "this revision of the protocol is not spoken here",
      data: [
        "requested": .string(requested),
        "supported": .array(ProtocolRevision.names.map { .string($0) }),
      ])
  }

  /// Revision 2025-11-25 has no code of its own for it.
  static func missingClientCapability(_ name: String, in revision: ProtocolRevision) -> Self {
    let message = "this needs a client that declares the capability \(name)"
    guard revision == .july2026 else { return .invalidRequest(message) }
    return Self(
      code: -32021, message: message,
      data: ["requiredCapabilities": .object(JSONObject([(name, .object([:]))]))])
  }

  /// As much of a stranger's text as an answer repeats.
  static func shortened(_ text: String) -> String { String(text.prefix(100)) }

  var json: JSONObject {
    var object: JSONObject = ["code": .integer(code), "message": .string(message)]
    object["data"] = data
    return object
  }
}
