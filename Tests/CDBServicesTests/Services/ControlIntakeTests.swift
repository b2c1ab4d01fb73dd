import CDBDomain
import CDBPipeline
import ServiceRuntime
import Testing

@testable import CDBServices

@Suite("ws takes the controls of gate processes")
struct ControlIntakeTests {
  private let controls = IntakeControls()

  private func probe(_ number: UInt64) -> Control { .probe(number: number, instrument: InstrumentID(0)) }

  private func input(_ first: UInt64, _ count: Int, sender: String = "gate-1", barrier: Bool = false)
    -> ControlInput
  {
    ControlInput(
      sender: sender, first: first, controls: (0..<UInt64(count)).map { probe(first + $0) },
      wantsBarrier: barrier)
  }

  private func intake(_ patience: Duration = .zero) -> ControlIntake {
    ControlIntake(controls, patience: patience)
  }

  /// What came into the input, by the numbers of the probes.
  private func taken() -> [UInt64] {
    controls.takeControls().compactMap { if case .probe(let number, _) = $0 { number } else { nil } }
  }

  private func code(_ body: () async throws -> Void) async -> OperationError.Code? {
    do {
      try await body()
      return nil
    } catch {
      return (error as? OperationError)?.code
    }
  }

  @Test("each number once, in order, however often and however it is cut")
  func duplicates() async throws {
    let intake = intake()
    _ = try await intake.take(input(1, 3))
    _ = try await intake.take(input(1, 3))
    _ = try await intake.take(input(2, 4))
    _ = try await intake.take(input(6, 1))
    #expect(taken() == [1, 2, 3, 4, 5, 6])
  }

  @Test("the receipt is what the journal has, and comes when it has it")
  func receipts() async throws {
    let intake = intake()
    #expect(try await intake.take(input(1, 3)).taken == 0)
    controls.noteJournaled(2)
    #expect(try await intake.take(input(1, 3)).taken == 2)
    controls.noteJournaled(1)
    #expect(try await intake.take(input(4, 0)).taken == 3)

    _ = controls.takeControls()
    let waiting = self.intake(.seconds(30))
    async let receipt = waiting.take(input(1, 2, sender: "gate-2"))
    try await eventually("the input has them") { self.controls.takeControls().count == 2 }
    controls.noteJournaled(2)
    #expect(try await receipt.taken == 2)
  }

  @Test("a gap is refused, and nothing of it is taken")
  func gap() async throws {
    let intake = intake()
    _ = try await intake.take(input(1, 2))
    #expect(await code { _ = try await intake.take(input(4, 1)) } == .notFound)
    #expect(taken() == [1, 2])
    _ = try await intake.take(input(3, 2))
    #expect(taken() == [3, 4])
  }

  @Test("a sender that is not known begins where it begins: ws was started again, or the gate")
  func unknown() async throws {
    let intake = intake()
    _ = try await intake.take(input(41, 2))
    _ = try await intake.take(input(1, 1, sender: "gate-2"))
    #expect(taken() == [41, 42, 1])
    controls.noteJournaled(3)
    #expect(try await intake.take(input(2, 0, sender: "gate-2")).taken == 1)
  }

  @Test("who came last commands; of the one before a stop alone is taken")
  func successor() async throws {
    let intake = intake()
    _ = try await intake.take(input(1, 1))
    _ = try await intake.take(input(1, 1, sender: "gate-2"))
    #expect(await code { _ = try await intake.take(input(2, 1)) } == .conflict)
    #expect(await code { _ = try await intake.take(input(2, 0)) } == .conflict)
    _ = try await intake.take(
      ControlInput(
        sender: "gate-1", first: 2, controls: [.stop(reason: "now", actor: "operator")], wantsBarrier: false))
    let all = controls.takeControls()
    #expect(all.count == 3 && all.last == .stop(reason: "now", actor: "operator"))
  }

  @Test(
    "what makes no sense is refused",
    arguments: [
      ("", UInt64(1), 0), (String(repeating: "a", count: 65), 1, 0), ("a b", 1, 0), ("ä", 1, 0),
      ("a\"", 1, 0), ("a", 0, 1),
      ("a", .max, 1), ("a", 1, ControlIntake.mostControls + 1),
    ])
  func nonsense(sender: String, first: UInt64, count: Int) async {
    let input = ControlInput(
      sender: sender, first: first, controls: (0..<count).map { _ in probe(1) }, wantsBarrier: true)
    #expect(await code { _ = try await self.intake().take(input) } == .invalidInput)
    #expect(controls.takeControls().isEmpty && !controls.takeBarrierRequest())
  }

  @Test("an input that takes nothing says so, and a barrier is asked for in the input's own way")
  func endingAndBarrier() async throws {
    let intake = intake()
    _ = try await intake.take(input(1, 0, barrier: true))
    #expect(controls.takeBarrierRequest())
    controls.stop()
    #expect(await code { _ = try await intake.take(input(1, 1)) } == .conflict)
  }

  @Test("so many senders are remembered, and the longest silent is forgotten first")
  func bounded() async throws {
    let intake = intake()
    for number in 1...100 { _ = try await intake.take(input(1, 1, sender: "gate-\(number)")) }
    #expect(taken().count == 100)
    // Known still: nothing new. Forgotten: it begins anew.
    _ = try await intake.take(input(1, 1, sender: "gate-100"))
    #expect(taken().isEmpty)
    _ = try await intake.take(input(1, 1, sender: "gate-1"))
    #expect(taken() == [1])
  }

  @Test("when no gate process is heard any more the gate is shut, once, until one is heard again")
  func silence() async throws {
    let intake = intake()
    let now = ContinuousClock.now
    await intake.shutWhereSilent(at: now + .seconds(60))
    #expect(controls.takeControls().isEmpty)
    _ = try await intake.take(input(1, 0))
    await intake.shutWhereSilent(at: now + .seconds(9))
    #expect(controls.takeControls().isEmpty)
    let shut = Control.gate(GateChange(state: .tripped, actor: GateChange.policy, reason: "process_lost"))
    await intake.shutWhereSilent(at: now + .seconds(60))
    await intake.shutWhereSilent(at: now + .seconds(61))
    #expect(controls.takeControls() == [shut])
    _ = try await intake.take(input(1, 0))
    await intake.shutWhereSilent(at: now + .seconds(120))
    #expect(controls.takeControls() == [shut])
    // Where there is a gate, one that never comes is missed too.
    await ControlIntake(controls, isGuarded: true).shutWhereSilent(at: ContinuousClock.now + .seconds(11))
    #expect(controls.takeControls() == [shut])
  }

  @Test("as an operation it changes, needs a permission, and takes what it answers")
  func operation() async throws {
    let operation = intake().operation
    #expect(operation.effect == .change && operation.permission == "pipeline.control")
    let body =
      #"{"sender":"g","first":1,"controls":[{"resume":{"justification":"checked"}}],"wants_barrier":false}"#
    let answer = try await operation.invoke(json: Array(body.utf8), context: OperationContext(caller: "test"))
    #expect(String(decoding: answer, as: UTF8.self) == #"{"taken":0}"#)
    #expect(controls.takeControls() == [.resume(justification: "checked")])
  }
}
