import NIOCore
import NIOWebSocket

/// Makes messages of a server's frames, and refuses what RFC 6455 does not allow. A value without I/O.
struct MessageAssembler {
  /// What a frame leads to.
  enum Step: Equatable {
    /// A fragment was kept.
    case wait
    case deliver(WebSocketEvent)
    /// The connection must fail, and this code tells the server why (RFC 6455 section 7.4.1).
    case fail(WebSocketError, code: UInt16)
  }

  private struct Partial {
    var isText: Bool
    var bytes: [UInt8]
  }

  let maximumBytes: Int
  /// A message whose last fragment is still to come.
  private var partial: Partial?

  init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

  mutating func take(_ frame: WebSocketFrame) -> Step {
    guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
      return .violation("a reserved bit is set, and no extension was agreed on")
    }
    guard frame.maskKey == nil else { return .violation("a server must not mask its frames") }
    switch frame.opcode {
    case .text, .binary:
      guard partial == nil else { return .violation("a new message inside of another") }
      partial = Partial(isText: frame.opcode == .text, bytes: [])
      return append(frame)
    case .continuation:
      guard partial != nil else { return .violation("a continuation of nothing") }
      return append(frame)
    case .ping: return .deliver(.ping(Array(frame.data.readableBytesView)))
    case .pong: return .deliver(.pong(Array(frame.data.readableBytesView)))
    case .connectionClose: return close(Array(frame.data.readableBytesView))
    default: return .violation("an unknown kind of frame")
    }
  }

  private mutating func append(_ frame: WebSocketFrame) -> Step {
    guard var message = partial else { return .wait }
    // Taken out, so that the bytes are not copied at each fragment.
    partial = nil
    guard frame.data.readableBytes <= maximumBytes - message.bytes.count else {
      return .fail(.messageTooLarge(limit: maximumBytes), code: 1009)
    }
    message.bytes.append(contentsOf: frame.data.readableBytesView)
    guard frame.fin else {
      partial = message
      return .wait
    }
    guard message.isText else { return .deliver(.binary(message.bytes)) }
    guard String(validating: message.bytes, as: UTF8.self) != nil else {
      return .fail(.invalidText(message.bytes), code: 1007)
    }
    return .deliver(.text(message.bytes))
  }

  private func close(_ payload: [UInt8]) -> Step {
    guard !payload.isEmpty else { return .deliver(.closed(code: nil, reason: "")) }
    guard payload.count >= 2, let reason = String(validating: payload.dropFirst(2), as: UTF8.self) else {
      return .violation("a close frame without a whole code, or with a reason that is not UTF-8")
    }
    let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
    let isAllowed =
      (1000...1014).contains(code) && ![1004, 1005, 1006].contains(code) || (3000...4999).contains(code)
    guard isAllowed else { return .violation("the close code \(code) must not be sent") }
    return .deliver(.closed(code: code, reason: reason))
  }
}

extension MessageAssembler.Step {
  static func violation(_ problem: String) -> Self { .fail(.protocolViolation(problem), code: 1002) }
}
