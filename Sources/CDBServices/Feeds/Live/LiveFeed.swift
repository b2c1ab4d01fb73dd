import CDBDomain
import CDBPipeline
import HTTPTransport
import Logging
import ServiceLifecycle
import Synchronization
import WebSocketTransport

/// A live feed: connections to an exchange that speaks Binance's protocol, as a ``BinanceSession`` wants
/// them, and the snapshots of books that a ``SnapshotSchedule`` asks for. What comes in is taken by its ``source``.
public final class LiveFeed: Service, Sendable {
  typealias ConnectionID = BinanceSession.ConnectionID

  /// What a connection is told.
  enum Command: Sendable {
    case send(String)
    case close
  }

  struct State {
    var session: BinanceSession
    var schedule: SnapshotSchedule
    var commands: [ConnectionID: AsyncStream<Command>.Continuation] = [:]
    var status = FeedConnection()
    var snapshotTrouble: String?
    var random = SystemRandomNumberGenerator()
  }

  let options: LiveFeedOptions
  let endpoint: WebSocketEndpoint
  let streams: BinanceStreams
  let inbox = FrameInbox()
  let client = WebSocketClient()
  let http: HTTPClient
  let state: Mutex<State>
  let logger: Logger
  let unsynchronised: @Sendable () -> [String]
  private let connects:
    (stream: AsyncStream<ConnectionID>, continuation: AsyncStream<ConnectionID>.Continuation)

  /// - Parameter unsynchronised: the symbols whose books wait for a snapshot, as the decoder sees them.
  /// - Throws: `WebSocketError` where the URL is none.
  public init(
    _ options: LiveFeedOptions, logger: Logger, unsynchronised: @escaping @Sendable () -> [String]
  ) throws {
    self.options = options
    self.logger = logger
    self.unsynchronised = unsynchronised
    let base =
      options.webSocketURL.hasSuffix("/") ? String(options.webSocketURL.dropLast()) : options.webSocketURL
    endpoint = try WebSocketEndpoint(url: base + "/stream")
    streams = BinanceStreams(options.instruments)
    http = HTTPClient(tls: TLSOptions(authoritiesFile: options.authoritiesFile))
    let session = BinanceSession(streams: options.streams, timing: options.timing, start: .now)
    state = Mutex(State(session: session, schedule: SnapshotSchedule(limits: options.snapshots)))
    connects = AsyncStream.makeStream()
  }

  /// The frames of this feed; to be read by one pipeline.
  public var source: LiveSource {
    LiveSource(name: options.name, inbox: inbox, base: options.sourceBase) { [self] in connection }
  }

  /// How the connection stands.
  public var connection: FeedConnection {
    state.withLock { state in
      var status = state.status
      status.isStreaming = state.session.isStreaming
      status.state = state.session.state
      status.failure = state.session.failure(at: .now) ?? state.snapshotTrouble
      return status
    }
  }

  /// Connects and stays connected until the task is cancelled or the services are drained.
  public func run() async throws {
    await cancelWhenGracefulShutdown { [self] in
      await withDiscardingTaskGroup { group in
        group.addTask { await self.keepTime() }
        group.addTask { await self.keepBooks() }
        for await id in connects.stream { group.addTask { await self.connect(id) } }
        group.cancelAll()
      }
    }
  }

  /// Hands an input to the session, and does what it says.
  func handle(_ input: BinanceSession.Input) {
    let actions = state.withLock { state in
      if case .received = input { state.status.lastMessage = ProcessClock.wall() }
      if case .pinged = input { state.status.lastMessage = ProcessClock.wall() }
      return state.session.handle(input, at: .now, random: &state.random)
    }
    for action in actions { perform(action) }
  }

  private func perform(_ action: BinanceSession.Action) {
    switch action {
    case .connect(let id):
      // Lanes are in the order of the attempts, whichever task runs first.
      inbox.open(id)
      state.withLock { $0.status.attempts += 1 }
      connects.continuation.yield(id)
    case .send(let id, let text): tell(id, .send(text))
    case .close(let id): tell(id, .close)
    case .abandon(let id):
      inbox.close(id)
      tell(id, .close)
    case .ended(let id, let ending, let reason):
      state.withLock { $0.status.reconnects[ending.rawValue, default: 0] += 1 }
      let isPlanned = ending == .age || ending == .shutdownAnnounced
      logger.log(
        level: isPlanned ? .info : .warning, "a connection to the exchange ended",
        metadata: [
          "event.action": "feed_disconnected", "event.reason": "\(ending.rawValue)",
          "error.message": "\(reason)", "labels.connection": "\(id.number)",
        ])
    }
  }

  private func tell(_ id: ConnectionID, _ command: Command) {
    _ = state.withLock { $0.commands[id] }?.yield(command)
  }

  /// Tells the session that time passes.
  private func keepTime() async {
    let step = max(.milliseconds(1), options.timing.second / 20)
    while !Task.isCancelled {
      handle(inbox.isHoldingUp ? .heldUp : .timer)
      try? await Task.sleep(for: step)
    }
  }
}
