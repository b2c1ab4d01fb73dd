import CDBDomain
import CDBPipeline

@testable import CDBServices

/// The client's end of the feed: a real ``BinanceSession`` decides when it connects and what it gives up.
struct SimulatedConnection {
  /// A frame as it came in.
  struct Frame {
    var instrument: UInt16
    var time: EventTime
    var bytes: [UInt8]
  }

  private static let epoch = ContinuousClock.now
  private var session: BinanceSession
  private var random: RandomSource
  private var open: BinanceSession.ConnectionID?
  private(set) var status = FeedConnection()
  private(set) var inbox: [Frame] = []

  init(symbols: [String], seed: UInt64, elapsed: Int64) {
    let streams = symbols.flatMap { symbol in
      ["trade", "bookTicker", "depth@100ms"].map { "\(symbol.lowercased())@\($0)" }
    }
    session = BinanceSession(streams: streams, start: Self.instant(elapsed))
    random = RandomSource(seed: seed)
  }

  private static func instant(_ elapsed: Int64) -> BinanceSession.Instant { epoch + .nanoseconds(elapsed) }

  /// Whether frames come in.
  var isStreaming: Bool { session.isStreaming }

  /// Lets time pass.
  ///
  /// - Parameter isReachable: whether the exchange can be reached; where it cannot, connections break.
  mutating func step(elapsed: Int64, wall: EventTime, isReachable: Bool) {
    let now = Self.instant(elapsed)
    if !isReachable, let id = open {
      open = nil
      handle(.closed(id, .lost, "the connection was reset", retryAfter: nil), now, wall, isReachable)
    }
    handle(.timer, now, wall, isReachable)
    status.isStreaming = session.isStreaming
    status.state = session.state
    status.failure = session.failure(at: now)
  }

  mutating func receive(_ frames: [Frame], elapsed: Int64) {
    guard let last = frames.last, let id = open else { return }
    inbox += frames
    status.lastMessage = last.time
    _ = session.handle(
      .received(id, .data(InstrumentID(last.instrument))), at: Self.instant(elapsed), random: &random)
  }

  mutating func take() -> [Frame] {
    defer { inbox = [] }
    return inbox
  }

  private mutating func handle(
    _ input: BinanceSession.Input, _ now: BinanceSession.Instant, _ wall: EventTime, _ isReachable: Bool
  ) {
    for action in session.handle(input, at: now, random: &random) {
      switch action {
      case .connect(let id):
        status.attempts += 1
        guard isReachable else {
          handle(.closed(id, .unreachable, "connection refused", retryAfter: nil), now, wall, isReachable)
          continue
        }
        open = id
        handle(.opened(id), now, wall, isReachable)
      case .send(let id, let text):
        guard let number = text.split(separator: "\"id\":").last.flatMap({ Int64($0.dropLast()) }) else {
          continue
        }
        inbox.append(
          Frame(instrument: 0, time: wall, bytes: Array("{\"result\":null,\"id\":\(number)}".utf8)))
        handle(.received(id, .acknowledgement(number)), now, wall, isReachable)
      case .close(let id), .abandon(let id): if open == id { open = nil }
      case .ended(_, let ending, _): status.reconnects[ending.rawValue, default: 0] += 1
      }
    }
  }
}
