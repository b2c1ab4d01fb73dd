import NIOCore
import NIOPosix
import NIOSSL
import NIOWebSocket

/// Why there is no connection, or none any more.
public enum WebSocketError: Error, Equatable, Sendable, CustomStringConvertible {
  case invalidURL(String)
  case cannotResolve(String)
  /// Nobody listens there, or the network has no way.
  case cannotConnect(String)
  case timedOut(String)
  /// The TLS handshake failed or the peer's certificate is not trusted.
  case tls(String)
  /// The server answered the opening request with another status; `retryAfter` is the field of that name.
  case refused(status: Int, retryAfter: String?)
  /// The server's answer to the opening request is not one of a WebSocket server.
  case invalidHandshake(String)
  /// A frame that RFC 6455 does not allow.
  case protocolViolation(String)
  case messageTooLarge(limit: Int)
  /// A text message that is no UTF-8: the connection ends, as RFC 6455 section 8.1 wants it. Its bytes are the
  /// caller's to keep.
  case invalidText([UInt8])
  /// The connection ended without a close frame.
  case connectionLost(String)
  /// The task was cancelled.
  case cancelled

  public var description: String {
    switch self {
    case .invalidURL(let problem): "not the URL of a WebSocket: \(problem)"
    case .cannotResolve(let problem): "cannot resolve: \(problem)"
    case .cannotConnect(let problem): "cannot connect: \(problem)"
    case .timedOut(let step): "timed out: \(step)"
    case .tls(let problem): "TLS: \(problem)"
    case .refused(let status, let retryAfter):
      "the server refuses with status \(status)" + (retryAfter.map { ", retry after \($0) s" } ?? "")
    case .invalidHandshake(let problem): "not a WebSocket server: \(problem)"
    case .protocolViolation(let problem): "the server breaks the protocol: \(problem)"
    case .messageTooLarge(let limit): "a message is longer than \(limit) bytes"
    case .invalidText(let bytes): "a text message of \(bytes.count) bytes is not UTF-8"
    case .connectionLost(let problem): "the connection broke: \(problem)"
    case .cancelled: "cancelled"
    }
  }

  /// What an error of the layers below means here.
  init(_ error: any Error) {
    switch error {
    case let error as WebSocketError: self = error
    case is CancellationError: self = .cancelled
    case let error as NIOConnectionError:
      let failures = error.connectionErrors.map { Self.text($0.error) }
      let resolution = [error.dnsAError, error.dnsAAAAError].compactMap { $0 }
      if failures.isEmpty, let first = resolution.first {
        self = .cannotResolve("\(error.host): \(Self.text(first))")
      } else if error.connectionErrors.contains(where: { Self.isTimeout($0.error) }) {
        self = .timedOut("connecting to \(error.host):\(error.port)")
      } else {
        self = .cannotConnect("\(error.host):\(error.port): \(failures.joined(separator: "; "))")
      }
    case ChannelError.connectTimeout: self = .timedOut("connecting")
    case NIOSSLError.uncleanShutdown: self = .connectionLost("the peer ended TLS without saying so")
    case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: self = .tls("\(error)")
    case NIOWebSocketError.fragmentedControlFrame: self = .protocolViolation("a control frame in fragments")
    case NIOWebSocketError.multiByteControlFrameLength:
      self = .protocolViolation("a control frame of more than 125 bytes")
    case let error as IOError: self = .connectionLost(Self.text(error))
    case let error as ChannelError: self = .connectionLost("\(error)")
    default: self = .connectionLost("\(error)")
    }
  }

  private static func text(_ error: any Error) -> String {
    // NIO writes `Connection refused) (errno: 111)`.
    (error as? IOError).map { $0.description.replacing(") (errno: ", with: " (errno: ") } ?? "\(error)"
  }

  private static func isTimeout(_ error: any Error) -> Bool {
    if case ChannelError.connectTimeout = error { true } else { false }
  }
}
