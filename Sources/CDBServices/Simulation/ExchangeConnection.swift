import CDBDomain
import CDBPipeline
import Foundation
import NIOCore
import NIOPosix
import NIOWebSocket
import Synchronization

/// One client of a simulated exchange's streams.
final class ExchangeConnection: Sendable {
  typealias Instant = ContinuousClock.Instant
  typealias Channel = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

  /// What is on its way to the client.
  enum Item: Sendable {
    case market(MarketMessage, Instant)
    /// The last quote once more, while prices stand still.
    case repetition(MarketMessage, Instant)
    case answer(String)
    /// `serverShutdown`.
    case announcement
    case ping
  }

  private struct State {
    var subscriptions: Set<String>
    var requests: [Instant] = []
    var unansweredPing: Instant?
    var ending: String?
  }

  /// Beyond it a client is too slow, and is left.
  static let capacity = 20_000

  let number: Int
  private let isCombined: Bool
  private let exchange: SimulatedExchange
  private let channel: Channel
  let outbox = Mailbox<Item>(capacity: ExchangeConnection.capacity)
  private let state: Mutex<State>

  /// - Parameter target: of the opening request: `/stream?streams=a/b`, `/ws/a` or either without streams.
  init(number: Int, target: String, exchange: SimulatedExchange, channel: Channel) {
    self.number = number
    self.exchange = exchange
    self.channel = channel
    isCombined = target.hasPrefix("/stream")
    let names =
      isCombined
      ? target.split(separator: "?").dropFirst().first?.split(separator: "&")
        .first { $0.hasPrefix("streams=") }?.dropFirst(8) : target.dropFirst("/ws".count)
    state = Mutex(State(subscriptions: Set((names ?? "").split(separator: "/").map(String.init))))
  }

  var hasSubscriptions: Bool { state.withLock { !$0.subscriptions.isEmpty } }
  func isSubscribed(to stream: String) -> Bool { state.withLock { $0.subscriptions.contains(stream) } }

  /// Serves the client until either side ends it.
  func run() async {
    try? await channel.executeThenClose { inbound, outbound in
      await withTaskGroup { group in
        group.addTask { await self.read(inbound) }
        group.addTask { await self.ping() }
        await self.write(outbound)
        group.cancelAll()
      }
    }
    let ending = state.withLock { $0.ending } ?? "lost"
    exchange.update { core in
      core.connections[number] = nil
      core.ledger.change(number) { $0.ending = ending }
    }
  }

  /// Ends the connection: with a close frame, or with a reset.
  func end(_ reason: String, abruptly: Bool = false) {
    let isFirst = state.withLock { state in
      defer { state.ending = state.ending ?? reason }
      return state.ending == nil
    }
    guard isFirst else { return }
    outbox.close()
    guard abruptly else { return }
    let channel = channel.channel
    if let options = channel as? any SocketOptionProvider {
      options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
    } else {
      channel.close(promise: nil)
    }
  }

  /// Takes a message of the market; a client that does not keep up is left.
  func offer(_ item: Item, waits: Bool) async {
    if !waits, outbox.backlog >= Self.capacity {
      end("too slow")
      return
    }
    // Closed: the connection ends, and what comes after is not its affair.
    try? await outbox.send(item, weight: 1)
  }

  // MARK: From the client

