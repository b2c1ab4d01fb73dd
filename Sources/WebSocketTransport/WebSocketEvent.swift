/// What comes in over a connection.
public enum WebSocketEvent: Sendable, Equatable {
  /// A text message; its bytes are UTF-8.
  case text([UInt8])
  case binary([UInt8])
  /// A ping, which was answered with its payload at once.
  case ping([UInt8])
  case pong([UInt8])
  /// The server's close frame, which was answered: the last event. No code where it sent none.
  case closed(code: UInt16?, reason: String)
}
