/// A message from a client, of the right shape: <https://www.jsonrpc.org/specification>
public enum IncomingMessage: Sendable, Equatable {
  case request(Request)
  case notification(method: String, parameters: JSONObject)
  /// An answer to a request. This server asks nothing, so nobody waits for one.
  case response

  /// Something that is to be answered.
  public struct Request: Sendable, Equatable {
    public var id: RequestID
    public var method: String
    public var parameters: JSONObject
    /// `_meta` of the parameters.
    public var meta: JSONObject
  }

  /// Why bytes are no message.
  public struct Refusal: Error, Sendable, Equatable {
    /// The request's name, as far as it could be read.
    public var id: RequestID?
    /// What is to be answered; nil for a broken notification, which is never answered.
    public var error: ProtocolError?
  }

  /// Reads one message.
  ///
  /// - Throws: ``Refusal`` with the code -32700 for what is no JSON within the limits, with -32600 for what
  ///   is no message (a batch is none), and with -32602 for a `_meta` that is none.
  public static func read(_ bytes: [UInt8], limits: JSONLimits) throws(Refusal) -> IncomingMessage {
    let value: JSONValue
    do {
      value = try JSONReader.read(bytes, limits: limits)
    } catch {
      throw Refusal(error: .parseError("this is no JSON that is taken: \(error)"))
    }
    guard let object = value.members else {
      let isBatch = value.elements != nil
      throw Refusal(error: .invalidRequest(isBatch ? "batches are not taken" : "a message is an object"))
    }
    return try message(object)
  }

  private static func message(_ object: JSONObject) throws(Refusal) -> IncomingMessage {
    let id = object["id"].flatMap(RequestID.init)
    func refusal(_ message: String) -> Refusal { Refusal(id: id, error: .invalidRequest(message)) }

    guard object["jsonrpc"] == "2.0" else { throw refusal("jsonrpc must be \"2.0\"") }
    guard let method = object["method"] else {
      guard (object["result"] == nil) != (object["error"] == nil) else {
        throw refusal("a message has a method, a result or an error")
      }
      return .response
    }
    guard let method = method.text, !method.isEmpty else { throw refusal("method must be a string") }
    guard object["id"] == nil || id != nil else { throw refusal("id must be a string or an integer") }

    let parameters = object["params"].map { $0.members } ?? JSONObject()
    guard let id else {
      guard let parameters, parameters["_meta"] == nil || parameters["_meta"]?.members != nil else {
        throw Refusal(error: nil)
      }
      return .notification(method: method, parameters: parameters)
    }
    guard let parameters else { throw refusal("params must be an object") }
    guard let meta = parameters["_meta"].map({ $0.members }) ?? JSONObject() else {
      throw Refusal(id: id, error: .invalidParams("_meta must be an object"))
    }
    if let token = meta["progressToken"], RequestID(token) == nil {
      throw Refusal(id: id, error: .invalidParams("progressToken must be a string or an integer"))
    }
    return .request(Request(id: id, method: method, parameters: parameters, meta: meta))
  }
}
