import Testing

@testable import CDBDomain

@Suite("What the gate lets through")
struct GateStateTests {
  private func order(_ side: Side, account: String = "paper") -> Order {
    Order(
      id: Fixture.id(.risk, 1), signalID: Fixture.id(.core, 1), account: account, instrument: btc, side: side,
      type: .market, quantity: Quantity(mantissa: 1_000), referencePrice: Price(mantissa: 100), layers: [])
  }

  @Test(
    "an order that adds needs an open gate, one that reduces passes while it verifies and when it has tripped",
    arguments: [
      (GateState.closed, ReasonCode.gateClosed, ReasonCode.gateClosed),
      (.verifying, .gateVerifying, nil), (.open, nil, nil), (.tripped, .gateTripped, nil),
      (.stopped, .gateStopped, .gateStopped),
    ] as [(GateState, ReasonCode?, ReasonCode?)])
  func realOrders(state: GateState, buying: ReasonCode?, selling: ReasonCode?) {
    #expect(state.refusal(of: order(.buy)) == buying)
    #expect(state.refusal(of: order(.sell)) == selling)
  }

  @Test(
    "a probe passes while the gate verifies and while it is open, whichever side it is",
    arguments: Side.allCases)
  func probes(side: Side) {
    let probe = order(side, account: RiskEngine.canaryName)
    #expect(GateState.allCases.filter { $0.refusal(of: probe) == nil } == [.verifying, .open])
  }

  private func gate(_ state: GateState) -> Control {
    .gate(GateChange(state: state, actor: "policy", reason: "test"))
  }

  @Test("a stop is left by a resume alone, and leads to closed")
  func stop() throws {
    for state in GateState.allCases {
      #expect(state.after(.stop(reason: "x"), enforced: true) == .stopped)
    }
    for next in GateState.allCases {
      #expect(GateState.stopped.after(gate(next), enforced: true) == .stopped)
    }
    #expect(GateState.stopped.after(.resume(justification: "x"), enforced: true) == .closed)
    #expect(GateState.stopped.after(.resume(justification: "x"), enforced: false) == .open)
    #expect(GateState.tripped.after(.resume(justification: "x"), enforced: true) == .tripped)
  }

  @Test("no transition of the gate can pretend to be a stop")
  func noFalseStop() {
    #expect(GateState.open.after(gate(.stopped), enforced: true) == .open)
  }

  @Test("a configuration that begins to guard closes, one that ceases opens, and neither lifts a stop")
  func configuration() throws {
    var guarded = PipelineConfiguration(profile: "default", instruments: try Fixture.catalogue())
    guarded.gate.enforced = true
    var unguarded = guarded
    unguarded.gate.enforced = false
    #expect(GateState.open.after(.configure(guarded), enforced: false) == .closed)
    #expect(GateState.open.after(.configure(guarded), enforced: true) == .open)
    #expect(GateState.closed.after(.configure(unguarded), enforced: true) == .open)
    #expect(GateState.stopped.after(.configure(unguarded), enforced: true) == .stopped)
  }
}
