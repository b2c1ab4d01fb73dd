import CDBDomain
import Testing

@testable import CDBPipeline

@Suite("what is counted of the order path")
struct OrderPathTallyTests {
  private static func tally(_ events: [Event]) -> OrderPathTally {
    var tally = OrderPathTally()
    for (index, event) in events.enumerated() {
      tally.add(Envelope(time: at(Int64(index)), origin: 1, event: event), wall: 1_000 + Int64(index))
    }
    return tally
  }

  @Test("signals count by instrument, side and strategy; market data counts nowhere")
  func signals() {
    let tally = Self.tally([
      .signal(Make.signal(1)), .tick, .quote(Make.quote()), .signal(Make.signal(2)),
      .signal(Make.signal(3, side: .sell)),
    ])
    let key = OrderPathTally.SignalKey(instrument: Make.bitcoin, side: .buy, strategy: "momentum")
    #expect(tally.signals[key] == 2)
    #expect(tally.signals.values.reduce(0, +) == 3)
    #expect(tally.lastSignal == at(4))
  }

  @Test("refusals in a row are counted from the first on, until one approval")
  func refusals() {
    var events: [Event] = (1...3).map { .decision(Make.decision($0, refused: .exposureLimit)) }
    var tally = Self.tally(events)
    #expect(tally.refusalsInARow == 3)
    #expect(tally.refusedSince == at(1_000))
    #expect(tally.lastRefusal[.exposureLimit] == at(1_002))
    events.append(.decision(Make.decision(4)))
    tally = Self.tally(events)
    #expect(tally.refusalsInARow == 0)
    #expect(tally.refusedSince == nil)
    #expect(tally.lastApproval == at(3))
    #expect(tally.decisions[.init(approved: false, reason: .exposureLimit)] == 3)
    #expect(tally.decisions[.init(approved: true, reason: .none)] == 1)
  }

  @Test("a resume ends the row of refusals, whose reasons are counted apart from those before")
  func resumed() {
    let refused = { (number: UInt64, reason: ReasonCode) in
      Event.decision(Make.decision(number, refused: reason))
    }
    let events = [
      refused(1, .killSwitch), refused(2, .killSwitch), .control(.resume(justification: "checked")),
      refused(3, .exposureLimit),
    ]
    var tally = Self.tally(Array(events.prefix(3)))
    #expect(tally.refusalsInARow == 0 && tally.refusedSince == nil)
    tally = Self.tally(events)
    #expect(tally.refusedInARow == [.exposureLimit: 1])
    #expect(tally.refusedSince == at(1_003))
  }

  @Test("what happened before the process is counted no second time, but for alerts that wait for somebody")
  func earlier() {
    var tally = OrderPathTally()
    let order = EventID(producer: .risk, partition: 0, sequence: 1)
    let alert = Alert(
      id: order, level: .critical, reason: .fillOutOfBounds, message: "out of bounds", context: [:])
    for event in [
      .signal(Make.signal(1)), .result(Make.result(2, of: order, .filled, fee: 7)), .alert(alert),
    ] as [Event] {
      tally.addEarlier(Envelope(time: at(1), origin: 1, event: event))
    }
    #expect(tally.signals.isEmpty && tally.fills.isEmpty && tally.lastFillWall == nil)
    #expect(tally.incidents == [.fillOutOfBounds: 1])
  }

  @Test(
    "a result without a fill is a status; with one it adds a fill and its fee, and the newest twenty stay")
  func fills() {
    let order = EventID(producer: .risk, partition: 0, sequence: 1)
    var events: [Event] = [.result(Make.result(1, of: order, .accepted))]
    for number in 2...31 { events.append(.result(Make.result(UInt64(number), of: order, .filled, fee: 7))) }
    let tally = Self.tally(events)
    #expect(tally.results == [.accepted: 1, .filled: 30])
    #expect(tally.fills[.init(instrument: Make.bitcoin, side: .buy)] == 30)
    #expect(tally.fees == Money(mantissa: 210))
    #expect(tally.latestFills.map(\.id.sequence) == Array(12...31))
    #expect(tally.lastFillWall == at(1_030))
  }

  @Test("fees that do not fit in 64 bits stay at the last sum that did")
  func overflow() {
    let order = EventID(producer: .risk, partition: 0, sequence: 1)
    let tally = Self.tally([
      .result(Make.result(1, of: order, .filled, fee: .max)),
      .result(Make.result(2, of: order, .filled, fee: 1)),
    ])
    #expect(tally.fees == Money(mantissa: .max))
    #expect(tally.fills.values.reduce(0, +) == 2)
  }
}
