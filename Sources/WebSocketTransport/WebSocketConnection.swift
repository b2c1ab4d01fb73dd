import NIOCore
import NIOWebSocket

/// An open connection. It is valid inside of ``WebSocketClient/withConnection(to:options:_:)``.
public struct WebSocketConnection: Sendable {
  /// What comes in, once and in order, to be iterated by one task. Reading slowly holds up the server. The sequence
  /// ends behind ``WebSocketEvent/closed(code:reason:)``; it throws ``WebSocketError`` where the connection ends
  /// in another way.
  public let events: WebSocketEvents
  private let writer: NIOAsyncChannelOutboundWriter<WebSocketFrame>

  init(
    inbound: NIOAsyncChannelInboundStream<WebSocketEvent>,
    outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
  ) {
    events = WebSocketEvents(base: inbound)
    writer = outbound
  }

  /// Sends a text message; returns once it is on its way to the socket.
  public func send(text: String) async throws(WebSocketError) {
    try await send(.text, ByteBuffer(string: text))
  }

  public func send(binary bytes: some Collection<UInt8>) async throws(WebSocketError) {
    try await send(.binary, ByteBuffer(bytes: Array(bytes)))
  }

  /// - Parameter payload: at most 125 bytes; what is longer is cut.
  public func ping(_ payload: some Collection<UInt8> = [UInt8]()) async throws(WebSocketError) {
    try await send(.ping, ByteBuffer(bytes: Array(payload.prefix(125))))
  }

  /// Sends a close frame. The events go on until the server's answer, or until the close timeout has passed.
  ///
  /// - Parameter code: of RFC 6455 section 7.4; 1000 is an ordinary end.
  public func close(code: UInt16 = 1000, reason: String = "") async throws(WebSocketError) {
    try await send(.connectionClose, ProtocolHandler.payload(code, reason: reason))
  }

  private func send(_ opcode: WebSocketOpcode, _ payload: ByteBuffer) async throws(WebSocketError) {
    do {
      try await writer.write(WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: payload))
    } catch {
      throw WebSocketError(error)
    }
  }
}

/// The events of a connection.
public struct WebSocketEvents: AsyncSequence, Sendable {
  public typealias Element = WebSocketEvent
  let base: NIOAsyncChannelInboundStream<WebSocketEvent>

  public func makeAsyncIterator() -> Iterator { Iterator(base: base.makeAsyncIterator()) }

  public struct Iterator: AsyncIteratorProtocol {
    var base: NIOAsyncChannelInboundStream<WebSocketEvent>.AsyncIterator

    /// - Throws: ``WebSocketError``.
    public mutating func next() async throws -> WebSocketEvent? {
      do {
        return try await base.next()
      } catch {
        throw WebSocketError(error)
      }
    }
  }
}
