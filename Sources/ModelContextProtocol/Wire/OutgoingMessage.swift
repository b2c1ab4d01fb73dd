/// A message to a client.
public enum OutgoingMessage: Sendable, Equatable {
  case result(RequestID, JSONObject)
  /// Without a name where the request's could not be read.
  case error(RequestID?, ProtocolError)
  case notification(method: String, parameters: JSONObject)

  /// As it goes over the wire.
  public var json: JSONValue {
    var object: JSONObject = ["jsonrpc": "2.0"]
    switch self {
    case .result(let id, let result):
      object["id"] = id.json
      object["result"] = .object(result)
    case .error(let id, let error):
      object["id"] = id?.json
      object["error"] = .object(error.json)
    case .notification(let method, let parameters):
      object["method"] = .string(method)
      if !parameters.isEmpty { object["params"] = .object(parameters) }
    }
    return .object(object)
  }
}

/// A message and where it belongs. On a transport with one channel the place makes no difference; one with
/// a stream for each request sends it there.
public struct Outgoing: Sendable, Equatable {
  /// What a message is about.
  public enum Place: Sendable, Equatable {
    /// A request's answer, and what is said while it is under way.
    case request(RequestID)
    /// The connection as a whole.
    case connection
  }

  public var place: Place
  public var message: OutgoingMessage

  public init(_ message: OutgoingMessage, to place: Place) {
    self.place = place
    self.message = message
  }
}
