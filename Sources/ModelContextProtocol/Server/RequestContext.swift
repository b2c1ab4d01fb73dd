/// What whoever answers a request knows of it, and may say meanwhile.
public struct RequestContext: Sendable {
  public let id: RequestID
  public let client: ClientDeclaration
  /// `_meta` of the request.
  public let meta: JSONObject
  let tell: @Sendable (CallEvent) async -> Void

  /// `traceparent` of W3C's Trace Context, where the request has one of the right form.
  public var traceParent: String? {
    guard let text = meta["traceparent"]?.text else { return nil }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let isHex = { (part: Substring) in
      part.utf8.allSatisfy {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
      }
    }
    let hasContent = { (part: Substring) in part.contains { $0 != "0" } }
    guard parts.count == 4, parts.map(\.utf8.count) == [2, 32, 16, 2], parts.allSatisfy(isHex),
      parts[0] != "ff", hasContent(parts[1]), hasContent(parts[2])
    else { return nil }
    return text
  }

  /// Says how far the work is, to a client that wants to know. What is not more than what was said before
  /// is not said. Waits for a client that reads slowly.
  public func progress(_ value: Double, of total: Double? = nil, message: String? = nil) async {
    await tell(.progress(value, total: total, message: message))
  }

  /// Says something for a client's log, where the server tells logs and the client wants messages so grave.
  public func log(_ level: LogLevel, _ data: JSONValue, logger: String? = nil) async {
    await tell(.log(level, data, logger: logger))
  }

  /// Goes on only where the client has declared a capability, such as `elicitation`.
  public func require(clientCapability name: String) throws(ProtocolError) {
    guard client.capabilities[name]?.members != nil else {
      throw .missingClientCapability(name, in: client.revision)
    }
  }
}
