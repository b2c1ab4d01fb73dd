import CDBDomain

@testable import CDBServices

/// A session, its clock, and everything that it did.
struct SessionHarness {
  typealias Instant = BinanceSession.Instant
  typealias ID = BinanceSession.ConnectionID

  static let start = ContinuousClock.now

  var session: BinanceSession
  var now = Self.start
  var random = RandomSource(seed: 1)
  var actions: [(at: Instant, action: BinanceSession.Action)] = []

  init(streams: Int = 6, timing: SessionTiming = SessionTiming(), seed: UInt64 = 1) {
    session = BinanceSession(
      streams: (0..<streams).map { "s\($0)@trade" }, timing: timing, start: Self.start)
    random = RandomSource(seed: seed)
  }

  @discardableResult
  mutating func give(_ input: BinanceSession.Input) -> [BinanceSession.Action] {
    let new = session.handle(input, at: now, random: &random)
    actions += new.map { (now, $0) }
    return new
  }

  /// Lets time pass in steps of a tenth of a second; `each` is called at every step.
  mutating func pass(_ duration: Duration, each: (inout Self) -> Void = { _ in }) {
    let end = now + duration
    while now < end {
      now += .milliseconds(100)
      give(.timer)
      each(&self)
    }
  }

  /// Connections that were asked for, with their times.
  var attempts: [(at: Instant, id: ID)] {
    actions.compactMap { if case .connect(let id) = $0.action { ($0.at, id) } else { nil } }
  }

  var endings: [BinanceSession.Ending] {
    actions.compactMap { if case .ended(_, let ending, _) = $0.action { ending } else { nil } }
  }

  func requests(of id: ID) -> [(at: Instant, text: String)] {
    actions.compactMap { if case .send(id, let text) = $0.action { ($0.at, text) } else { nil } }
  }

  /// Opens a connection and acknowledges what it asks for.
  mutating func stream(_ id: ID) {
    give(.opened(id))
    var answered = 0
    for _ in 0..<200 where answered < requests(of: id).count || !session.isStreaming(id) {
      for (_, text) in requests(of: id).dropFirst(answered) {
        give(.received(id, .acknowledgement(Self.number(of: text))))
        answered += 1
      }
      if !session.isStreaming(id) { pass(.milliseconds(100)) }
    }
  }

  /// Market data every second for so long.
  mutating func data(_ id: ID, for duration: Duration) {
    let end = now + duration
    while now < end {
      pass(.seconds(1))
      give(.received(id, .data(InstrumentID(0))))
    }
  }

  static func number(of request: String) -> Int64? {
    request.split(separator: "\"id\":").last.flatMap { Int64($0.dropLast()) }
  }
}

extension BinanceSession {
  func isStreaming(_ id: ConnectionID) -> Bool {
    [current, successor].contains { $0?.id == id && $0?.phase == .streaming }
  }
}
