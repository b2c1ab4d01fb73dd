import CDBDomain

/// What a simulated exchange sent and what it kept back, exactly: `GET /faults`.
public struct ExchangeLedger: Sendable, Codable {
  /// One connection's share.
  public struct Connection: Sendable, Codable {
    public var number: Int
    /// Messages handed to the socket, of every kind but pings, pongs and close frames.
    public var sent: UInt64 = 0
    /// Market data, by kind.
    public var market: [String: UInt64] = [:]
    /// Answers to requests, and announcements.
    public var answers: UInt64 = 0
    /// What a fault made of messages, or added, by the fault.
    public var faulty: [String: UInt64] = [:]
    /// Market data that was due and was not sent, by the fault.
    public var suppressed: [String: UInt64] = [:]
    public var pings: UInt64 = 0
    public var pongs: UInt64 = 0
    /// How it ended; nil while it lasts.
    public var ending: String?
  }

  /// A numbered message that a subscriber did not get.
  public struct Suppressed: Sendable, Codable, Hashable {
    public var connection: Int
    public var symbol: String
    public var kind: FrameNumbers.Kind
    public var first: Int64
    public var last: Int64
    public var fault: String
  }

  /// The last of them; counts go on in ``totals``.
  public var connections: [Connection] = []
  public var suppressed: [Suppressed] = []
  /// Suppressed messages that are not in the list any more.
  public var suppressedBefore: UInt64 = 0
  /// Market data, by kind, whoever was connected.
  public var published: [String: UInt64] = [:]
  /// By symbol and kind: the first and the last number that were published.
  public var ranges: [String: [Int64]] = [:]
  public var accepted: UInt64 = 0
  public var refused: UInt64 = 0
  /// Requests beyond the limit of a connection, which end it.
  public var violations: UInt64 = 0
  /// Answers of `/api/v3/depth`, by status.
  public var depth: [String: UInt64] = [:]

  static let keptConnections = 1_000
  static let keptSuppressed = 200_000

  mutating func published(_ message: MarketMessage) {
    published[message.numbers.kind.rawValue, default: 0] += 1
    let key = "\(message.symbol) \(message.numbers.kind.rawValue)"
    ranges[key] = [ranges[key]?.first ?? message.numbers.first, message.numbers.last]
  }

  mutating func suppress(_ message: MarketMessage, _ fault: String, connection: Int) {
    suppressed.append(
      Suppressed(
        connection: connection, symbol: message.symbol, kind: message.numbers.kind,
        first: message.numbers.first, last: message.numbers.last, fault: fault))
    if suppressed.count > Self.keptSuppressed {
      suppressedBefore += UInt64(suppressed.count / 2)
      suppressed.removeFirst(suppressed.count / 2)
    }
    change(connection) { $0.suppressed[fault, default: 0] += 1 }
  }

  mutating func change(_ number: Int, _ body: (inout Connection) -> Void) {
    // The newest are the ones that anything happens to.
    guard let index = connections.lastIndex(where: { $0.number == number }) else { return }
    body(&connections[index])
  }

  mutating func open(_ number: Int) {
    accepted += 1
    connections.append(Connection(number: number))
    if connections.count > Self.keptConnections {
      connections.removeFirst(connections.count - Self.keptConnections)
    }
  }
}
