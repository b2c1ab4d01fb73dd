import CDBDomain
import Testing

@testable import CDBGate
@testable import CDBPipeline

/// A pipeline whose stages run in processes of their own.
@Suite("a process that is away")
struct ProcessLostTests {
  private static let since = Situation.start.advanced(by: 50_000_000_000)

  private static func away(
    _ stages: some Sequence<StageName>, _ kind: StageOutage.Kind = .away,
    miss: StageOutage.Miss? = .unreachable
  ) -> Situation {
    var situation = Situation()
    for stage in stages {
      situation.stage(stage) {
        let outage = StageOutage(kind: kind, since: since, cause: "cannot connect", miss: miss)
        $0.health = .failed
        $0.failure = outage.text
        $0.outage = outage
      }
    }
    return situation
  }

  @Test("breaks the layer of its stage, since it was last heard", arguments: StageName.allCases)
  func layer(_ stage: StageName) throws {
    let answer = Self.away([stage]).diagnose()
    #expect(answer.verdict == .broken && answer.layer == stage.layer && answer.reason == "process_lost")
    #expect(answer.sinceNs == Self.since.nanoseconds)
    #expect(answer.summary == "the process of \(stage.rawValue) does not answer (cannot connect)")
    #expect(answer.summaryDe == "der Prozess von \(stage.rawValue) antwortet nicht (cannot connect)")
    #expect(answer.isCauseKnown)
    #expect(answer.hypotheses.count == 1)
    #expect(answer.hypotheses.first?.evidence == [Evidence("failure", "\(stage.rawValue): cannot connect")])
  }

  @Test("that nothing listens at its address is the cause, and that no answer comes is none")
  func cause() {
    func lost(at address: String, _ miss: StageOutage.Miss) -> Diagnosis {
      var situation = Self.away([.core], miss: miss)
      situation.stage(.core) {
        $0.processes = [ProcessStatus(address: address, partitions: nil, state: .away)]
      }
      return situation.diagnose()
    }
    let here = lost(at: "127.0.0.1:8001", .unreachable)
    #expect(here.isCauseKnown && here.cause == "nothing listens at 127.0.0.1:8001")
    #expect(here.text.contains("\n  cause     nothing listens at 127.0.0.1:8001\n"), "\(here.text)")
    #expect(here.text(in: .de).contains("\n  Ursache   an 127.0.0.1:8001 lauscht nichts\n"))
    #expect(!here.text.contains("unknown: this is the first layer"))
    #expect(lost(at: "h:8001", .unreachable).cause == "nothing listens at h:8001, or no way leads there")
    let silent = lost(at: "127.0.0.1:8001", .silent)
    #expect(!silent.isCauseKnown && silent.cause == nil)
    #expect(silent.text.contains("unknown: this is the first layer"))
    // Why a process has ended nothing tells: somebody has to look.
    #expect(Finding.all(in: here, policy: GatePolicy()).map(\.isCauseKnown) == [false])
  }

  @Test("all at once for the same reason have one cause, and for several none")
  func causeOfAll() {
    var all = Self.away(StageName.allCases)
    #expect(all.diagnose().cause == "nothing listens where it is asked (cannot connect)")
    all.stage(.risk) { $0.outage?.miss = .silent }
    #expect(all.diagnose().cause == nil && !all.diagnose().isCauseKnown)
  }

