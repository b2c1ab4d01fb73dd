import Foundation

/// Messages as lines over a pair of descriptors, by default standard input and output.
///
/// <https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio>
public actor StdioTransport: MessageTransport {
  private static let pieceBytes = 64 << 10

  private let input: CancellableDescriptor
  private nonisolated let output: CancellableDescriptor
  private var framer: LineFramer
  private var frames: ArraySlice<Frame> = []
  private var hasEnded = false

  /// - Parameters:
  ///   - input: where lines come from. It stays the caller's.
  ///   - output: where lines go to; nothing else may write there.
  ///   - limit: the longest line in bytes.
  /// - Throws: where the system has no more descriptors.
  public init(input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO, limit: Int) throws {
    self.input = try CancellableDescriptor(input, label: "mcp-input")
    self.output = try CancellableDescriptor(output, label: "mcp-output")
    framer = LineFramer(limit: limit)
  }

  public func next() async throws -> Frame? {
    while true {
      if let frame = frames.popFirst() { return frame }
      guard !hasEnded else { return nil }
      let bytes = try await input.read(atMost: Self.pieceBytes)
      hasEnded = bytes.isEmpty
      frames = (hasEnded ? framer.end() : framer.take(bytes))[...]
    }
  }

  public nonisolated func write(_ message: [UInt8], about place: Outgoing.Place) async throws {
    try await output.write(message + [UInt8(ascii: "\n")])
  }
}

extension MCPServer {
  /// Serves the client at standard input and output until it has no more to say. The process passes over
  /// SIGPIPE from then on, so that a client which is gone ends the connection and not the process.
  ///
  /// - Throws: where a descriptor cannot be read or written.
  public func serveStandardStreams() async throws {
    signal(SIGPIPE, SIG_IGN)
    let transport = try StdioTransport(limit: configuration.limits.messageBytes)
    try await Connection(to: self).run(over: transport)
  }
}
