/// How a client connects and what it takes from a server.
public struct WebSocketOptions: Sendable, Equatable {
  /// Until the TCP connection stands, name resolution included.
  public var connectTimeout = Duration.seconds(5)
  /// From there until the server has agreed to speak WebSocket, TLS included.
  public var handshakeTimeout = Duration.seconds(10)
  /// From this side's close frame until the connection is given up.
  public var closeTimeout = Duration.seconds(5)
  /// The longest frame, bytes; up to `UInt32.max`.
  public var maximumFrameBytes = 1 << 20
  /// The longest message, bytes, of however many frames.
  public var maximumMessageBytes = 4 << 20
  /// Messages that are read ahead of the consumer. Beyond, the socket is not read, and TCP holds up the server.
  public var readAhead = 64
  /// Certificates to trust instead of the system's, in PEM. Peers are always verified.
  public var authoritiesFile: String?
  /// Further fields of the opening request.
  public var headers: [(name: String, value: String)] = []

  public init() {}

  public static func == (a: Self, b: Self) -> Bool {
    a.connectTimeout == b.connectTimeout && a.handshakeTimeout == b.handshakeTimeout
      && a.closeTimeout == b.closeTimeout && a.maximumFrameBytes == b.maximumFrameBytes
      && a.maximumMessageBytes == b.maximumMessageBytes && a.readAhead == b.readAhead
      && a.authoritiesFile == b.authoritiesFile
      && a.headers.elementsEqual(b.headers) { $0.name == $1.name && $0.value == $1.value }
  }
}
