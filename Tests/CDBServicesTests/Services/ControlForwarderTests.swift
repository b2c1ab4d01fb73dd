import CDBDomain
import CDBPipeline
import HTTPTransport
import Logging
import ServiceLifecycle
import ServiceRuntime
import Synchronization
import Testing

@testable import CDBServices

@Suite("what a gate decides comes to ws")
struct ControlForwarderTests {
  private static func stop(_ number: Int) -> Control { .stop(reason: "\(number)", actor: "operator") }

  /// What waits for its turn, as a stop does not.
  private static func probe(_ number: Int) -> Control {
    .probe(number: UInt64(number), instrument: InstrumentID(0))
  }

  @Test("an outbox sends in order, and what an answer does not confirm again")
  func outbox() {
    var outbox = ControlOutbox(sender: "a")
    #expect(outbox.isEmpty && outbox.input.controls.isEmpty && outbox.room == ControlOutbox.mostControls)
    outbox.add((1...3).map(Self.stop), wantsBarrier: true)
    let input = outbox.input
    #expect(input.first == 1 && input.controls == (1...3).map(Self.stop) && input.wantsBarrier)
    #expect(outbox.take(ControlReceipt(taken: 2), of: input) == 2)
    #expect(outbox.input.first == 3 && outbox.input.controls == [Self.stop(3)] && !outbox.input.wantsBarrier)
    // Neither what is old nor what was never sent counts.
    #expect(outbox.take(ControlReceipt(taken: 1), of: outbox.input) == 0)
    #expect(outbox.take(ControlReceipt(taken: 99), of: outbox.input) == 1)
    #expect(outbox.isEmpty && outbox.input.first == 4)
  }

  @Test("what ws does not understand is sent one by one, and given up where it is that one")
  func notUnderstood() {
    var outbox = ControlOutbox(sender: "a")
    outbox.add((1...3).map(Self.stop), wantsBarrier: false)
    #expect(outbox.notUnderstood(as: "b") == nil)
    #expect(outbox.input.controls == [Self.stop(1)] && outbox.sender == "a")
    #expect(outbox.take(ControlReceipt(taken: 1), of: outbox.input) == 1)
    #expect(outbox.input.controls == [Self.stop(2), Self.stop(3)])
    #expect(outbox.notUnderstood(as: "b") == nil)
    #expect(outbox.notUnderstood(as: "b") == Self.stop(2))
    #expect(outbox.sender == "b" && outbox.input.first == 3 && outbox.input.controls == [Self.stop(3)])
  }

  /// A ws that takes controls, and answers as it is told.
  private final class FakeWS: Sendable {
    struct State: Sendable {
      /// Answers that are lost after what they answer was done.
      var losing = 0
      /// Requests that are refused without anything done.
      var refusing = 0
      var requests = 0
      var senders: Set<String> = []
      var barriers = 0
    }
    let state = Mutex(State())
    let controls = IntakeControls()
    let intake: ControlIntake

    init() { intake = ControlIntake(controls, patience: .milliseconds(20)) }

    func take(_ input: ControlInput) async throws -> ControlReceipt {
      let isRefused = state.withLock { state in
        state.requests += 1
        state.senders.insert(input.sender)
        if input.wantsBarrier { state.barriers += 1 }
        guard state.refusing > 0 else { return false }
        state.refusing -= 1
        return true
      }
      if isRefused { throw OperationError.unavailable("not now") }
      let receipt = try await intake.take(input)
      let isLost = state.withLock { state in
        guard !input.controls.isEmpty, state.losing > 0 else { return false }
        state.losing -= 1
        return true
      }
      if isLost { throw OperationError.internal("the answer was lost") }
      return receipt
    }
  }

