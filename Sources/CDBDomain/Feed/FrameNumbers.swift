/// What a frame of market data is numbered with, for whoever keeps books of frames without decoding them.
public struct FrameNumbers: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    case trade, quote, depth, other
  }

  public var kind: Kind
  /// The first and the last number that the frame covers; zero where it has none.
  public var first: Int64
  public var last: Int64

  /// Nil where the frame is no JSON, or no message of a stream.
  public init?(_ frame: UnsafeRawBufferPointer) {
    guard frame.count <= JSONScanner.maximumBytes, let message = try? BinanceMessage(frame) else {
      return nil
    }
    func number(_ value: JSONValue) -> Int64 { value.integer(in: frame) ?? 0 }
    switch message.kind(in: frame) {
    case .trade: (kind, first, last) = (.trade, number(message.fields.t), number(message.fields.t))
    case .aggregateTrade: (kind, first, last) = (.trade, number(message.fields.f), number(message.fields.l))
    case .quote: (kind, first, last) = (.quote, number(message.fields.u), number(message.fields.u))
    case .depthUpdate: (kind, first, last) = (.depth, number(message.fields.U), number(message.fields.u))
    case .kline: (kind, first, last) = (.other, 0, 0)
    default: return nil
    }
  }
}

extension FrameNumbers {
  /// Whether these bytes are a snapshot of a book, as REST gives it.
  public static func isSnapshot(_ frame: [UInt8]) -> Bool {
    frame.withUnsafeBytes { bytes in
      guard bytes.count <= JSONScanner.maximumBytes, let message = try? BinanceMessage(bytes) else {
        return false
      }
      return message.kind(in: bytes) == .depthSnapshot
    }
  }
}
