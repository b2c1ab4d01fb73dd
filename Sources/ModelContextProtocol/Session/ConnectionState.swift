/// What is between a server and one client: messages in, messages out, and the calls that are under way.
/// A pure value, without tasks, clocks and descriptors.
///
/// Both revisions are spoken on one connection. A request with the `_meta` of 2026-07-28 is answered by
/// itself; `initialize` begins a session of 2025-11-25, which requests without that `_meta` belong to.
struct ConnectionState: Sendable {
  /// How far the session of revision 2025-11-25 is.
  enum Phase: Equatable {
    /// Nobody said `initialize`.
    case fresh
    /// It is answered; the client has not said that it knows.
    case agreed
    /// Both know, so the server may speak without being asked.
    case ready
  }

  /// A request that has no answer yet.
  struct Active {
    var id: RequestID
    var client: ClientDeclaration
    var progressToken: RequestID?
    /// Progress has to grow.
    var progress = -Double.infinity
  }

  struct Stream {
    var id: RequestID
    var filter: SubscriptionFilter
  }

  let configuration: ServerConfiguration
  var limits: ServerLimits { configuration.limits }
  var phase = Phase.fresh
  /// The client of the session; nil before `initialize`.
  var session: ClientDeclaration?
  /// Addresses that the session subscribed to.
  var subscribed: Set<String> = []
  /// Streams that are listened on, oldest first.
  var streams: [Stream] = []
  /// Calls whose answer is wanted.
  private(set) var active: [UInt64: Active] = [:]
  /// Where a name of a request is in use, by whom.
  private(set) var numbers: [RequestID: UInt64] = [:]
  /// Calls that wait for others to end, oldest first.
  private(set) var waiting: [Call] = []
  /// Calls that run, those included whose answer is not wanted any more.
  private(set) var running: Set<UInt64> = []
  private var next: UInt64 = 0

  init(_ configuration: ServerConfiguration) { self.configuration = configuration }

  /// Takes in what a transport has read.
  mutating func receive(_ frame: Frame, catalog: Catalog) -> [Action] {
    switch frame {
    case .tooLong(let limit):
      return [answer(nil, .invalidRequest("a message may have \(limit) bytes"))]
    case .message(let bytes):
      do {
        switch try IncomingMessage.read(bytes, limits: limits.json) {
        case .request(let request): return receive(request, catalog: catalog)
        case .notification(let method, let parameters): return receive(notification: method, parameters)
        case .response: return []
        }
      } catch {
        // A name that is in use belongs to another request, whose answer this is not.
        let id = error.id.flatMap { isInUse($0) ? nil : $0 }
        return error.error.map { [answer(id, $0)] } ?? []
      }
    }
  }

  private mutating func receive(_ request: IncomingMessage.Request, catalog: Catalog) -> [Action] {
    guard !isInUse(request.id) else {
      let id = ProtocolError.shortened(request.id.description)
      return [answer(nil, .invalidRequest("the id \(id) is that of a request without an answer"))]
    }
    do throws(ProtocolError) {
      guard let method = Method(rawValue: request.method) else { throw .methodNotFound(request.method) }
      let isModern =
        ClientDeclaration.isIn(request.meta) || !method.isSpoken(in: .november2025)
        || phase == .fresh && method.isSpoken(in: .july2026)
      if isModern { return try modern(method, request, catalog: catalog) }
      return try session(method, request, catalog: catalog)
    } catch {
      return [answer(request.id, error)]
    }
  }

  private mutating func receive(notification method: String, _ parameters: JSONObject) -> [Action] {
    switch method {
    case "notifications/initialized":
      if phase == .agreed { phase = .ready }
      return []
    case "notifications/cancelled":
      return parameters["requestId"].flatMap(RequestID.init).map { cancel($0) } ?? []
    default: return []
    }
  }

  func isInUse(_ id: RequestID) -> Bool { numbers[id] != nil || streams.contains { $0.id == id } }

  func answer(_ id: RequestID?, _ error: ProtocolError) -> Action {
    .send(Outgoing(.error(id, error), to: id.map { .request($0) } ?? .connection))
  }

  func answer(_ request: IncomingMessage.Request, _ result: JSONObject) -> Action {
    .send(Outgoing(.result(request.id, result), to: .request(request.id)))
  }
}

// Calls.
extension ConnectionState {
  mutating func begin(
    _ operation: Call.Operation, _ request: IncomingMessage.Request, client: ClientDeclaration
  ) throws(ProtocolError) -> [Action] {
    guard running.count < limits.running || waiting.count < limits.waiting else {
      throw .busy(limit: limits.waiting)
    }
    next += 1
    let call = Call(
      number: next, id: request.id, client: client, meta: request.meta, operation: operation)
    active[next] = Active(
      id: request.id, client: client, progressToken: request.meta["progressToken"].flatMap(RequestID.init))
    numbers[request.id] = next
    guard running.count < limits.running else {
      waiting.append(call)
      return []
    }
    running.insert(call.number)
    return [.start(call)]
  }

  /// The work of a call has ended.
  ///
  /// - Parameter outcome: its answer; nil where there is none, since it was cancelled.
  mutating func finish(_ number: UInt64, with outcome: Result<JSONObject, ProtocolError>?) -> [Action] {
    running.remove(number)
    var actions: [Action] = []
    if let call = active.removeValue(forKey: number) {
      numbers[call.id] = nil
      switch outcome {
      case .success(let result):
        actions.append(.send(Outgoing(.result(call.id, result), to: .request(call.id))))
      case .failure(let error): actions.append(answer(call.id, error))
      case nil: break
      }
    }
    if running.count < limits.running, !waiting.isEmpty {
      let call = waiting.removeFirst()
      running.insert(call.number)
      actions.append(.start(call))
    }
    return actions
  }

  /// Something is said about a call; nothing about one whose answer is not wanted any more.
  mutating func tell(_ event: CallEvent, of number: UInt64) -> [Action] {
    guard var call = active[number] else { return [] }
    let message: OutgoingMessage
    switch event {
    case .progress(let value, let total, let text):
      guard let token = call.progressToken, value > call.progress, let progress = JSONValue(value) else {
        return []
      }
      call.progress = value
      active[number] = call
      var parameters: JSONObject = ["progressToken": token.json, "progress": progress]
      parameters["total"] = total.flatMap { JSONValue($0) }
      parameters["message"] = text.map { .string($0) }
      message = .notification(method: "notifications/progress", parameters: parameters)
    case .log(let level, let data, let logger):
      let least = call.client.revision == .july2026 ? call.client.logLevel : session?.logLevel
      guard configuration.tellsLogs, let least, level >= least else { return [] }
      var parameters: JSONObject = ["level": .string(level.rawValue)]
      parameters["logger"] = logger.map { .string($0) }
      parameters["data"] = data
      message = .notification(method: "notifications/message", parameters: parameters)
    }
    return [.send(Outgoing(message, to: .request(call.id)))]
  }

  /// A client does not want an answer any more. Names that are not in use are passed over.
  mutating func cancel(_ id: RequestID) -> [Action] {
    if let number = numbers.removeValue(forKey: id) {
      active[number] = nil
      waiting.removeAll { $0.number == number }
      return running.contains(number) ? [.cancel(number)] : []
    }
    streams.removeAll { $0.id == id }
    return []
  }

  /// All calls that run are to end now.
  mutating func cancelAll() -> [Action] {
    active = [:]
    numbers = [:]
    waiting = []
    return running.sorted().map { .cancel($0) }
  }
}
