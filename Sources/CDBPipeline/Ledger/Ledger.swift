import CDBDomain

/// Counts by reason. The code's number is the index; only what is not zero is written.
public struct ReasonCounts: Sendable, Hashable {
  private var counts = [UInt64](repeating: 0, count: 128)
  public init() {}

  @inlinable
  public subscript(_ reason: ReasonCode) -> UInt64 {
    get { count(Int(reason.rawValue)) }
    set { setCount(Int(reason.rawValue), newValue) }
  }

  @usableFromInline func count(_ index: Int) -> UInt64 { index < counts.count ? counts[index] : 0 }
  @usableFromInline mutating func setCount(_ index: Int, _ value: UInt64) {
    if index < counts.count { counts[index] = value }
  }

  public var total: UInt64 { counts.reduce(0, +) }
  public var byReason: [(reason: ReasonCode, count: UInt64)] {
    ReasonCode.allCases.compactMap { self[$0] > 0 ? ($0, self[$0]) : nil }
  }

  public mutating func add(_ other: ReasonCounts) {
    for index in counts.indices where other.counts[index] != 0 { counts[index] &+= other.counts[index] }
  }

  public func subtracting(_ other: ReasonCounts) -> ReasonCounts {
    var result = self
    for index in counts.indices { result.counts[index] &-= other.counts[index] }
    return result
  }

  public mutating func reset() {
    for index in counts.indices { counts[index] = 0 }
  }
}

extension ReasonCounts: Codable {
  public init(from decoder: any Decoder) throws {
    for (code, count) in try decoder.singleValueContainer().decode([String: UInt64].self) {
      guard let reason = ReasonCode(code: code) else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "unknown reason code \(code)"))
      }
      self[reason] = count
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(Dictionary(uniqueKeysWithValues: byReason.map { ($0.reason.code, $0.count) }))
  }
}

/// Counts by kind of event.
public struct KindCounts: Sendable, Hashable {
  private var counts = [UInt64](repeating: 0, count: EventKind.allCases.count)
  public init() {}

  public subscript(_ kind: EventKind) -> UInt64 {
    get { counts[Int(kind.rawValue)] }
    set { counts[Int(kind.rawValue)] = newValue }
  }

  public var total: UInt64 { counts.reduce(0, +) }
  public var byKind: [(kind: EventKind, count: UInt64)] {
    EventKind.allCases.compactMap { self[$0] > 0 ? ($0, self[$0]) : nil }
  }

  public mutating func add(_ other: KindCounts) {
    for index in counts.indices { counts[index] &+= other.counts[index] }
  }

  public func subtracting(_ other: KindCounts) -> KindCounts {
    var result = self
    for index in counts.indices { result.counts[index] &-= other.counts[index] }
    return result
  }

  public mutating func reset() {
    for index in counts.indices { counts[index] = 0 }
  }
}

extension KindCounts: Codable {
  public init(from decoder: any Decoder) throws {
    let coded = try decoder.singleValueContainer().decode([String: UInt64].self)
    for kind in EventKind.allCases { self[kind] = coded[kind.code] ?? 0 }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(Dictionary(uniqueKeysWithValues: byKind.map { ($0.kind.code, $0.count) }))
  }
}

/// What one stage did with the events it received. It counts distinct events: what was delivered again
/// has its own column.
///
/// At every cut: received = acted + absorbed + dropped + in flight.
public struct NodeLedger: Sendable, Hashable, Codable {
  public var received: UInt64 = 0
  public var acted: UInt64 = 0
  public var absorbed = ReasonCounts()
  public var dropped = ReasonCounts()
  public var receivedByKind = KindCounts()
  public var emittedByKind = KindCounts()
  public var redeliveries: UInt64 = 0

  public init() {}

  public var accountedFor: UInt64 { acted &+ absorbed.total &+ dropped.total }

  public mutating func add(_ other: NodeLedger) {
    received &+= other.received
    acted &+= other.acted
    absorbed.add(other.absorbed)
    dropped.add(other.dropped)
    receivedByKind.add(other.receivedByKind)
    emittedByKind.add(other.emittedByKind)
    redeliveries &+= other.redeliveries
  }

  /// What happened since an earlier state of the same ledger.
  public func since(_ earlier: NodeLedger) -> NodeLedger {
    var result = NodeLedger()
    result.received = received &- earlier.received
    result.acted = acted &- earlier.acted
    result.absorbed = absorbed.subtracting(earlier.absorbed)
    result.dropped = dropped.subtracting(earlier.dropped)
    result.receivedByKind = receivedByKind.subtracting(earlier.receivedByKind)
    result.emittedByKind = emittedByKind.subtracting(earlier.emittedByKind)
    result.redeliveries = redeliveries &- earlier.redeliveries
    return result
  }

  public mutating func reset() {
    received = 0
    acted = 0
    absorbed.reset()
    dropped.reset()
    receivedByKind.reset()
    emittedByKind.reset()
    redeliveries = 0
  }
}
