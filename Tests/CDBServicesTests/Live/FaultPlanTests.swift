import CDBDomain
import Foundation
import Testing

@testable import CDBServices

@Suite("What a simulated exchange does wrong")
struct FaultPlanTests {
  private func message(_ number: Int64) -> MarketMessage {
    let event = #"{"e":"trade","E":1723161253000,"t":\#(number)}"#
    let frame = Array(#"{"stream":"btcusdt@trade","data":\#(event)}"#.utf8)
    return MarketMessage(
      stream: "btcusdt@trade", symbol: "BTCUSDT", numbers: .init(kind: .trade, first: number, last: number),
      frame: frame)
  }

  /// What 1000 messages become.
  private func deliveries(_ faults: [Fault]) -> [FaultInjector.Delivery] {
    var injector = FaultInjector(seed: 1)
    return (1...1_000).map { injector.deliver(message($0), faults) }
  }

  private func numbers(_ deliveries: [FaultInjector.Delivery]) -> [Int64] {
    deliveries.flatMap { $0.outgoing.compactMap { $0.numbers?.first } }
  }

  @Test("a plan of a seed is always the same, has every kind, and another seed gives another")
  func plan() {
    let plan = FaultPlan(seed: 1, duration: 600)
    #expect(plan == FaultPlan(seed: 1, duration: 600))
    #expect(plan != FaultPlan(seed: 2, duration: 600))
    #expect(Set(plan.faults.map(\.kind)).count == Fault.Kind.allCases.count - 1)
    #expect(plan.faults.allSatisfy { $0.start + $0.duration < 600 })
    #expect(!plan.faults.contains { $0.kind == .wrongSnapshot })
  }

  @Test("a fault lasts from its start to its end")
  func active() {
    let plan = FaultPlan([Fault(.gap, at: 5, for: 2), Fault(.reset, at: 5)])
    #expect(plan.active(at: 4.9).isEmpty)
    #expect(plan.active(at: 5).map(\.kind) == [.gap])
    #expect(plan.active(at: 7).isEmpty)
  }

  @Test("without faults every message goes out as it is")
  func calm() {
    #expect(numbers(deliveries([])) == Array(1...1_000))
  }

  @Test("what is missing is named, and the rest arrives in order")
  func gap() {
    for kind in [Fault.Kind.gap, .truncate] {
      let deliveries = deliveries([Fault(kind, for: 1, every: 10)])
      #expect(deliveries.compactMap { $0.suppressed?.0.numbers.first } == (1...100).map { $0 * 10 })
      #expect(numbers(deliveries) == (1...1_000).filter { !$0.isMultiple(of: 10) })
    }
    #expect(deliveries([Fault(.silence, for: 1)]).allSatisfy { $0.outgoing.isEmpty && $0.suppressed != nil })
  }

  @Test("duplicates come twice, and what is reordered comes behind the next: nothing is missing")
  func doubled() {
    let twice = numbers(deliveries([Fault(.duplicate, for: 1, every: 4)]))
    #expect(twice.count == 1_250 && Set(twice).count == 1_000)
    let swapped = numbers(deliveries([Fault(.reorder, for: 1, every: 4)]))
    #expect(swapped.prefix(6) == [1, 2, 3, 5, 4, 6])
    // The last one is held still.
    #expect(Set(swapped) == Set(1...999))
  }

  @Test("garbage comes along with the messages and replaces none")
  func garbage() {
    for kind in [Fault.Kind.garbage, .binary, .invalidText, .oversized] {
      let deliveries = deliveries([Fault(kind, for: 1, every: 100)])
      #expect(numbers(deliveries) == Array(1...1_000))
      #expect(deliveries.flatMap(\.outgoing).count { $0.fault == kind } == 10)
    }
  }

  @Test("faults are read from JSON: only the kind is needed, and what makes no sense is refused")
  func json() throws {
    let text = #"[{"kind":"gap"},{"kind":"slow","start":1.5,"duration":2,"amount":0.25,"every":0}]"#
    let faults = try JSONDecoder().decode([Fault].self, from: Data(text.utf8))
    #expect(faults == [Fault(.gap), Fault(.slow, at: 1.5, for: 2, every: 1, amount: 0.25)])
    for text in [#"[{}]"#, #"[{"kind":"slow","amount":1e300}]"#] {
      #expect(throws: DecodingError.self) { try JSONDecoder().decode([Fault].self, from: Data(text.utf8)) }
    }
  }

  @Test("a fault that there is not is answered with the known ones, and with the nearest")
  func unknown() {
    #expect(throws: UnknownFault(name: "silense")) {
      try JSONDecoder().decode([Fault].self, from: Data(#"[{"kind":"silense"}]"#.utf8))
    }
    let words = UnknownFault(name: "silense").description
    #expect(words.hasPrefix("there is no fault silense; did you mean silence?"))
    for kind in Fault.Kind.allCases { #expect(words.contains(kind.rawValue)) }
    #expect(!UnknownFault(name: String(repeating: "x", count: 500)).description.contains("did you mean"))
    #expect(UnknownFault(name: String(repeating: "x", count: 500)).description.count < 500)
  }
}
