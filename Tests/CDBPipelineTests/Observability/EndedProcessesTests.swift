import CDBDomain
import Testing

@testable import CDBPipeline

@Suite("processes that end with their input")
struct EndedProcessesTests {
  typealias Processes = ServiceGatheringTests.Processes

  @Test("what ends with its input is not missed: it said so, or the stage behind it did; who hangs then is")
  func endedWithInput() {
    var processes = Processes()
    processes.answer()
    // ws was asked too seldom to hear its last word.
    processes.change = { if $0.stage != .ws { $0.ended = true } }
    processes.now = 0.25
    processes.answer()
    for stage in StageName.allCases { processes.gathering.miss(stage, .unreachable, cause: "refused") }
    processes.now = 60
    #expect(processes.status.stages.allSatisfy { $0.outage == nil && $0.failure == nil })
    #expect(processes.status.stages.allSatisfy { $0.processes?.map(\.state) == [.ended] })
    processes.gathering.miss(.risk, .silent, cause: "timed out")
    #expect(processes.outage(.risk)?.kind == .away)
  }

  @Test("until something begins anew: then whoever is not there is missed")
  func endedAndBegunAnew() {
    var processes = Processes()
    processes.change = { $0.ended = true }
    processes.answer()
    for stage in StageName.allCases { processes.gathering.miss(stage, .unreachable, cause: "refused") }
    processes.now = 60
    #expect(StageName.allCases.allSatisfy { processes.outage($0) == nil })
    processes.change = { _ in }
    processes.instances[.core] = "2"
    processes.answer([.core])
    #expect(processes.outage(.ws)?.kind == .away && processes.outage(.dbWriter)?.kind == .away)
    #expect(processes.outage(.core)?.kind == .restarted)
  }

  @Test("one that dies while the others work off what is left is missed")
  func diedBeforeTheEnd() {
    var processes = Processes()
    processes.answer()
    processes.change = { if $0.stage == .ws { $0.ended = true } }
    processes.now = 0.25
    processes.answer()
    for step in 1...9 {
      processes.now = Double(step) / 4 + 0.25
      processes.answer([.risk, .execution, .dbWriter])
      processes.gathering.miss(.ws, .unreachable, cause: "refused")
      processes.gathering.miss(.core, .unreachable, cause: "refused")
    }
    #expect(processes.outage(.ws) == nil && processes.outage(.core)?.kind == .away)
  }
}
