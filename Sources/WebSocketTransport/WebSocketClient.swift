import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

/// A WebSocket client (RFC 6455) on SwiftNIO, without extensions.
///
/// A connection lives as long as the closure that uses it; cancelling its task ends it. Everything that a
/// server may send has a bound.
public struct WebSocketClient: Sendable {
  private let group: any EventLoopGroup

  public init(group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton) {
    self.group = group
  }

  /// Connects, runs `body`, and closes the connection.
  ///
  /// - Throws: ``WebSocketError`` where there is no connection; what `body` throws.
  public func withConnection<Result>(
    to endpoint: WebSocketEndpoint, options: WebSocketOptions = WebSocketOptions(),
    _ body: (WebSocketConnection) async throws -> Result
  ) async throws -> Result {
    try Task.checkCancellation()
    let channel = try await connect(endpoint, options)
    return try await channel.executeThenClose { inbound, outbound in
      try await body(WebSocketConnection(inbound: inbound, outbound: outbound))
    }
  }

  private func connect(
    _ endpoint: WebSocketEndpoint, _ options: WebSocketOptions
  ) async throws(WebSocketError) -> HandshakeHandler.Connection {
    do {
      let tls = endpoint.isSecure ? try Self.context(options) : nil
      let promise = group.any().makePromise(of: HandshakeHandler.Connection.self)
      let bootstrap = ClientBootstrap(group: group)
        .connectTimeout(TimeAmount(options.connectTimeout))
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try Self.configure(channel, endpoint, options, tls, promise)
          }
        }
      let connecting = bootstrap.connect(host: endpoint.host, port: endpoint.port)
      connecting.whenFailure { promise.fail($0) }
      return try await withTaskCancellationHandler {
        try await promise.futureResult.get()
      } onCancel: {
        // Whichever comes first settles it; a connection that still comes about is closed.
        promise.fail(WebSocketError.cancelled)
        connecting.whenSuccess { $0.close(promise: nil) }
      }
    } catch {
      throw WebSocketError(error)
    }
  }

  private static func configure(
    _ channel: any Channel, _ endpoint: WebSocketEndpoint, _ options: WebSocketOptions,
    _ tls: NIOSSLContext?, _ promise: EventLoopPromise<HandshakeHandler.Connection>
  ) throws {
    let pipeline = channel.pipeline.syncOperations
    if let tls {
      let name = endpoint.isAddress ? nil : endpoint.host
      try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
    }
    let encoder = HTTPRequestEncoder()
    let decoder = ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes))
    try pipeline.addHandlers([encoder, decoder])
    try pipeline.addHandler(
      HandshakeHandler(
        endpoint: endpoint, options: options, httpHandlers: [encoder, decoder], promise: promise))
  }

  private static func context(_ options: WebSocketOptions) throws(WebSocketError) -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    if let file = options.authoritiesFile { configuration.trustRoots = .file(file) }
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw .tls("the certificates to trust cannot be read: \(error)")
    }
  }
}