  @Test("a check that could not connect says that nothing listens there")
  func checkOfNobody() {
    func unavailable(_ why: String) -> Diagnosis {
      var diagnosis = Self.away([.core]).diagnose()
      diagnosis.reason = ReasonCode.checkUnavailable.code
      diagnosis.evidence = [Evidence("cause", why)]
      return diagnosis
    }
    let diagnostician = Diagnostician(Self.away([.core]).status, at: Situation.start)
    let refused = #"connection to server at "127.0.0.1", port 5432 failed: Connection refused"#
    #expect(
      diagnostician.cause(of: unavailable(refused))?[.en]
        == "nothing listens where the check connects to: \(refused)")
    #expect(diagnostician.cause(of: unavailable("risk has not reported an account yet")) == nil)
  }

  @Test("the first of several is the answer, and all at once are the system's")
  func several() {
    #expect(Self.away([.dbWriter, .core]).diagnose().layer == .signal)
    let all = Self.away(StageName.allCases).diagnose()
    #expect(all.layer == .system && all.reason == "process_lost")
    #expect(all.summary == "no process of the pipeline answers")
  }

  @Test("one that has begun anew is named as such, and breaks its layer too")
  func restarted() {
    let answer = Self.away([.execution], .restarted, miss: nil).diagnose()
    #expect(answer.layer == .execution && answer.reason == "process_lost")
    #expect(answer.summary == "the process of execution has begun anew")
    #expect(answer.hypotheses.isEmpty)
  }

  @Test("one that waits for its streams breaks its layer, and says whose they are")
  func waiting() {
    let answer = Self.away([.risk], .waiting, miss: nil).diagnose()
    #expect(answer.layer == .risk && answer.reason == "process_lost")
    #expect(answer.summary == "the process of risk waits for its streams (cannot connect)")
    #expect(answer.summaryDe == "der Prozess von risk wartet auf seine Ströme (cannot connect)")
  }

  @Test(
    "one of several that share its stage is named, and others that are away with it do not make the system so"
  )
  func ofSeveral() {
    var situation = Self.away(StageName.allCases)
    situation.stage(.core) { $0.outage?.process = "h:8011 (ETHUSDT)" }
    #expect(situation.diagnose().layer == .marketData)
    var alone = Self.away([.core])
    alone.stage(.core) { $0.outage?.process = "h:8011 (ETHUSDT)" }
    let answer = alone.diagnose()
    #expect(answer.summary == "the process of core at h:8011 (ETHUSDT) does not answer (cannot connect)")
    #expect(answer.summaryDe == "der Prozess von core auf h:8011 (ETHUSDT) antwortet nicht (cannot connect)")
    var bus = Self.away([.core], .bus, miss: nil)
    bus.stage(.core) { $0.outage?.process = "h:8011 (ETHUSDT)" }
    #expect(bus.diagnose().summary == "core (h:8011 (ETHUSDT)) has no bus: cannot connect")
  }

  @Test("partitions that no process takes break the layer, and where to look is said")
  func untaken() {
    var situation = Self.away([.core], .untaken, miss: nil)
    situation.stage(.core) { $0.outage?.cause = "ETHUSDT" }
    let answer = situation.diagnose()
    #expect(answer.layer == .signal && answer.reason == "process_lost")
    #expect(
      answer.summary == "no process of core that is asked takes all of its partitions (ETHUSDT)")
    #expect(answer.hypotheses.first?.text.contains("core.partitions") == true)
  }

  @Test("without a bus the system is broken, whose process ever says so, and before anything that is away")
  func bus() {
    var situation = Self.away([.risk, .core], .bus, miss: nil)
    situation.stage(.ws) {
      $0.failure = "gone"
      $0.outage = StageOutage(kind: .away, since: Self.since)
    }
    let answer = situation.diagnose()
    #expect(answer.layer == .system && answer.reason == "bus_failed")
    #expect(answer.summary == "core, risk have no bus: cannot connect")
    #expect(answer.isCauseKnown)
  }

  @Test("whoever was held up himself says that before he calls others away")
  func heldUp() {
    var situation = Self.away(StageName.allCases)
    situation.jump = ClockMonitor.Jump(seconds: 9, at: situation.now, kind: .heldUp)
    #expect(situation.diagnose().reason == "held_up")
  }

  @Test("it trips an open gate with its reason, which is no person's to lift", arguments: StageName.allCases)
  func trips(_ stage: StageName) {
    var watch = GateWatch(policy: GatePolicy(), thresholds: DiagnosisThresholds())
    let situation = Self.away([stage])
    let inputs = watch.look(at: situation.status, wall: situation.now, monotonic: 1)
    #expect(inputs.contains(.condition(GateCondition(reason: .processLost, layer: stage.layer))))
    #expect(!GatePolicy().needsPerson.contains(.processLost))
    #expect(ReasonCode.processLost.layer == .system && ReasonCode.busFailed.layer == .system)
  }
}
