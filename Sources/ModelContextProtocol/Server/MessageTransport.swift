/// How messages come from a client, and go to it.
///
/// ``Connection/run(over:clock:)`` reads from one task and writes from one other. Both must return soon after
/// the task is cancelled.
public protocol MessageTransport: Sendable {
  /// The next message; nil once the client has no more to say.
  func next() async throws -> Frame?

  /// Writes one message, which is a line without its newline.
  ///
  /// - Parameter place: what it is about, for transports with more than one channel.
  func write(_ message: [UInt8], about place: Outgoing.Place) async throws
}