  private func forwarding(
    farewell: Control? = nil,
    _ body: (FakeWS, IntakeControls, ControlDelivery, ServiceGroup) async throws -> Void
  ) async throws {
    let ws = FakeWS()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let token = FixedSecretSource(Secret("let me in"))
    let endpoint = ServiceEndpoint(
      configuration: EndpointConfiguration(listen: ListenAddress(port: 0), token: token),
      operations: try OperationCatalogue([
        AnyOperation(
          Operation<ControlInput, ControlReceipt>(
            name: "controls", summary: "Takes controls.", effect: .change
          ) {
            input, _ in try await ws.take(input)
          })
      ]), logger: logger)
    let serving = Task { try await endpoint.run() }
    defer { serving.cancel() }
    let client = HTTPClient()
    defer { client.shutdown() }
    let controls = IntakeControls()
    let delivery = ControlDelivery()
    let forwarder = ControlForwarder(
      controls: controls,
      client: ServiceClient(
        address: try await endpoint.address, token: token, client: client, patience: .seconds(10)),
      delivery: delivery, farewell: farewell, patienceAtTheEnd: .seconds(30), logger: logger)
    let group = ServiceGroup(services: [forwarder], gracefulShutdownSignals: [], logger: logger)
    let run = Task { try await group.run() }
    do {
      try await body(ws, controls, delivery, group)
    } catch {
      run.cancel()
      throw error
    }
    await group.triggerGracefulShutdown()
    try await run.value
  }

