import CDBDomain

/// How a client of Binance's streams behaves: when it connects, what it asks for, when it gives a connection up,
/// and how long it waits. A value without I/O; time and chance come in.
///
/// At any instant there is at most one connection whose data counts, and at most one that is to take its place:
/// one that gets old, or that the server is about to end, is left only once the other streams.
public struct BinanceSession: Sendable {
  public typealias Instant = ContinuousClock.Instant

  public struct ConnectionID: Sendable, Hashable, Comparable {
    public var number: Int
    public static func < (a: Self, b: Self) -> Bool { a.number < b.number }
  }

  /// Why a connection ended: the label of a metric.
  public enum Ending: String, Sendable, Hashable, CaseIterable {
    /// No connection came about: nobody listens, no name, no answer in time.
    case unreachable
    /// The server's answer was another status than that of a WebSocket.
    case refused
    case tls
    /// It broke without a word, or with the server's close frame.
    case lost
    case closed
    /// What the server sent is not allowed, too long, or no text.
    case protocolViolation = "protocol_violation"
    case oversizedMessage = "oversized_message"
    case invalidText = "invalid_text"
    case silence
    case dataSilence = "data_silence"
    case subscriptionRefused = "subscription_refused"
    case subscriptionTimeout = "subscription_timeout"
    /// The server had said that it would end it.
    case shutdownAnnounced = "shutdown_announced"
    case age
  }

  public enum Input: Sendable, Hashable {
    case opened(ConnectionID)
    case received(ConnectionID, BinanceStreams.Meaning)
    /// A ping came, and the transport has sent a pong.
    case pinged(ConnectionID)
    /// It is over. `retryAfter` is what the server asked for.
    case closed(ConnectionID, Ending, String, retryAfter: Duration?)
    /// Nothing but time has passed.
    case timer
    /// This side does not read: the silence is not the exchange's.
    case heldUp
  }

  public enum Action: Sendable, Hashable {
    case connect(ConnectionID)
    case send(ConnectionID, String)
    /// Send a close frame, and read on to the end.
    case close(ConnectionID)
    /// Leave it: what still comes does not count.
    case abandon(ConnectionID)
    /// For the log and the metrics.
    case ended(ConnectionID, Ending, String)
  }

  struct Connection: Sendable {
    enum Phase: Sendable, Hashable { case connecting, subscribing, streaming }

    let id: ConnectionID
    var phase = Phase.connecting
    /// When the phase began.
    var since: Instant
    var lastMessage: Instant
    var lastData: Instant
    var hasData = false
    /// When it is to be replaced for its age.
    var retirement: Instant
    /// Requests that are not sent yet, and those whose answer is to come.
    var unsent: [String] = []
    var unanswered: [Int64: Instant] = [:]
    /// When messages were sent in the last second.
    var sent: [Instant] = []
    /// Why it is to be replaced.
    var replacement: Ending?
  }

  let timing: SessionTiming
  private let streams: [String]
  var current: Connection?
  /// It takes the current one's place once it streams.
  var successor: Connection?
  /// When the next attempt is due; nil while none is wanted.
  private(set) var nextAttempt: Instant?
  private var backoff: Backoff
  private var attempts: [Instant] = []
  private var nextNumber = 1
  private var nextRequest: Int64 = 1
  /// What went wrong last, while no connection streams.
  private(set) var trouble: String?
  private(set) var troubleSince: Instant

  /// - Parameter streams: such as `btcusdt@trade`; at most ``SessionTiming/streamsPerConnection``.
  public init(streams: [String], timing: SessionTiming = SessionTiming(), start: Instant) {
    self.streams = streams
    self.timing = timing
    backoff = Backoff(first: timing.firstWait, cap: timing.longestWait)
    nextAttempt = start
    troubleSince = start
  }

