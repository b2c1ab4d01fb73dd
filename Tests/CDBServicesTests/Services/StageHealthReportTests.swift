import CDBDomain
import CDBGate
import ServiceRuntime
import Testing

@testable import CDBPipeline
@testable import CDBServices

@Suite("The health of a stage's process")
struct StageHealthReportTests {
  private func report(_ silence: Duration?) -> HealthReport {
    var status = PipelineBoard.fixture(startedAt: PageFixture.now).status()
    for index in status.stages.indices { status.stages[index].health = .healthy }
    return HealthReport(
      ServicePart(
        stage: .ws, instance: "1", at: PageFixture.now, status: status, cuts: [], busFailure: nil),
      gateSilence: silence)
  }

  @Test("a gate that is silent is said with its age, and is no fault of the stage that holds for it")
  func silentGate() throws {
    let silent = report(.seconds(42.5))
    #expect(silent.status == .ok)
    let gate = try #require(silent.components.first { $0.name == "gate" })
    #expect(gate.healthy && gate.ageSeconds == 42.5)
    #expect(gate.reason == "the gate has been silent for 42 s, and is shut")
    #expect(report(.seconds(6)).components.last?.reason == "the gate has been silent for 6 s")
    let heard = try #require(report(.seconds(1)).components.last)
    #expect(heard.name == "gate" && heard.reason == nil && heard.ageSeconds == 1)
    #expect(!report(nil).components.contains { $0.name == "gate" })
  }

  @Test(
    "how long the gate has been silent counts from its last word, or from the beginning where one is waited for"
  )
  func silence() async throws {
    let controls = IntakeControls()
    let intake = ControlIntake(controls, patience: .zero)
    #expect(await intake.silence() == nil)
    let now = ContinuousClock.now
    _ = try await intake.take(ControlInput(sender: "gate-1", first: 1, controls: [], wantsBarrier: false))
    let silence = try #require(await intake.silence(at: now + .seconds(60)))
    #expect(silence > .seconds(30) && silence <= .seconds(60))
    let later = ContinuousClock.now + .seconds(60)
    let missed = try #require(await ControlIntake(controls, isGuarded: true).silence(at: later))
    #expect(missed > .seconds(30) && missed <= .seconds(60))
  }

  @Test("once the input has ended, a gate whose checks nothing crosses any more makes nothing unhealthy")
  func endedInput() {
    var page = PageFixture.snapshot()
    page.diagnosis.gate = PageFixture.gate(.tripped)
    func gate() -> HealthReport.Component? {
      HealthReport(page.status, page.diagnosis, now: PageFixture.now.nanoseconds).components
        .first { $0.name == "gate" }
    }
    #expect(gate()?.healthy == false)
    page.diagnosis.verdict = .ended
    #expect(gate()?.healthy == true)
  }
}
