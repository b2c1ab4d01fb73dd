import NIOCore
import NIOWebSocket

/// Carries out what ``MessageAssembler`` says: answers pings and close frames on the event loop, whatever the
/// consumer does, and ends the connection where it must.
final class ProtocolHandler: ChannelDuplexHandler {
  typealias InboundIn = WebSocketFrame
  typealias InboundOut = WebSocketEvent
  typealias OutboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  private var assembler: MessageAssembler
  private let frameLimit: Int
  private let closeTimeout: TimeAmount
  /// This side has sent its close frame.
  private var isClosing = false
  /// The last event or error was handed on.
  private var hasEnded = false
  private var deadline: Scheduled<Void>?

  init(options: WebSocketOptions) {
    assembler = MessageAssembler(maximumBytes: options.maximumMessageBytes)
    frameLimit = options.maximumFrameBytes
    closeTimeout = TimeAmount(options.closeTimeout)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !hasEnded else { return }
    switch assembler.take(unwrapInboundIn(data)) {
    case .wait: break
    case .fail(let error, let code): fail(context, error, code: code)
    case .deliver(let event):
      switch event {
      case .ping(let payload): send(context, .pong, ByteBuffer(bytes: payload))
      case .closed(let code, _):
        hasEnded = true
        if !isClosing { send(context, .connectionClose, Self.payload(code)) }
        context.fireChannelRead(wrapInboundOut(event))
        context.fireChannelReadComplete()
        context.close(promise: nil)
        return
      case .text, .binary, .pong: break
      }
      context.fireChannelRead(wrapInboundOut(event))
    }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if unwrapOutboundIn(data).opcode == .connectionClose, !isClosing {
      isClosing = true
      let channel = context.channel
      deadline = context.eventLoop.scheduleTask(in: closeTimeout) { channel.close(promise: nil) }
    }
    context.write(data, promise: promise)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard !hasEnded else { return }
    switch error {
    case NIOWebSocketError.invalidFrameLength:
      fail(context, .messageTooLarge(limit: frameLimit), code: 1009)
    case is NIOWebSocketError: fail(context, WebSocketError(error), code: 1002)
    default: fail(context, WebSocketError(error), code: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    if !hasEnded {
      hasEnded = true
      // Whoever has said good-bye does not mind that the other just leaves.
      if !isClosing {
        context.fireErrorCaught(WebSocketError.connectionLost("it ended without a close frame"))
      }
    }
    context.fireChannelInactive()
  }

  private func fail(_ context: ChannelHandlerContext, _ error: WebSocketError, code: UInt16?) {
    hasEnded = true
    if let code, !isClosing { send(context, .connectionClose, Self.payload(code)) }
    context.fireErrorCaught(error)
    context.close(promise: nil)
  }

  private func send(_ context: ChannelHandlerContext, _ opcode: WebSocketOpcode, _ payload: ByteBuffer) {
    let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: payload)
    context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
  }

  static func payload(_ code: UInt16?, reason: String = "") -> ByteBuffer {
    var buffer = ByteBuffer()
    guard let code else { return buffer }
    buffer.writeInteger(code)
    // A control frame holds 125 bytes; a reason is cut between characters.
    var reason = Substring(reason)
    while reason.utf8.count > 123 { reason.removeLast() }
    buffer.writeString(String(reason))
    return buffer
  }
}

extension TimeAmount {
  /// At least a nanosecond; at most a century, so that a deadline can be computed.
  init(_ duration: Duration) {
    let nanoseconds = duration / .nanoseconds(1)
    self = .nanoseconds(Int64(min(max(nanoseconds, 1), 3e18)))
  }
}
