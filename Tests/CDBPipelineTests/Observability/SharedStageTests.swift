import CDBDomain
import Testing

@testable import CDBPipeline

@Suite("what processes that share a stage say of themselves")
struct SharedStageTests {
  typealias Processes = ServiceGatheringTests.Processes

  /// Two instances of core, a partition each, and a third that stands by for the second.
  private struct Shared {
    var all = Processes()
    var instances = ["a": "a1", "b": "b1", "c": "c1"]
    var shares: [String: [UInt16]] = ["a": [0], "b": [1], "c": [1]]
    var waiting: Set<String> = ["c"]
    var change: (inout ServicePart, String) -> Void = { _, _ in }

    init(asking cores: [String] = ["a", "b", "c"]) {
      all.gathering = ServiceGathering(wall: Processes.wall(0), monotonic: 0, asking: [.core: cores])
      all.change = { if $0.stage == .ws { $0.status.symbols = ["BTC", "ETH"] } }
    }

    /// All that is not core answers, and those of core.
    mutating func answer(_ cores: [String], at seconds: Double) {
      all.now = seconds
      all.answer(StageName.allCases.filter { $0 != .core })
      for core in cores {
        var part = all.part(.core)
        part.instance = instances[core] ?? ""
        part.partitions = shares[core]
        part.standsBy = waiting.contains(core) ? "another owns it" : nil
        part.holds = !waiting.contains(core)
        change(&part, core)
        all.gathering.take(part, from: core, wall: all.wall, monotonic: all.monotonic)
      }
    }

    var core: StageStatus? { all.status.stage(.core) }
    var states: [ProcessStatus.State] { core?.processes?.map(\.state) ?? [] }
  }