  public mutating func handle(
    _ input: Input, at now: Instant, random: inout some RandomNumberGenerator
  ) -> [Action] {
    var actions: [Action] = []
    switch input {
    case .timer: break
    case .heldUp:
      for id in [current, successor].compactMap({ $0?.id }) {
        self[id]?.lastMessage = now
        self[id]?.lastData = now
      }
    case .opened(let id): self[id].map { self[id] = opened($0, at: now, &random) }
    case .pinged(let id):
      self[id]?.lastMessage = now
      self[id]?.sent.append(now)
    case .received(let id, let meaning): receive(id, meaning, at: now, &random, &actions)
    case .closed(let id, let ending, let reason, let retryAfter):
      end(id, ending, reason, retryAfter: retryAfter, isOver: true, at: now, &random, &actions)
    }
    watch(at: now, &random, &actions)
    promote(at: now, &actions)
    attempt(at: now, &actions)
    for connection in [current, successor].compactMap({ $0 }) { request(connection, at: now, &actions) }
    return actions
  }

  /// The connection of that number, unless it was given up.
  private subscript(id: ConnectionID) -> Connection? {
    get { [current, successor].lazy.compactMap { $0 }.first { $0.id == id } }
    set { if current?.id == id { current = newValue } else if successor?.id == id { successor = newValue } }
  }
}

// MARK: The life of a connection

extension BinanceSession {
  private mutating func attempt(at now: Instant, _ actions: inout [Action]) {
    guard let due = nextAttempt, now >= due, successor == nil else { return }
    attempts.removeAll { [timing] in now - $0 >= timing.fiveMinutes }
    guard attempts.count < timing.attemptsPerFiveMinutes else {
      nextAttempt = attempts[0] + timing.fiveMinutes
      return
    }
    attempts.append(now)
    nextAttempt = nil
    let connection = Connection(
      id: ConnectionID(number: nextNumber), since: now, lastMessage: now, lastData: now,
      retirement: now + timing.age)
    nextNumber += 1
    if current == nil { current = connection } else { successor = connection }
    actions.append(.connect(connection.id))
  }

  private func opened(
    _ connection: Connection, at now: Instant, _ random: inout some RandomNumberGenerator
  ) -> Connection {
    var connection = connection
    connection.phase = .subscribing
    (connection.since, connection.lastMessage, connection.lastData) = (now, now, now)
    connection.retirement = now + timing.age - timing.ageSpread * Double.random(in: 0...1, using: &random)
    for start in stride(from: 0, to: streams.count, by: timing.streamsPerRequest) {
      let names = streams[start..<min(start + timing.streamsPerRequest, streams.count)]
      connection.unsent.append(names.map { "\"\($0)\"" }.joined(separator: ","))
    }
    return connection
  }

