import NIOCore
import NIOPosix
import Testing

@testable import RedisTransport

@Suite("A server that does not keep to the protocol", .timeLimit(.minutes(10)))
struct HostileServerTests {
  /// A server that says `PONG` to the greeting, and then the test's bytes: once, or again and again.
  private final class Script: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    let answer: [UInt8]
    let isEndless: Bool
    let closes: Bool
    private var greeted = false

    init(_ answer: [UInt8], isEndless: Bool, closes: Bool) {
      self.answer = answer
      self.isEndless = isEndless
      self.closes = closes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard greeted else {
        greeted = true
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "+PONG\r\n")), promise: nil)
        return
      }
      send(context)
    }

    private func send(_ context: ChannelHandlerContext) {
      let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer))).whenSuccess {
        let (script, context) = bound.value
        if script.isEndless { script.send(context) }
        if script.closes { context.close(promise: nil) }
      }
    }
  }

  private func error(
    from answer: String, isEndless: Bool = false, closes: Bool = false, timeout: Duration = .seconds(60)
  ) async throws -> RedisError {
    let bytes = Array(answer.utf8)
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Script(bytes, isEndless: isEndless, closes: closes))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    var options = RedisOptions()
    options.replyLimits.bytes = 1 << 20
    options.replyLimits.values = 1_000
    let connection = try await RedisConnection.connect(
      to: RedisEndpoint(host: "127.0.0.1", port: server.localAddress?.port ?? 0), options: options)
    let error = try await #require(throws: RedisError.self) {
      _ = try await connection.call(RedisCommand("GET", "a"), timeout: timeout)
      _ = try await connection.call(RedisCommand("GET", "a"), timeout: timeout)
    }
    #expect(!connection.isOpen || error.kind == .loading || error.kind == .cannotPersist)
    await connection.close()
    try await server.close()
    return error
  }

  @Test("garbage", arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "\0\u{1}\u{2}\r\n", "$x\r\n", "*-7\r\n"])
  func garbage(answer: String) async throws {
    let error = try await error(from: answer)
    #expect(error.kind == .protocolViolation && error.outcome == .unknown && error.command == "GET")
  }

  @Test("an answer without an end", arguments: ["xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"])
  func endless(answer: String) async throws {
    let line = try await error(
      from: "$100000000\r\n" + String(repeating: answer, count: 1_000), isEndless: true)
    #expect(line.kind == .replyTooLarge)
    let list = try await error(from: "*1000000\r\n")
    #expect(list.kind == .replyTooLarge)
  }

  @Test("half an answer, and silence")
  func half() async throws {
    let error = try await error(from: "$5\r\nhe", timeout: .milliseconds(200))
    #expect(error.kind == .timedOut && error.outcome == .unknown)
  }

  @Test("half an answer, and the end")
  func halfAndEnd() async throws {
    let error = try await error(from: "*2\r\n:1\r\n", closes: true)
    #expect(error.kind == .connectionLost && error.outcome == .unknown)
  }

  @Test("more answers than questions")
  func unasked() async throws {
    let error = try await error(from: "+OK\r\n+OK\r\n")
    #expect(error.kind == .protocolViolation)
  }

  @Test("arrays of arrays of arrays")
  func nested() async throws {
    let error = try await error(from: String(repeating: "*1\r\n", count: 10_000))
    #expect(error.kind == .protocolViolation)
  }

  @Test(
    "refusals that a real server gives only in distress",
    arguments: [
      ("-LOADING Redis is loading the dataset in memory\r\n", RedisError.Kind.loading),
      ("-MISCONF Redis is configured to save RDB snapshots\r\n", .cannotPersist),
    ])
  func refusals(answer: String, kind: RedisError.Kind) async throws {
    let error = try await error(from: answer)
    #expect(error.kind == kind && error.isTransient)
    #expect("\(error)".contains(error.wayOut))
  }

  @Test("nobody there")
  func nobody() async throws {
    let error = try await #require(throws: RedisError.self) {
      try await RedisConnection.connect(to: RedisEndpoint(host: "127.0.0.1", port: 1))
    }
    #expect(error.kind == .cannotConnect && error.outcome == .notDone)
  }
}
