extension ConnectionState {
  private static let subscriptionKey = "io.modelcontextprotocol/subscriptionId"

  /// How much the client subscribes to: addresses, and streams.
  var subscriptions: Int { subscribed.count + streams.reduce(0) { $0 + 1 + $1.filter.uris.count } }

  /// Opens a stream. What is honoured of the wish is said first; the answer comes when the server closes it.
  mutating func listen(
    _ request: IncomingMessage.Request, catalog: Catalog
  ) throws(ProtocolError) -> [Action] {
    let wish = Parameters(try Parameters(request.parameters).members("notifications"))
    let filter = try SubscriptionFilter(wish, of: catalog)
    guard subscriptions + 1 + filter.uris.count <= limits.subscriptions else {
      throw .busy(limit: limits.subscriptions)
    }
    streams.append(Stream(id: request.id, filter: filter))
    let acknowledged = OutgoingMessage.notification(
      method: "notifications/subscriptions/acknowledged",
      parameters: ["_meta": [Self.subscriptionKey: request.id.json], "notifications": filter.json])
    return [.send(Outgoing(acknowledged, to: .request(request.id)))]
  }

  /// Tells of a change whoever wants to know: the session once, and each stream that asked for it.
  func tell(_ change: Change) -> [Action] {
    var actions: [Action] = []
    let isForSession: Bool
    if case .resource(let uri) = change {
      isForSession = subscribed.contains(uri)
    } else {
      isForSession = true
    }
    if phase == .ready, isForSession {
      let message = OutgoingMessage.notification(method: change.method, parameters: change.parameters)
      actions.append(.send(Outgoing(message, to: .connection)))
    }
    for stream in streams where stream.filter.wants(change) {
      var parameters = change.parameters
      parameters["_meta"] = .object([Self.subscriptionKey: stream.id.json])
      let message = OutgoingMessage.notification(method: change.method, parameters: parameters)
      actions.append(.send(Outgoing(message, to: .request(stream.id))))
    }
    return actions
  }

  /// The server ends: each stream gets the answer to the request that opened it.
  mutating func closeStreams() -> [Action] {
    defer { streams = [] }
    return streams.map { stream in
      var result = configuration.completed([:], in: .july2026)
      var meta = result["_meta"]?.members ?? [:]
      meta[Self.subscriptionKey] = stream.id.json
      result["_meta"] = .object(meta)
      return .send(Outgoing(.result(stream.id, result), to: .request(stream.id)))
    }
  }
}
