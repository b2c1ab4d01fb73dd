import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization

/// The socket of a simulated exchange: HTTP/1.1, and WebSocket for who asks for it.
struct ExchangeServer: Sendable {
  typealias HTTP = NIOAsyncChannel<HTTPServerRequestPart, ResponsePart>
  typealias ResponsePart = HTTPPart<HTTPResponseHead, ByteBuffer>

  enum Client: Sendable {
    case stream(ExchangeConnection.Channel, target: String)
    case http(HTTP)
  }

  static let maximumBodyBytes = 1 << 20

  private let listener: NIOAsyncChannel<EventLoopFuture<Client>, Never>
  private let exchange: ExchangeSlot

  var port: Int { listener.channel.localAddress?.port ?? 0 }

  static func bind(_ options: ExchangeOptions) async throws -> ExchangeServer {
    let tls = try options.tls.map { files in
      try NIOSSLContext(
        configuration: .makeServerConfiguration(
          certificateChain: NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) },
          privateKey: .privateKey(NIOSSLPrivateKey(file: files.privateKey, format: .pem))))
    }
    let box = ExchangeSlot()
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .bind(host: options.host, port: options.port) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
          return try Self.configure(channel, box)
        }
      }
    return ExchangeServer(listener: listener, exchange: box)
  }

  private static func configure(_ channel: any Channel, _ box: ExchangeSlot) throws -> EventLoopFuture<Client>
  {
    let upgrader = NIOTypedWebSocketServerUpgrader<Client>(
      maxFrameSize: 1 << 16,
      shouldUpgrade: { channel, _ in
        let isRefusing = box.exchange?.isActive(.refuse) ?? true
        return channel.eventLoop.makeSucceededFuture(isRefusing ? nil : HTTPHeaders())
      },
      upgradePipelineHandler: { channel, head in
        channel.eventLoop.makeCompletedFuture {
          .stream(
            try NIOAsyncChannel(wrappingChannelSynchronously: channel), target: head.uri)
        }
      })
    let configuration = NIOTypedHTTPServerUpgradeConfiguration(
      upgraders: [upgrader],
      notUpgradingCompletionHandler: { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(ResponseBytes())
          return .http(try HTTP(wrappingChannelSynchronously: channel))
        }
      })
    return try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
      configuration: .init(upgradeConfiguration: configuration))
  }

  func serve(_ exchange: SimulatedExchange) async throws {
    self.exchange.set(exchange)
    // The slot would otherwise keep the exchange, which keeps the slot.
    defer { self.exchange.set(nil) }
    try await listener.executeThenClose { clients in
      try await withThrowingDiscardingTaskGroup { group in
        for try await client in clients {
          group.addTask {
            // A client that breaks off is the client's affair.
            switch try? await client.get() {
            case .stream(let channel, let target): await exchange.serve(channel, target: target)
            case .http(let channel): try? await Self.serve(channel, exchange)
            case nil: break
            }
          }
        }
        group.cancelAll()
      }
    }
  }

  private static func serve(_ channel: HTTP, _ exchange: SimulatedExchange) async throws {
    try await channel.executeThenClose { inbound, outbound in
      var head: HTTPRequestHead?
      var body: [UInt8] = []
      for try await part in inbound {
        switch part {
        case .head(let next): (head, body) = (next, [])
        case .body(let bytes):
          guard body.count + bytes.readableBytes <= maximumBodyBytes else { return }
          body += bytes.readableBytesView
        case .end:
          guard let asked = head else { return }
          let answer = ExchangeREST(exchange: exchange).answer(
            method: asked.method.rawValue, target: asked.uri, headers: { asked.headers.first(name: $0) },
            body: body)
          guard let answer else { continue }
          var response = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status),
            headers: HTTPHeaders(answer.headers))
          response.headers.add(name: "Content-Length", value: "\(answer.body.count)")
          try await outbound.write(contentsOf: [
            .head(response), .body(ByteBuffer(bytes: answer.body)), .end(nil),
          ])
          guard asked.isKeepAlive, asked.headers["Upgrade"].isEmpty else { return }
        }
      }
    }
  }
}

/// Lets bytes be written where the encoder wants bytes or files.
private final class ResponseBytes: ChannelOutboundHandler {
  typealias OutboundIn = ExchangeServer.ResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let part: HTTPServerResponsePart =
      switch unwrapOutboundIn(data) {
      case .head(let head): .head(head)
      case .body(let bytes): .body(.byteBuffer(bytes))
      case .end(let trailers): .end(trailers)
      }
    context.write(wrapOutboundOut(part), promise: promise)
  }
}

/// The exchange that opening requests ask; empty while nobody is served.
private final class ExchangeSlot: Sendable {
  private let value = Mutex<SimulatedExchange?>(nil)
  var exchange: SimulatedExchange? { value.withLock { $0 } }
  func set(_ exchange: SimulatedExchange?) { value.withLock { $0 = exchange } }
}