  private func read(_ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>) async {
    do {
      for try await frame in inbound {
        switch frame.opcode {
        case .text: await request(Array(frame.unmaskedData.readableBytesView))
        case .ping where !exchange.isActive(.noPong):
          let pong = WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)
          channel.channel.writeAndFlush(pong, promise: nil)
        case .pong:
          state.withLock { $0.unansweredPing = nil }
          exchange.update { $0.ledger.change(number) { $0.pongs += 1 } }
        case .connectionClose: return end("left")
        default: break
        }
      }
    } catch {}
    end("lost")
  }

  private func request(_ bytes: [UInt8]) async {
    let now = Instant.now
    let isTooMuch = state.withLock { state in
      let window = exchange.options.real(.seconds(1))
      state.requests = state.requests.filter { now - $0 < window } + [now]
      return state.requests.count > 5
    }
    if isTooMuch {
      exchange.update { $0.ledger.violations += 1 }
      return end("too many requests")
    }
    guard let request = try? JSONDecoder().decode(StreamRequest.self, from: Data(bytes)) else {
      return await offer(.answer(#"{"error":{"code":3,"msg":"Invalid JSON"},"id":null}"#), waits: true)
    }
    let answer = state.withLock { request.answer(&$0.subscriptions) }
    if state.withLock({ $0.subscriptions.count }) > SessionTiming.streamsPerConnection {
      return end("too many streams")
    }
    await offer(.answer(answer), waits: true)
    if hasSubscriptions { exchange.begin() }
  }

  // MARK: To the client

  private func write(_ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>) async {
    var injector = FaultInjector(seed: exchange.options.faultSeed &+ UInt64(number))
    while let item = await outbox.receive() {
      if state.withLock({ $0.ending != nil }) {
        drop(item)
        continue
      }
      do {
        try await write(item, outbound, &injector)
      } catch {
        drop(item)
        end("lost")
      }
    }
    guard let ending = state.withLock({ $0.ending }), ending != Fault.Kind.reset.rawValue else { return }
    var payload = ByteBuffer()
    payload.writeInteger(UInt16(ending == "left" ? 1000 : 1001))
    try? await outbound.write(WebSocketFrame(fin: true, opcode: .connectionClose, data: payload))
  }

  private func write(
    _ item: Item, _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>, _ injector: inout FaultInjector
  ) async throws {
    switch item {
    case .market(let message, let instant):
      let delivery = injector.deliver(message, exchange.faults(at: instant))
      if let (message, fault) = delivery.suppressed {
        exchange.update { $0.ledger.suppress(message, fault.rawValue, connection: number) }
      }
      for outgoing in delivery.outgoing {
        if outgoing.delay > 0 {
          let due = instant + exchange.options.real(.seconds(outgoing.delay))
          try await Task.sleep(until: due, clock: .continuous)
        }
        let bytes = outgoing.numbers == nil ? outgoing.bytes : payload(outgoing.bytes)
        try await outbound.write(frame(outgoing.form == .binary ? .binary : .text, bytes))
        note(outgoing)
      }
    case .repetition(let message, let instant):
      guard !exchange.faults(at: instant).contains(where: { $0.kind == .silence }) else { return }
      try await outbound.write(frame(.text, payload(message.frame)))
      note(FaultInjector.Outgoing(bytes: [], fault: .freeze))
    case .answer(let text): try await answer(text, outbound)
    case .announcement:
      let milliseconds = ProcessClock.wall().nanoseconds / 1_000_000
      let event = #"{"e":"serverShutdown","E":\#(milliseconds)}"#
      try await answer(isCombined ? #"{"stream":"!serverShutdown","data":\#(event)}"# : event, outbound)
    case .ping:
      guard !exchange.isActive(.noPing), !exchange.isActive(.silence) else { return }
      state.withLock { $0.unansweredPing = $0.unansweredPing ?? .now }
      try await outbound.write(frame(.ping, Array("\(number)".utf8)))
      exchange.update { $0.ledger.change(number) { $0.pings += 1 } }
    }
  }

  private func answer(
    _ text: String, _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
  ) async throws {
    guard !exchange.isActive(.silence) else { return }
    try await outbound.write(frame(.text, Array(text.utf8)))
    exchange.update { core in
      core.ledger.change(number) {
        $0.sent += 1
        $0.answers += 1
      }
    }
  }

  private func note(_ outgoing: FaultInjector.Outgoing) {
    exchange.update { core in
      core.ledger.change(number) {
        $0.sent += 1
        if let numbers = outgoing.numbers { $0.market[numbers.kind.rawValue, default: 0] += 1 }
        if let fault = outgoing.fault { $0.faulty[fault.rawValue, default: 0] += 1 }
      }
    }
  }

  /// Counts what a connection that ends does not get any more.
  private func drop(_ item: Item) {
    guard case .market(let message, _) = item else { return }
    let reason = state.withLock { $0.ending } ?? "lost"
    exchange.update { $0.ledger.suppress(message, reason, connection: number) }
  }

  private func frame(_ opcode: WebSocketOpcode, _ bytes: [UInt8]) -> WebSocketFrame {
    WebSocketFrame(fin: true, opcode: opcode, data: ByteBuffer(bytes: bytes))
  }

  /// A raw connection gets the event without its wrapping.
  private func payload(_ frame: [UInt8]) -> [UInt8] {
    guard !isCombined, let start = frame.firstRange(of: Array(#""data":"#.utf8))?.upperBound else {
      return frame
    }
    return Array(frame[start...].dropLast())
  }

  /// Pings, and leaves who does not answer.
  private func ping() async {
    let options = exchange.options
    while true {
      do { try await Task.sleep(for: options.real(options.pingInterval)) } catch { return }
      if let since = state.withLock({ $0.unansweredPing }), .now - since >= options.real(options.pongTimeout)
      {
        return end("no pong")
      }
      guard (try? await outbox.send(.ping, weight: 1)) != nil else { return }
    }
  }
}
