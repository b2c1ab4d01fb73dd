import NIOCore

extension EndpointResponder {
  /// The refusal of what nobody waits for any more; nil where somebody does, as far as that can be known.
  func lateness(of request: EndpointRequest, on channel: any Channel) async -> EndpointResponse? {
    if let text = request.header(ServiceInstant.deadlineField) {
      guard let deadline = ServiceInstant(text) else {
        return .error(
          .invalidInput("\(ServiceInstant.deadlineField) is an instant as \(ServiceInstant.field) shows it"))
      }
      if instants.isPast(deadline) { return Self.late }
    }
    return await Self.hasLeft(channel) ? Self.late : nil
  }

  private static var late: EndpointResponse {
    .error(.conflict("whoever asked for this does not wait for it any more, so it is not done: ask again"))
  }

  /// Whether the peer has closed its end: the answer would reach nobody. The kernel knows that of a process that was stopped,
  /// too, before anything of the connection is read.
  private static func hasLeft(_ channel: any Channel) async -> Bool {
    guard channel.isActive else { return true }
    #if os(Linux)
      guard let socket = channel as? any SocketOptionProvider,
        let info = try? await socket.getTCPInfo().get()
      else { return false }
      // Its first byte is tcpi_state.
      return withUnsafeBytes(of: info) { endedStates.contains($0[0]) }
    #else
      return false
    #endif
  }

  /// Of netinet/tcp.h: TCP_CLOSE, TCP_CLOSE_WAIT, TCP_LAST_ACK, TCP_CLOSING.
  private static let endedStates: Set<UInt8> = [7, 8, 9, 11]
}