  @Test("everything once and in order, though answers are lost and requests refused")
  func lostAnswers() async throws {
    try await forwarding { ws, controls, delivery, _ in
      ws.state.withLock {
        $0.losing = 3
        $0.refusing = 2
      }
      let count = 100
      var last: UInt64 = 0
      for number in 1...count { last = try #require(controls.submit(Self.probe(number))) }
      var taken: [Control] = []
      try await eventually("ws has all") {
        let new = ws.controls.takeControls()
        taken += new
        ws.controls.noteJournaled(new.count)
        return taken.count >= count
      }
      #expect(await controls.journaled(last, within: .seconds(300)))
      #expect(taken == (1...count).map(Self.probe))
      #expect(delivery.component(isWanted: true).healthy)
      #expect(ws.state.withLock { $0.losing == 0 && $0.refusing == 0 && $0.senders.count == 1 })
    }
  }

  @Test("a stop goes ahead of what waits, and comes again in its place, where it counts")
  func stopFirst() async throws {
    try await forwarding { ws, controls, _, _ in
      let probe = Control.probe(number: 1, instrument: InstrumentID(0))
      for _ in 1...200 { _ = controls.submit(probe) }
      let last = try #require(controls.submit(Self.stop(1)))
      var taken: [Control] = []
      try await eventually("ws has all") {
        let new = ws.controls.takeControls()
        taken += new
        ws.controls.noteJournaled(new.count)
        return taken.count >= 202
      }
      #expect(await controls.journaled(last, within: .seconds(300)))
      #expect(taken.count == 202 && taken.last == Self.stop(1) && taken.count { $0 == probe } == 200)
      let first = try #require(taken.firstIndex(of: Self.stop(1)))
      #expect(first <= 3 * ControlOutbox.mostControls)
      #expect(controls.lastJournaled == last, "what went ahead is not counted twice")
    }
  }

  @Test("each stop is given once to go ahead, and none that is sent with the next ones anyway")
  func overtaking() {
    let controls = IntakeControls()
    let probe = Control.probe(number: 1, instrument: InstrumentID(0))
    for control in [probe, Self.stop(1), probe, Self.stop(2)] { _ = controls.submit(control) }
    #expect(controls.takeOvertakingStop(behind: 4) == nil)
    #expect(controls.takeOvertakingStop(behind: 2) == Self.stop(2))
    #expect(controls.takeOvertakingStop(behind: 0) == nil, "the later one says the same")
    #expect(controls.takeControls() == [probe, Self.stop(1), probe, Self.stop(2)])
    for control in [probe, Self.stop(3)] { _ = controls.submit(control) }
    #expect(controls.takeOvertakingStop(behind: 1) == Self.stop(3))
    #expect(controls.takeOvertakingStop(behind: 1) == nil)
  }

  @Test(
    "an outbox that is full takes one stop more, and what is not understood ahead of its place is not given up there"
  )
  func full() {
    var outbox = ControlOutbox(sender: "a")
    let probe = Control.probe(number: 1, instrument: InstrumentID(0))
    outbox.add(Array(repeating: probe, count: ControlOutbox.mostControls), wantsBarrier: false)
    #expect(outbox.room == 0 && outbox.takesStop)
    outbox.hurry(Self.stop(1))
    #expect(!outbox.takesStop && outbox.input.controls.last == Self.stop(1))
    #expect(outbox.take(ControlReceipt(taken: 33), of: outbox.input) == 32)
    outbox.hurry(Self.stop(2))
    #expect(outbox.notUnderstood(as: "b") == nil && outbox.input.controls == [Self.stop(2)])
    #expect(outbox.notUnderstood(as: "b") == nil && outbox.isEmpty && outbox.sender == "b")
  }

  @Test("what ws has not in its journal is not said to be")
  func notJournaled() async throws {
    try await forwarding { ws, controls, _, _ in
      let number = try #require(controls.submit(Self.stop(1)))
      try await eventually("ws has it") { !ws.controls.takeControls().isEmpty }
      #expect(await controls.journaled(number, within: .milliseconds(100)) == false)
      ws.controls.noteJournaled(1)
      #expect(await controls.journaled(number, within: .seconds(300)))
    }
  }

  @Test("a barrier is asked for without any control, and a failure shows until it is over")
  func barrierAndHealth() async throws {
    try await forwarding { ws, controls, delivery, _ in
      controls.requestBarrier()
      try await eventually("ws is asked") { ws.controls.takeBarrierRequest() }
      ws.state.withLock { $0.refusing = 1_000_000 }
      _ = controls.submit(Self.stop(1))
      try await eventually("it shows") { !delivery.component(isWanted: true).healthy }
      #expect(delivery.component(isWanted: true).reason?.contains("not now") == true)
      // Where ws has ended as it should, nobody wants it.
      #expect(delivery.component(isWanted: false).healthy)
      ws.state.withLock { $0.refusing = 0 }
      ws.controls.noteJournaled(1)
      try await eventually("it is over") { delivery.component(isWanted: true).healthy }
      // It says that it lives, without anything to say.
      let requests = ws.state.withLock { $0.requests }
      try await eventually("it is heard again") { ws.state.withLock { $0.requests } >= requests + 2 }
      #expect(ws.state.withLock { $0.barriers } == 1)
    }
  }

  @Test("at the end what waits is sent, with the farewell behind it, and nothing is taken any more")
  func farewell() async throws {
    try await forwarding(farewell: Beginning.closing()) { ws, controls, _, group in
      ws.state.withLock { $0.refusing = 1 }
      _ = controls.submit(Self.stop(1))
      await group.triggerGracefulShutdown()
      var taken: [Control] = []
      try await eventually("both have come") {
        let new = ws.controls.takeControls()
        taken += new
        ws.controls.noteJournaled(new.count)
        return taken.count == 2
      }
      #expect(taken == [Self.stop(1), Beginning.closing()])
      #expect(controls.submit(Self.stop(2)) == nil)
    }
  }

  @Test("while ws is away so much waits, and of what comes then a stop, once")
  func bounded() {
    let controls = IntakeControls(limit: 2)
    let probe = Control.probe(number: 1, instrument: InstrumentID(0))
    #expect(controls.submit(probe) == 1 && controls.submit(probe) == 2 && controls.submit(probe) == nil)
    #expect(controls.submit(Self.stop(1)) == 3 && controls.submit(Self.stop(2)) == nil)
    #expect(controls.takeControls(maximum: 2) == [probe, probe])
    #expect(controls.takeControls(maximum: 2) == [Self.stop(1)])
    #expect(controls.submit(probe) == 4)
  }

  @Test("a command that is refused for good is not journaled, and those behind it keep their numbers")
  func refused() async {
    let controls = IntakeControls()
    for number in 1...3 { _ = controls.submit(Self.stop(number)) }
    controls.noteJournaled(1)
    controls.noteRefused()
    controls.noteJournaled(1)
    #expect(await controls.journaled(1, within: .zero))
    #expect(await controls.journaled(2, within: .zero) == false)
    #expect(await controls.journaled(3, within: .zero))
  }
}
