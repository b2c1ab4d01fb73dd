import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Sends the opening request, judges the answer (RFC 6455 section 4.1), and then makes way for WebSocket. What
/// the server sends right behind its answer is kept for the handlers that follow.
final class HandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart
  typealias Connection = NIOAsyncChannel<WebSocketEvent, WebSocketFrame>

  private enum State {
    case waiting
    /// The answer is good, and its end is to come.
    case accepted
    /// WebSocket's handlers are being put in place.
    case upgrading(kept: [NIOAny])
    case done
  }

  private let endpoint: WebSocketEndpoint
  private let options: WebSocketOptions
  private let httpHandlers: [any RemovableChannelHandler]
  private let promise: EventLoopPromise<Connection>
  /// Makes the key and knows the answer that belongs to it; not used for anything else.
  private let key = NIOWebSocketClientUpgrader { channel, _ in channel.eventLoop.makeSucceededVoidFuture() }
  private var state = State.waiting
  private var hasSent = false
  private var deadline: Scheduled<Void>?

  init(
    endpoint: WebSocketEndpoint, options: WebSocketOptions,
    httpHandlers: [any RemovableChannelHandler], promise: EventLoopPromise<Connection>
  ) {
    self.endpoint = endpoint
    self.options = options
    self.httpHandlers = httpHandlers
    self.promise = promise
  }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { open(context) }
  }

  func channelActive(context: ChannelHandlerContext) {
    open(context)
    context.fireChannelActive()
  }

  private func open(_ context: ChannelHandlerContext) {
    guard !hasSent else { return }
    hasSent = true
    let (channel, promise) = (context.channel, self.promise)
    deadline = context.eventLoop.scheduleTask(in: TimeAmount(options.handshakeTimeout)) {
      promise.fail(WebSocketError.timedOut("no answer to the opening request"))
      channel.close(promise: nil)
    }
    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: endpoint.target)
    head.headers.add(name: "Host", value: endpoint.hostField)
    head.headers.add(name: "Upgrade", value: "websocket")
    head.headers.add(name: "Connection", value: "Upgrade")
    key.addCustom(upgradeRequestHeaders: &head.headers)
    for (name, value) in options.headers { head.headers.add(name: name, value: value) }
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch state {
    case .done: context.fireChannelRead(data)
    case .upgrading(let kept): state = .upgrading(kept: kept + [data])
    case .waiting, .accepted:
      switch unwrapInboundIn(data) {
      case .head(let head): judge(context, head)
      case .body: break
      case .end: if case .accepted = state { upgrade(context) }
      }
    }
  }

  private func judge(_ context: ChannelHandlerContext, _ head: HTTPResponseHead) {
    guard head.status == .switchingProtocols else {
      let retryAfter = head.headers.first(name: "Retry-After")
      return fail(context, .refused(status: Int(head.status.code), retryAfter: retryAfter))
    }
    let upgrade = head.headers[canonicalForm: "Upgrade"].map { $0.lowercased() }
    let connection = head.headers[canonicalForm: "Connection"].map { $0.lowercased() }
    guard upgrade == ["websocket"], connection.contains("upgrade") else {
      return fail(context, .invalidHandshake("it switches to something else"))
    }
    guard key.shouldAllowUpgrade(upgradeResponse: head) else {
      return fail(context, .invalidHandshake("Sec-WebSocket-Accept is not the answer to the key"))
    }
    guard head.headers["Sec-WebSocket-Extensions"].isEmpty, head.headers["Sec-WebSocket-Protocol"].isEmpty
    else {
      return fail(context, .invalidHandshake("it chose an extension or a protocol that nobody offered"))
    }
    state = .accepted
  }

  private func upgrade(_ context: ChannelHandlerContext) {
    state = .upgrading(kept: [])
    let operations = context.pipeline.syncOperations
    EventLoopFuture.andAllSucceed(
      httpHandlers.map { operations.removeHandler($0) }, on: context.eventLoop
    ).assumeIsolated().flatMapThrowing { [options] in
      try operations.addHandler(WebSocketFrameEncoder())
      try operations.addHandler(
        ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: options.maximumFrameBytes)))
      try operations.addHandler(ProtocolHandler(options: options))
      return try Connection(
        wrappingChannelSynchronously: context.channel,
        configuration: .init(
          backPressureStrategy: .init(
            lowWatermark: max(1, options.readAhead / 2), highWatermark: max(2, options.readAhead))))
    }.whenComplete { result in
      switch result {
      case .success(let connection): self.finish(context, connection)
      case .failure(let error): self.fail(context, WebSocketError(error))
      }
    }
  }

  private func finish(_ context: ChannelHandlerContext, _ connection: Connection) {
    deadline?.cancel()
    guard case .upgrading(let kept) = state else { return }
    state = .done
    promise.succeed(connection)
    for data in kept { context.fireChannelRead(data) }
    if !kept.isEmpty { context.fireChannelReadComplete() }
    context.pipeline.syncOperations.removeHandler(self, promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if case .done = state { return context.fireErrorCaught(error) }
    let isHTTP = error is HTTPParserError
    fail(context, isHTTP ? .invalidHandshake("its answer is no HTTP: \(error)") : WebSocketError(error))
  }

  func channelInactive(context: ChannelHandlerContext) {
    promise.fail(WebSocketError.connectionLost("it ended before the opening request was answered"))
    deadline?.cancel()
    context.fireChannelInactive()
  }

  private func fail(_ context: ChannelHandlerContext, _ error: WebSocketError) {
    deadline?.cancel()
    promise.fail(error)
    context.close(promise: nil)
  }
}
