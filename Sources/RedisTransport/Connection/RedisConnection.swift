import NIOCore
import NIOPosix
import NIOSSL

/// The answers to commands that were sent together, which are still to come.
public struct RedisReplies: Sendable {
  let future: EventLoopFuture<[RedisValue]>
  let address: String

  /// One answer a command, in their order; a refusal is an answer.
  ///
  /// A cancelled task waits too, no longer than the commands' time.
  ///
  /// - Throws: ``RedisError`` where the connection ended first.
  public func values() async throws(RedisError) -> [RedisValue] {
    do { return try await future.get() } catch { throw RedisError(error, address: address) }
  }
}

/// One connection to one server. When it has ended it stays so; ``RedisClient`` makes another.
public final class RedisConnection: Sendable {
  public let endpoint: RedisEndpoint
  private let channel: any Channel
  private let handler: NIOLoopBound<ConnectionHandler>
  private let commandTimeout: Duration

  private init(
    _ endpoint: RedisEndpoint, _ channel: any Channel, _ handler: NIOLoopBound<ConnectionHandler>,
    _ commandTimeout: Duration
  ) {
    self.endpoint = endpoint
    self.channel = channel
    self.handler = handler
    self.commandTimeout = commandTimeout
  }

  public var isOpen: Bool { channel.isActive }

  /// Connects, and says who we are.
  ///
  /// - Parameters:
  ///   - database: selected where it is not 0.
  ///   - sendsCredential: false for a sentinel, which has users of its own.
  public static func connect(
    to endpoint: RedisEndpoint, isSecure: Bool = false, database: Int = 0,
    options: RedisOptions = RedisOptions(),
    sendsCredential: Bool = true, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) async throws(RedisError) -> RedisConnection {
    let address = endpoint.description
    do {
      let tls = isSecure ? try context(options.tls, address: address) : nil
      let loop = group.next()
      let ready = loop.makePromise(of: Void.self)
      let made = loop.makePromise(of: NIOLoopBound<ConnectionHandler>.self)
      let greeting = Self.greeting(options, database: database, sendsCredential: sendsCredential)
      let bootstrap = ClientBootstrap(group: loop)
        .connectTimeout(TimeAmount(options.connectTimeout))
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .channelOption(.socketOption(.so_keepalive), value: 1)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let tls {
              try pipeline.addHandler(
                NIOSSLClientHandler(context: tls, serverHostname: endpoint.isNumeric ? nil : endpoint.host))
            }
            let handler = ConnectionHandler(
              address: address, greeting: greeting, options: options, ready: ready)
            try pipeline.addHandler(handler)
            made.succeed(NIOLoopBound(handler, eventLoop: channel.eventLoop))
          }
        }
      let connecting = bootstrap.connect(host: endpoint.host, port: endpoint.port)
      connecting.whenFailure {
        let error = RedisError($0, address: address)
        ready.fail(error)
        made.fail(error)
      }
      return try await withTaskCancellationHandler {
        let channel = try await connecting.get()
        do {
          try await ready.futureResult.get()
          return RedisConnection(endpoint, channel, try await made.futureResult.get(), options.commandTimeout)
        } catch {
          channel.close(promise: nil)
          throw error
        }
      } onCancel: {
        ready.fail(RedisError(.cancelled, address: address))
        connecting.whenSuccess { $0.close(promise: nil) }
      }
    } catch {
      throw RedisError(error, address: address)
    }
  }

  private static func greeting(_ options: RedisOptions, database: Int, sendsCredential: Bool)
    -> [RedisCommand]
  {
    var greeting: [RedisCommand] = []
    if sendsCredential, let credential = options.credential { greeting.append(credential.command) }
    if !options.clientName.isEmpty { greeting.append(RedisCommand("CLIENT", "SETNAME", options.clientName)) }
    if database > 0 { greeting.append(RedisCommand("SELECT", String(database))) }
    // A server that wants a password, or that still reads its disk, says so here and not with the first command.
    greeting.append(RedisCommand("PING"))
    return greeting
  }

  private static func context(_ tls: RedisOptions.TLS, address: String) throws(RedisError) -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    if let file = tls.authoritiesFile { configuration.trustRoots = .file(file) }
    if tls.verification == .authorityOnly { configuration.certificateVerification = .noHostnameVerification }
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw RedisError(.tls, address: address, detail: "the certificates to trust cannot be read: \(error)")
    }
  }

  /// Sends commands as one, and returns as soon as there was room for them. What is sent from one task goes out in
  /// its order.
  ///
  /// - Parameter timeout: until the answers; ``RedisOptions/commandTimeout`` unless told.
  /// - Throws: ``RedisError`` where the connection has ended or there was no room in time.
  public func submit(_ commands: [RedisCommand], timeout: Duration? = nil) async throws(RedisError)
    -> RedisReplies
  {
    let loop = channel.eventLoop
    let ticket = ConnectionHandler.Ticket(
      admission: loop.makePromise(of: Void.self), replies: loop.makePromise(of: [RedisValue].self))
    let timeout = timeout ?? commandTimeout
    loop.execute { [handler] in handler.value.submit(ticket, commands, timeout: timeout) }
    do { try await ticket.admission.futureResult.get() } catch {
      throw RedisError(error, address: endpoint.description)
    }
    return RedisReplies(future: ticket.replies.futureResult, address: endpoint.description)
  }

  /// Sends commands as one and waits for their answers, one a command; a refusal is an answer.
  public func send(_ commands: [RedisCommand], timeout: Duration? = nil) async throws(RedisError)
    -> [RedisValue]
  {
    try await submit(commands, timeout: timeout).values()
  }

  /// Sends one command; a refusal is thrown.
  public func call(_ command: RedisCommand, timeout: Duration? = nil) async throws(RedisError) -> RedisValue {
    let value = try await send([command], timeout: timeout).first ?? .null
    if let refusal = value.refusal {
      throw RedisError(refusal, address: endpoint.description, command: command.name)
    }
    return value
  }

  /// Ends the connection; what is under way fails with an unknown outcome.
  public func close() async {
    let error = RedisError(.closed, address: endpoint.description)
    try? await channel.eventLoop.submit { [handler] in handler.value.close(error) }.get()
    try? await channel.closeFuture.get()
  }
}