  /// Sends what waits, as far as the server's limit lets it.
  private mutating func request(_ asking: Connection, at now: Instant, _ actions: inout [Action]) {
    var connection = asking
    defer { self[connection.id] = connection }
    connection.sent.removeAll { [timing] in now - $0 >= timing.second }
    guard connection.phase == .subscribing else { return }
    while !connection.unsent.isEmpty, connection.sent.count < timing.messagesPerSecond {
      let names = connection.unsent.removeFirst()
      connection.sent.append(now)
      connection.unanswered[nextRequest] = now
      actions.append(
        .send(connection.id, #"{"method":"SUBSCRIBE","params":[\#(names)],"id":\#(nextRequest)}"#))
      nextRequest += 1
    }
  }

  private mutating func receive(
    _ id: ConnectionID, _ meaning: BinanceStreams.Meaning, at now: Instant,
    _ random: inout some RandomNumberGenerator, _ actions: inout [Action]
  ) {
    guard var connection = self[id] else { return }
    connection.lastMessage = now
    var isRefused = false
    switch meaning {
    case .data:
      connection.lastData = now
      connection.hasData = true
    case .acknowledgement(let request?): connection.unanswered[request] = nil
    case .refusal(let request):
      let isAnswer = request.map { connection.unanswered[$0] != nil } ?? true
      isRefused = connection.phase == .subscribing && isAnswer
    case .shutdown: connection.replacement = connection.replacement ?? .shutdownAnnounced
    case .acknowledgement, .other: break
    }
    if connection.phase == .subscribing, connection.unsent.isEmpty, connection.unanswered.isEmpty {
      connection.phase = .streaming
      connection.since = now
    }
    self[id] = connection
    if isRefused {
      end(
        id, .subscriptionRefused, "the exchange refuses the subscription", retryAfter: nil, isOver: false,
        at: now, &random, &actions)
    }
  }

  /// Once the successor has data, everything that the current one was sent before is on its way: it is closed,
  /// read to its end, and the other goes on where it ended.
  private mutating func promote(at now: Instant, _ actions: inout [Action]) {
    guard let next = successor, next.phase == .streaming, next.hasData, let old = current else { return }
    actions.append(.close(old.id))
    actions.append(.ended(old.id, old.replacement ?? .age, "another connection has taken its place"))
    current = next
    successor = nil
  }

  /// Ends a connection that is over, or that is given up, and plans the next attempt.
  private mutating func end(
    _ id: ConnectionID, _ ending: Ending, _ reason: String, retryAfter: Duration?, isOver: Bool,
    at now: Instant, _ random: inout some RandomNumberGenerator, _ actions: inout [Action]
  ) {
    guard let connection = self[id] else { return }
    if !isOver { actions.append(.abandon(id)) }
    let isAnnounced = connection.replacement == .shutdownAnnounced && isOver
    actions.append(.ended(id, isAnnounced ? .shutdownAnnounced : ending, reason))
    if current?.id == id {
      current = successor
      if current == nil {
        trouble = reason
        if connection.phase == .streaming { troubleSince = now }
      }
    }
    successor = nil
    guard current == nil || current?.replacement != nil else { return }
    settle(connection, at: now)
    nextAttempt = now + max(backoff.next(random: &random), retryAfter ?? .zero)
  }

  private mutating func settle(_ connection: Connection, at now: Instant) {
    if connection.phase == .streaming, now - connection.since >= timing.healthy { backoff.reset() }
  }
}

// MARK: Time

extension BinanceSession {
  /// Gives up what is silent or unanswered, and plans the replacement of what is old or announced to end.
  private mutating func watch(
    at now: Instant, _ random: inout some RandomNumberGenerator, _ actions: inout [Action]
  ) {
    for connection in [current, successor].compactMap({ $0 }) {
      if let (ending, reason) = complaint(about: connection, at: now) {
        end(connection.id, ending, reason, retryAfter: nil, isOver: false, at: now, &random, &actions)
      }
    }
    guard let connection = current, connection.phase == .streaming else { return }
    if connection.replacement == nil, now >= connection.retirement { current?.replacement = .age }
    guard current?.replacement != nil, successor == nil, nextAttempt == nil else { return }
    settle(connection, at: now)
    // At once where all was well; a server that announces its end again and again is waited for.
    let isFirst = backoff.failures == 0
    let wait = backoff.next(random: &random)
    nextAttempt = isFirst ? now : now + wait
  }

  private func complaint(about connection: Connection, at now: Instant) -> (Ending, String)? {
    switch connection.phase {
    case .connecting:
      return now - connection.since >= timing.opening ? (.unreachable, "no connection in time") : nil
    case .subscribing:
      if let oldest = connection.unanswered.values.min(), now - oldest >= timing.acknowledgement {
        return (.subscriptionTimeout, "the exchange does not answer the subscription")
      }
    case .streaming:
      if now - connection.lastData >= timing.dataSilence {
        return (.dataSilence, "the exchange sends no market data")
      }
    }
    return now - connection.lastMessage >= timing.silence ? (.silence, "the exchange is silent") : nil
  }

  /// The state as a word.
  var state: String {
    switch current?.phase {
    case .connecting: "connecting"
    case .subscribing: "subscribing"
    case .streaming: "streaming"
    case nil: "waiting"
    }
  }

  var isStreaming: Bool { current?.phase == .streaming }

  /// What keeps the feed from streaming, once it has for a while.
  func failure(at now: Instant) -> String? {
    guard !isStreaming, now - troubleSince >= timing.firstWait * 10 else { return nil }
    return "\(trouble ?? "not connected"); \(state)"
  }
}
