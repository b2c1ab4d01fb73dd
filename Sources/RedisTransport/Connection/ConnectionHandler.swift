import NIOCore

/// The channel's end of a connection: bytes in and out, a timer, and a ``ConnectionStateMachine`` that decides.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Whom to tell of commands that were taken together.
  struct Ticket: Sendable {
    /// They are on their way.
    var admission: EventLoopPromise<Void>
    var replies: EventLoopPromise<[RedisValue]>
  }

  private var machine: ConnectionStateMachine<Ticket>
  private let reader: ReplyReader
  private let address: String
  private let greeting: [RedisCommand]
  private let options: RedisOptions
  private let ready: EventLoopPromise<Void>
  private var context: ChannelHandlerContext?
  private var timer: (task: Scheduled<Void>, at: UInt64)?

  init(
    address: String, greeting: [RedisCommand], options: RedisOptions, ready: EventLoopPromise<Void>
  ) {
    machine = ConnectionStateMachine(
      address: address, maximumCommands: options.maximumCommandsUnderWay,
      maximumBytes: options.maximumBytesUnderWay)
    reader = ReplyReader(limits: options.replyLimits)
    self.address = address
    self.greeting = greeting
    self.options = options
    self.ready = ready
  }

  var isOpen: Bool { if case .closed = machine.state { false } else { true } }

  // MARK: Commands

  /// - Parameter timeout: from now on.
  func submit(_ ticket: Ticket, _ commands: [RedisCommand], timeout: Duration) {
    if let long = commands.first(where: { $0.size > options.maximumCommandBytes }) {
      let error = RedisError(
        .commandTooLarge, address: address, command: long.name,
        detail: "\(long.size) bytes, of at most \(options.maximumCommandBytes)")
      ticket.admission.fail(error)
      ticket.replies.fail(error)
      return
    }
    let deadline = deadline(timeout)
    if let timer, deadline < timer.at {
      timer.task.cancel()
      self.timer = nil
    }
    perform(machine.submit(ticket, commands, deadline: deadline))
  }

  func close(_ error: RedisError) { perform(machine.close(error)) }

  // MARK: The channel

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    perform(machine.close(RedisError(.connectionLost, address: address, detail: "the connection ended")))
    self.context = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    // Under TLS this comes with the TCP connection; what is written waits for the handshake.
    perform(machine.opened(greeting: greeting, deadline: deadline(options.connectTimeout)))
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    do {
      try buffer.withUnsafeReadableBytes { bytes in
        try reader.feed(bytes) { perform(machine.received($0)) }
      }
    } catch ReplyFault.tooLarge(let limits) {
      close(
        RedisError(
          .replyTooLarge, address: address,
          detail: "an answer of more than \(limits.bytes) bytes or \(limits.values) values"))
    } catch {
      let text = if case ReplyFault.malformed(let text) = error { text } else { "\(error)" }
      close(RedisError(.protocolViolation, address: address, detail: text))
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    close(RedisError(.connectionLost, address: address, detail: "the server ended the connection"))
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    close(RedisError(error, address: address))
  }

  // MARK: What the machine decides

  private func perform(_ actions: [ConnectionStateMachine<Ticket>.Action]) {
    for action in actions {
      switch action {
      case .write(let commands): write(commands)
      case .admit(let ticket): ticket.admission.succeed()
      case .succeed(let ticket, let replies): ticket.replies.succeed(replies)
      case .fail(let ticket, let error):
        ticket.admission.fail(error)
        ticket.replies.fail(error)
      case .becomeReady: ready.succeed()
      case .close(let error):
        ready.fail(error)
        timer?.task.cancel()
        timer = nil
        context?.close(promise: nil)
      }
    }
    setTimer()
  }

  private func write(_ commands: [RedisCommand]) {
    guard let context else { return }
    var buffer = context.channel.allocator.buffer(
      capacity: commands.reduce(0) { $0 + $1.size + 64 })
    for command in commands where !command.write(to: &buffer) {
      close(RedisError(.commandTooLarge, address: address, command: command.name))
      return
    }
    context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
  }

  private func now() -> UInt64 { NIODeadline.now().uptimeNanoseconds }

  private func deadline(_ timeout: Duration) -> UInt64 {
    let nanoseconds = TimeAmount(timeout).nanoseconds
    return now() &+ UInt64(max(1, nanoseconds))
  }

  /// Looks again when the first command under way would be late. A timer that comes too early looks and sets another.
  private func setTimer() {
    guard timer == nil, let context, let next = machine.nextDeadline else { return }
    let looper = NIOLoopBound(self, eventLoop: context.eventLoop)
    let task = context.eventLoop.scheduleTask(deadline: .uptimeNanoseconds(next)) {
      looper.value.timer = nil
      looper.value.perform(looper.value.machine.expire(now: looper.value.now()))
    }
    timer = (task, next)
  }
}
