import CDBDomain

/// A message of the market, as it goes to whoever has subscribed to its stream.
struct MarketMessage: Sendable {
  var stream: String
  var symbol: String
  var numbers: FrameNumbers
  /// In the combined form.
  var frame: [UInt8]
}

/// What is sent to one client instead of a message: a value, so that a seed gives the same faults.
struct FaultInjector: Sendable {
  struct Outgoing: Sendable, Hashable {
    enum Form: Sendable, Hashable { case text, binary }
    var form = Form.text
    var bytes: [UInt8]
    /// Seconds to wait before it goes out.
    var delay = 0.0
    /// Nil for what the market did not bring forth.
    var numbers: FrameNumbers?
    /// What made it other than the market's own message.
    var fault: Fault.Kind?
  }

  struct Delivery: Sendable {
    var outgoing: [Outgoing] = []
    /// A message that does not reach the client, and why.
    var suppressed: (MarketMessage, Fault.Kind)?
  }

  static let oversizedBytes = 5 << 20

  private var random: RandomSource
  private var count = 0
  private var held: Outgoing?

  init(seed: UInt64) { random = RandomSource(seed: seed) }

  /// - Parameter faults: those that last now.
  mutating func deliver(_ message: MarketMessage, _ faults: [Fault]) -> Delivery {
    count += 1
    var delivery = Delivery()
    var sent = Outgoing(bytes: message.frame, numbers: message.numbers)
    var extra: [Outgoing] = []
    var isHeld = false
    for fault in faults {
      let isAffected = count.isMultiple(of: max(1, fault.every))
      switch fault.kind {
      case .silence: delivery.suppressed = delivery.suppressed ?? (message, .silence)
      case .gap where isAffected: delivery.suppressed = delivery.suppressed ?? (message, .gap)
      case .truncate where isAffected:
        delivery.suppressed = delivery.suppressed ?? (message, .truncate)
        extra.append(Outgoing(bytes: Array(message.frame.prefix(message.frame.count / 2)), fault: .truncate))
      case .duplicate where isAffected:
        var copy = sent
        copy.fault = .duplicate
        extra.append(copy)
      case .reorder where isAffected: isHeld = true
      case .garbage where isAffected:
        extra.append(Outgoing(bytes: (0..<64).map { _ in letter() }, fault: .garbage))
      case .binary where isAffected:
        let bytes = (0..<64).map { _ in UInt8(random.integer(in: 0...255)) }
        extra.append(Outgoing(form: .binary, bytes: bytes, fault: .binary))
      case .invalidText where isAffected:
        extra.append(Outgoing(bytes: Array("{\"stream\":\"".utf8) + [0xC3, 0x28], fault: .invalidText))
      case .oversized where isAffected:
        extra.append(Outgoing(bytes: Array(repeating: 0x20, count: Self.oversizedBytes), fault: .oversized))
      case .slow: sent.delay = max(sent.delay, fault.amount)
      case .skew:
        sent.bytes.withUnsafeMutableBytes {
          ExchangeTimeShift.move($0, byMilliseconds: Int64(fault.amount * 1_000))
        }
      default: break
      }
    }
    if faults.contains(where: { $0.kind == .silence }) {
      // Nothing at all: what else was to come along does not either.
      return delivery
    }
    if delivery.suppressed == nil {
      if isHeld, held == nil {
        sent.fault = .reorder
        held = sent
        return delivery
      }
      delivery.outgoing.append(sent)
    }
    if let late = held {
      delivery.outgoing.append(late)
      held = nil
    }
    delivery.outgoing += extra
    return delivery
  }

  private mutating func letter() -> UInt8 { UInt8(random.integer(in: 0x20...0x7E)) }
}
