import CDBDomain
import CDBPipeline

/// What a simulated exchange knows: its market, its clock, its clients and its faults. The exchange's lock is
/// around it.
struct ExchangeCore: Sendable {
  typealias Instant = ContinuousClock.Instant

  /// What to do next.
  enum Step: Sendable {
    case send(ExchangeConnection.Item, [ExchangeConnection])
    case end([ExchangeConnection], Fault.Kind)
    case wait(Duration)
  }

  let options: ExchangeOptions
  let start: EventTime
  var market: any ExchangeMarket
  var plan: FaultPlan
  var ledger = ExchangeLedger()
  var connections: [Int: ExchangeConnection] = [:]
  private var nextNumber = 1
  /// When the market's time began to pass: with the first subscription.
  private var begun: Instant?
  /// The faults of the plan that have begun.
  private var started: Set<Int> = []
  private var firstSnapshots: [InstrumentID: [UInt8]] = [:]
  private var quotes: [String: MarketMessage] = [:]
  private var waiting: [Step] = []
  private var lastRepetition = 0.0
  private(set) var hasEnded = false

  init(_ options: ExchangeOptions, start: EventTime) throws {
    self.options = options
    self.start = start
    market = try options.makeMarket(start: start)
    plan = options.plan
  }

  /// Seconds of the market's time.
  func seconds(at now: Instant) -> Double {
    guard let begun else { return 0 }
    return (now - begun) / .seconds(1) * (options.speed.isFinite ? options.speed : 1)
  }

  func faults(at now: Instant) -> [Fault] { plan.active(at: seconds(at: now)) }

  func isActive(_ kind: Fault.Kind, at now: Instant) -> Bool { faults(at: now).contains { $0.kind == kind } }

  /// Lets time pass, unless it does already.
  mutating func begin(at now: Instant, wall: EventTime) {
    guard begun == nil else { return }
    begun = now
    market.delay(by: max(0, wall.nanoseconds - start.nanoseconds))
    for id in options.instruments.ids { firstSnapshots[id] = market.snapshot(of: id, limit: 5_000) }
    origin = wall
  }
  private var origin: EventTime?

  mutating func inject(_ faults: [Fault], at now: Instant) {
    let offset = seconds(at: now)
    plan.faults += faults.map { fault in
      var fault = fault
      fault.start += offset
      return fault
    }
  }

  mutating func admit() -> Int {
    defer { nextNumber += 1 }
    ledger.open(nextNumber)
    return nextNumber
  }

  /// - Throws: `RecordingError`.
  mutating func step(at now: Instant) throws -> Step {
    if !waiting.isEmpty { return waiting.removeFirst() }
    guard begun != nil, let origin else { return .wait(.milliseconds(5)) }
    let elapsed = seconds(at: now)
    if let step = beginFaults(at: elapsed) { return step }
    if isActive(.freeze, at: now) { repeatQuotes(at: elapsed, now) }
    if !waiting.isEmpty { return waiting.removeFirst() }
    guard let due = try market.due else {
      hasEnded = true
      return .wait(.milliseconds(20))
    }
    let ahead = Double(due.nanoseconds - origin.nanoseconds) / 1e9 - elapsed
    guard ahead <= 0 || !options.speed.isFinite else {
      // A fault may begin before the next frame is due.
      return .wait(.seconds(min(ahead, 0.05 * options.speed) / options.speed))
    }
    var frame: [UInt8] = []
    try market.next(into: &frame)
    guard let message = message(frame) else { return .wait(.zero) }
    ledger.published(message)
    if message.numbers.kind == .quote { quotes[message.symbol] = message }
    return .send(.market(message, now), subscribers(of: message.stream))
  }

  private mutating func beginFaults(at elapsed: Double) -> Step? {
    for (index, fault) in plan.faults.enumerated() where fault.start <= elapsed && !started.contains(index) {
      started.insert(index)
      let all = connections.values.sorted { $0.number < $1.number }
      switch fault.kind {
      case .close, .reset: return .end(all, fault.kind)
      case .shutdown: return .send(.announcement, all)
      case .freeze: market.delay(by: Int64(fault.duration * 1e9))
      default: break
      }
    }
    return nil
  }

  private mutating func repeatQuotes(at elapsed: Double, _ now: Instant) {
    guard elapsed - lastRepetition >= 0.1 else { return }
    lastRepetition = elapsed
    for quote in quotes.values {
      waiting.append(.send(.repetition(quote, now), subscribers(of: quote.stream)))
    }
  }

  private func subscribers(of stream: String) -> [ExchangeConnection] {
    connections.values.filter { $0.isSubscribed(to: stream) }
  }

  private func message(_ frame: [UInt8]) -> MarketMessage? {
    // A snapshot names no stream: the exchange sends none this way.
    let opening = #"{"stream":""#.utf8
    guard frame.starts(with: opening) else { return nil }
    let name = frame.dropFirst(opening.count).prefix { $0 != UInt8(ascii: "\"") }
    guard let numbers = frame.withUnsafeBytes({ FrameNumbers($0) }) else { return nil }
    let stream = String(decoding: name, as: UTF8.self)
    let symbol = stream.prefix { $0 != "@" }.uppercased()
    return MarketMessage(stream: stream, symbol: symbol, numbers: numbers, frame: frame)
  }

  func snapshot(of id: InstrumentID, limit: Int, isFirst: Bool) -> [UInt8]? {
    isFirst ? firstSnapshots[id] : market.snapshot(of: id, limit: limit)
  }
}