  @Test("one that stands by is no outage, and the stage's figures are the sums of those that work")
  func sums() {
    var shared = Shared()
    shared.change = { part, core in
      part.status.stages[1].backlog = core == "a" ? 1 : core == "b" ? 20 : 300
      part.status.stages[1].sinceStart.received = core == "a" ? 4 : core == "b" ? 50 : 600
      part.status.stages[1].lastBarrierWall = Processes.wall(core == "a" ? -3 : -2)
      part.status.stages[1].health = core == "b" ? .idle : .healthy
      part.status.nearness = [
        StrategyNearness(symbol: core, strategy: .momentum, highest: core == "b" ? .one : .zero)
      ]
    }
    shared.answer(["a", "b", "c"], at: 0)
    let core = shared.core
    #expect(core?.outage == nil && core?.failure == nil && core?.health == .healthy)
    #expect(core?.sinceStart.received == 54 && core?.backlog == 21)
    #expect(core?.lastBarrierWall == Processes.wall(-3), "the last of them counts")
    #expect(shared.all.status.nearness.map(\.symbol) == ["b", "a"])
    #expect(shared.states == [.answers, .answers, .standsBy])
    #expect(core?.processes?.map(\.partitions) == [[0], [1], [1]])
    #expect(
      shared.all.status.stage(.risk)?.processes == [.init(address: "", partitions: nil, state: .answers)])
  }

  @Test("the one that is away is named, with its address and its symbols; what it said last stays")
  func away() {
    var shared = Shared()
    shared.answer(["a", "b"], at: 0)
    for step in 1...8 {
      shared.answer(["a"], at: Double(step) / 4)
      shared.all.gathering.miss(.core, at: "b", .unreachable, cause: "refused")
    }
    let core = shared.core
    #expect(core?.outage?.kind == .away && core?.outage?.process == "b (ETH)" && core?.health == .failed)
    #expect(core?.failure == "its process at b (ETH) does not answer since 2023-11-14T22:13:20Z: refused")
    #expect(core?.sinceStart.received == 4, "two of two each")
    #expect(shared.states == [.answers, .away, .away])
  }

  @Test("whoever takes over shows for a second as begun anew, and the one that is away is no fault then")
  func takesOver() {
    var shared = Shared()
    shared.answer(["a", "b", "c"], at: 0)
    for step in 1...8 { shared.answer(["a", "c"], at: Double(step) / 4) }
    #expect(shared.core?.outage?.kind == .away && shared.core?.outage?.process == "b (ETH)")
    shared.waiting = []
    shared.answer(["a", "c"], at: 2.25)
    #expect(shared.core?.outage?.kind == .restarted && shared.core?.outage?.process == "c (ETH)")
    shared.answer(["a", "c"], at: 3.25)
    #expect(shared.core?.outage == nil && shared.core?.sinceStart.received == 4)
    #expect(shared.states == [.answers, .away, .answers])
    // It comes back, and stands by in its turn.
    shared.instances["b"] = "b2"
    shared.waiting = ["b"]
    shared.answer(["a", "b", "c"], at: 3.5)
    #expect(shared.core?.outage == nil)
    shared.answer(["a", "b", "c"], at: 4.5)
    #expect(shared.states == [.answers, .standsBy, .answers])
  }

  @Test(
    "whoever has ended with its input has let go of its partitions, and one that died before is not missed for them"
  )
  func ended() {
    var shared = Shared()
    shared.waiting = []
    shared.answer(["a", "b", "c"], at: 0)
    for step in 1...20 { shared.answer(["a", "c"], at: Double(step) / 4) }
    #expect(shared.core?.outage == nil)
    shared.change = { part, core in
      guard core == "c" else { return }
      part.holds = false
      part.ended = true
    }
    shared.answer(["a", "c"], at: 5.25)
    #expect(shared.core?.outage == nil)
  }

  @Test("all of them away is the stage away, not one of them; a few are named together")
  func several() {
    var shared = Shared(asking: ["a", "b"])
    shared.answer(["a", "b"], at: 0)
    shared.answer([], at: 2)
    #expect(shared.core?.outage?.kind == .away && shared.core?.outage?.process == nil)
    var three = Shared(asking: ["a", "b", "d"])
    three.shares = ["a": [0], "b": [1], "d": [2]]
    three.all.change = { if $0.stage == .ws { $0.status.symbols = ["BTC", "ETH", "SOL"] } }
    three.answer(["a", "b", "d"], at: 0)
    three.answer(["d"], at: 2)
    #expect(three.core?.outage?.process == "a (BTC), b (ETH)")
  }

  @Test("one that was never heard is away after two seconds, if anything is left to take")
  func neverHeard() {
    var shared = Shared(asking: ["a", "b"])
    shared.answer(["a"], at: 0)
    #expect(shared.core?.outage == nil)
    shared.answer(["a"], at: 2)
    #expect(shared.core?.outage?.kind == .away && shared.core?.outage?.process == "b")
  }

  @Test("a partition that none is configured to take is named")
  func untaken() {
    var shared = Shared(asking: ["a"])
    shared.answer(["a"], at: 0)
    #expect(shared.core?.outage?.kind == .untaken && shared.core?.health == .failed)
    #expect(shared.core?.failure == "no process that is asked takes all of its partitions: ETH")
    #expect(shared.states == [.answers], "nothing is the matter with those that are")
    shared.shares = ["a": [0, 1]]
    shared.answer(["a"], at: 0.25)
    #expect(shared.core?.outage == nil)
  }

  @Test("of shares that overlap, the one that waits is named with what nobody works at")
  func overlap() {
    var shared = Shared(asking: ["a", "b"])
    shared.shares = ["a": [0], "b": [0, 1]]
    shared.waiting = ["b"]
    shared.answer(["a", "b"], at: 0)
    #expect(shared.core?.outage?.kind == .waiting && shared.core?.outage?.process == "b (BTC, ETH)")
    #expect(shared.states == [.answers, .waiting])
  }

  @Test("a process that has not opened its edges yet holds nothing")
  func opening() {
    var shared = Shared(asking: ["a", "b"])
    shared.answer(["a", "b"], at: 0)
    shared.answer(["a"], at: 2)
    shared.instances["b"] = "b2"
    shared.change = { part, core in if core == "b" { part.holds = false } }
    shared.answer(["a", "b"], at: 2.25)
    #expect(shared.core?.outage?.kind == .restarted && shared.core?.outage?.process == "b (ETH)")
    shared.change = { _, _ in }
    shared.answer(["a", "b"], at: 2.5)
    shared.answer(["a", "b"], at: 3.25)
    #expect(shared.core?.outage?.kind == .restarted, "for a second from when it works")
    shared.answer(["a", "b"], at: 3.5)
    #expect(shared.core?.outage == nil)
  }

  @Test("many symbols are told as their partitions; other configurations and clocks by address")
  func words() {
    var shared = Shared(asking: ["a", "b"])
    shared.all.change = {
      if $0.stage == .ws { $0.status.symbols = (0..<12).map { "S\($0)" } }
    }
    shared.shares = ["a": [0, 1, 2, 3, 4, 6], "b": [5] + Array(7..<12)]
    shared.change = { part, core in if core == "b" { part.status.fingerprint = "bbbb" } }
    shared.answer(["a", "b"], at: 0)
    let others = shared.all.status.configurations
    #expect(others.map(\.process) == ["core at b"])
    #expect(others.map(\.fingerprint) == ["bbbb"] && others.map(\.wsFingerprint) == ["aaaa"])
    shared.answer(["b"], at: 2)
    #expect(shared.core?.outage?.process == "a (partitions 0-4,6)")
  }

  @Test("a barrier balances when the cuts of all partitions have come, whoever cut them")
  func cuts() {
    var shared = Shared()
    func cut(_ stage: StageName, _ barrier: UInt64, _ partitions: [UInt16]? = nil) -> StageCut {
      var numbers: [StreamName: [UInt64]] = [:]
      for stream in [StreamName.marketData, .signals] {
        numbers[stream] = (0..<2).map { partitions?.contains(UInt16($0)) ?? true ? barrier * 10 : 0 }
      }
      return StageCut(
        stage: stage, barrier: barrier, ledger: NodeLedger(), inFlight: 0,
        accepted: numbers.filter { $0.key.ends.to == stage },
        emitted: numbers.filter { $0.key.ends.from == stage }, partitions: partitions)
    }
    shared.all.change = { part in
      if part.stage == .ws { part.status.symbols = ["BTC", "ETH"] }
      part.cuts = (1...3).map { cut(part.stage, $0) }
    }
    shared.change = { part, core in
      // The second had passed the first barrier alone when it died.
      part.cuts = (1...(core == "b" ? 1 : 3)).map { cut(.core, $0, part.partitions) }
    }
    shared.answer(["a", "b"], at: 0)
    #expect(shared.all.status.flow?.barrier == 1 && shared.all.status.flow?.isBalanced == true)
    shared.answer(["a"], at: 0.25)
    #expect(shared.all.status.flow?.barrier == 1)
    shared.waiting = []
    shared.answer(["a", "c"], at: 0.5)
    #expect(shared.all.status.flow?.barrier == 3 && shared.all.status.flow?.isBalanced == true)
  }
}
