/// Keeps an order book's updates in Binance's documented order: updates are kept until a snapshot arrives,
/// what the snapshot contains already is let go, and every update begins where the last one ended.
///
/// https://github.com/binance/binance-spot-api-docs, web-socket-streams.md, "How to manage a local order
/// book correctly".
struct BookContinuity: Sendable, Hashable {
  /// The most updates, and levels in them, that wait for a snapshot.
  static let maximumPendingUpdates = 1_000
  static let maximumPendingLevels = 100_000

  /// What to do with an update.
  enum UpdateVerdict: Equatable {
    case apply
    /// It waits for the snapshot; hand it to ``BookContinuity/keep(_:source:)``.
    case keep
    case stale
    /// Updates before it are missing. It is let go, and those behind it wait for a snapshot.
    case gap
  }

  /// What to do with a snapshot.
  enum SnapshotVerdict: Equatable {
    case adopt
    /// Older than the synchronised book.
    case stale
    /// Older than the updates that wait for it: another one is needed.
    case gap
  }

  private(set) var isSynchronised = false
  private(set) var pending: [BookUpdate] = []
  private var sequence = ExchangeSequence()

  init() {}

  /// Updates arrive, and no snapshot that they follow from.
  var needsSnapshot: Bool { !isSynchronised && sequence.last != nil }

  private var pendingLevels: Int { pending.reduce(0) { $0 + $1.bids.count + $1.asks.count } }

  mutating func judge(updateFrom first: Int64, to last: Int64, source: UInt16) -> UpdateVerdict {
    switch sequence.position(first: first, last: last, source: source) {
    case .old: return .stale
    case .follows: return isSynchronised ? .apply : .keep
    case .restart:
      forget()
      return .keep
    case .gap:
      forget()
      sequence.advance(to: last, source: source)
      return .gap
    }
  }

  /// Notes that an update was applied.
  mutating func applied(_ update: BookUpdate, source: UInt16) {
    sequence.advance(to: update.lastUpdateID, source: source)
  }

  /// Keeps an update for the snapshot. Where too many wait, the older half is let go: a snapshot that is
  /// still to come will contain them.
  mutating func keep(_ update: BookUpdate, source: UInt16) {
    if pending.count >= Self.maximumPendingUpdates { pending.removeFirst(pending.count / 2) }
    pending.append(update)
    if pending.count > 1, pendingLevels > Self.maximumPendingLevels {
      pending.removeFirst((pending.count + 1) / 2)
    }
    sequence.advance(to: update.lastUpdateID, source: source)
  }

  func judge(snapshot id: Int64, source: UInt16) -> SnapshotVerdict {
    guard let last = sequence.last, !SourceOrder.isNewer(source, than: sequence.source) else { return .adopt }
    if isSynchronised { return id < last ? .stale : .adopt }
    let firstNeeded = pending.first?.firstUpdateID ?? last &+ 1
    return id &+ 1 < firstNeeded ? .gap : .adopt
  }

  /// Takes a snapshot, and gives the kept updates that go on from it.
  mutating func adopt(snapshot id: Int64, source: UInt16) -> [BookUpdate] {
    let isAnew = SourceOrder.isNewer(source, than: sequence.source)
    let following = isAnew ? [] : pending.filter { $0.lastUpdateID > id }
    pending = []
    isSynchronised = true
    sequence.advance(to: following.last?.lastUpdateID ?? id, source: source)
    return following
  }

  private mutating func forget() {
    isSynchronised = false
    pending.removeAll()
  }
}

// The kept updates are flat lists of integers: a thousand of them may be in a snapshot.
extension BookContinuity: Codable {
  private enum CodingKeys: String, CodingKey { case isSynchronised, pending, sequence }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    isSynchronised = try container.decode(Bool.self, forKey: .isSynchronised)
    sequence = try container.decode(ExchangeSequence.self, forKey: .sequence)
    pending =
      try container.decodeIfPresent([[Int64]].self, forKey: .pending)?.map { flat in
        guard let update = BookUpdate(flat: flat) else {
          throw DecodingError.dataCorruptedError(
            forKey: .pending, in: container, debugDescription: "not a flat book update")
        }
        return update
      } ?? []
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(isSynchronised, forKey: .isSynchronised)
    try container.encode(sequence, forKey: .sequence)
    if !pending.isEmpty { try container.encode(pending.map(\.flat), forKey: .pending) }
  }
}

extension BookUpdate {
  /// Instrument, exchange time, first and last id, number of bids, then price and quantity of each level.
  fileprivate var flat: [Int64] {
    var flat = [
      Int64(instrument.index), exchangeTime?.nanoseconds ?? .min, firstUpdateID, lastUpdateID,
      Int64(bids.count),
    ]
    for level in bids + asks { flat += [level.price.mantissa, level.quantity.mantissa] }
    return flat
  }

  fileprivate init?(flat: [Int64]) {
    guard flat.count >= 5, flat.count % 2 == 1, let index = UInt16(exactly: flat[0]),
      flat[4] >= 0, flat[4] <= (flat.count - 5) / 2
    else { return nil }
    let levels = stride(from: 5, to: flat.count, by: 2).map {
      BookLevel(price: Price(mantissa: flat[$0]), quantity: Quantity(mantissa: flat[$0 + 1]))
    }
    self.init(
      instrument: InstrumentID(index), isSnapshot: false,
      exchangeTime: flat[1] == .min ? nil : EventTime(nanoseconds: flat[1]),
      firstUpdateID: flat[2], lastUpdateID: flat[3],
      bids: Array(levels.prefix(Int(flat[4]))), asks: Array(levels.dropFirst(Int(flat[4]))))
  }
}
