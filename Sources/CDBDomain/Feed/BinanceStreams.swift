/// What a frame of Binance's streams is about, as far as a connection has to know it: where it goes, and
/// whether it asks something of the connection. A look at the frame's beginning does for market data; whether the
/// frame is one, ``BinanceFeed`` decides.
public struct BinanceStreams: Sendable, Hashable {
  /// What a message means to the connection that it came in on.
  public enum Meaning: Sendable, Hashable {
    /// Of an instrument's stream.
    case data(InstrumentID)
    /// The answer to the request of that number.
    case acknowledgement(Int64?)
    /// A request was refused, or the server complains.
    case refusal(Int64?)
    /// The server is about to close the connection.
    case shutdown
    /// Nothing that this connection knows.
    case other
  }

  private let symbols: SymbolTable
  private static let opening = Array(#"{"stream":""#.utf8)

  public init(_ instruments: InstrumentCatalogue) { symbols = SymbolTable(instruments) }

  public func meaning(of frame: UnsafeRawBufferPointer) -> Meaning {
    if let name = Self.streamName(frame), let instrument = symbols.find(stream: name) ?? nil {
      return .data(instrument)
    }
    guard frame.count <= JSONScanner.maximumBytes, let message = try? BinanceMessage(frame) else {
      return .other
    }
    switch message.kind(in: frame) {
    case .acknowledgement: return .acknowledgement(message.identifier.integer(in: frame))
    case .error: return .refusal(message.identifier.integer(in: frame))
    case .serverShutdown: return .shutdown
    default: break
    }
    let found = message.fields.s.withText(in: frame) { symbols.find($0) } ?? nil
    return found.map { .data($0) } ?? .other
  }

  /// The stream that a combined frame names at its beginning, where Binance writes it.
  private static func streamName(_ frame: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    guard frame.count > opening.count, frame.starts(with: opening) else { return nil }
    // No stream's name is longer than this, nor has it a quote in it.
    let rest = UnsafeRawBufferPointer(rebasing: frame[opening.count..<min(frame.count, opening.count + 128)])
    guard let end = rest.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
    return UnsafeRawBufferPointer(rebasing: rest[..<end])
  }
}
