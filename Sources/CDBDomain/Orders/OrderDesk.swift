/// What the account has at the exchange: how its orders are sent, which are under way or waiting, and since when
/// something may have happened to them that it has not heard of.
public struct OrderDesk: Sendable, Hashable, Codable {
  private struct Best: Sendable, Hashable, Codable {
    var bid: Price
    var ask: Price
  }

  public var rules: OrderRules
  public var exchange: PaperExchangeRules
  private let instruments: InstrumentCatalogue
  private var best: [Best?]
  /// In the order in which they were sent.
  public private(set) var orders: [WorkingOrder] = []
  private var touched = Touches()

  public init(configuration: PipelineConfiguration) {
    rules = configuration.orders
    exchange = configuration.exchange
    instruments = configuration.instruments
    best = Array(repeating: nil, count: configuration.instruments.instruments.count)
  }

  /// The type and limit that an approved proposal is sent with. A limit is the best price of the order's own
  /// side; without quotes, the reference price at the tick that asks for more.
  public func terms(for side: Side, of id: InstrumentID, reference: Price) -> (type: OrderType, limit: Price?)
  {
    guard rules.style == .limit, instruments.contains(id) else { return (.market, nil) }
    if let best = best[Int(id.index)] { return (.limit, side == .buy ? best.bid : best.ask) }
    return (.limit, instruments[id].roundedToTick(reference, side == .buy ? .down : .up))
  }

  /// Notes that an order went out.
  public mutating func sent(_ order: Order, at time: EventTime) {
    orders.append(
      WorkingOrder(
        order, arrivesAt: exchange.arrival(of: order.id, sentAt: time),
        patienceEnds: order.type == .limit ? time.advanced(by: max(0, rules.patience)) : nil))
  }

  /// Notes that a request to cancel went out.
  public mutating func sent(_ cancel: CancelRequest, at time: EventTime) {
    guard let place = orders.firstIndex(where: { $0.id == cancel.orderID }) else { return }
    // One that has arrived holds nothing up; one that may not have is not overtaken.
    let arrival = exchange.arrival(ofCancel: cancel.id, sentAt: time, after: orders[place].arrivesAt)
    // Of several the first to arrive is the one that counts.
    orders[place].cancelArrivesAt = min(arrival, orders[place].cancelArrivesAt ?? arrival)
  }

  /// Learns what became of an order.
  public mutating func learn(_ result: OrderResult) {
    if result.status.isFinal { orders.removeAll { $0.id == result.orderID } }
    if orders.isEmpty { touched = Touches() }
  }

  /// Orders that have rested longer than their patience, and whose cancel was not sent yet.
  public func impatient(at time: EventTime) -> [WorkingOrder] {
    orders.filter { $0.cancelArrivesAt == nil && $0.patienceEnds.map { $0 <= time } ?? false }
  }

  /// Orders that wait at the exchange, or are on their way to wait there, and whose cancel was not sent yet.
  public var resting: [WorkingOrder] { orders.filter { $0.rests && $0.cancelArrivesAt == nil } }

  public mutating func note(_ quote: Quote, at time: EventTime) {
    let index = Int(quote.instrument.index)
    if index < best.count { best[index] = Best(bid: quote.bid, ask: quote.ask) }
    guard !orders.isEmpty, orders.contains(where: { $0.mayBeTouched(by: quote) }) else { return }
    touched.note(time)
  }

  public mutating func note(_ trade: Trade, at time: EventTime) {
    guard !orders.isEmpty, orders.contains(where: { $0.mayBeTouched(by: trade) }) else { return }
    touched.note(time)
  }

  public mutating func note(_ update: BookUpdate, at time: EventTime) {
    guard !orders.isEmpty, orders.contains(where: { $0.mayBeTouched(by: update) }) else { return }
    touched.note(time)
  }

  /// Notes that a command may have come to orders that wait: the gate may take them out.
  public mutating func noteIntervention(at time: EventTime) {
    if !orders.isEmpty { touched.note(time) }
  }

  /// The earliest time later than `known` at which something may have happened to an order: it or its cancel
  /// arrives, or the market comes to it. Nil where nothing may have, as far as the market was seen.
  ///
  /// - Parameter known: what happened up to and including this time has been heard of.
  public mutating func mayHaveHappened(after known: EventTime) -> EventTime? {
    guard !orders.isEmpty else { return nil }
    var earliest = touched.first(after: known)
    for order in orders {
      for time in [order.arrivesAt, order.cancelArrivesAt] {
        guard let time, time > known, time < earliest ?? .distantFuture else { continue }
        earliest = time
      }
    }
    return earliest
  }
}

/// When the market came to an order, as far as that is not known to be over: ascending.
///
/// It is not part of a snapshot: a snapshot is made where everything before it has been heard of.
private struct Touches: Sendable, Hashable, Codable {
  private var times: [EventTime] = []
  /// How many of them are over; they are let go of together.
  private var over = 0

  init() {}
  init(from decoder: any Decoder) throws { self.init() }
  func encode(to encoder: any Encoder) throws { _ = encoder.container(keyedBy: CodingKeys.self) }
  private enum CodingKeys: CodingKey {}

  mutating func note(_ time: EventTime) {
    if times.last.map({ $0 < time }) ?? true { times.append(time) }
  }

  mutating func first(after known: EventTime) -> EventTime? {
    while over < times.count, times[over] <= known { over += 1 }
    if over == times.count || over > 256 {
      times.removeFirst(over)
      over = 0
    }
    return over < times.count ? times[over] : nil
  }
}
