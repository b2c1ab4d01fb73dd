import CDBDomain
import CDBPipeline
import Testing

@testable import CDBGate

@Suite("Hypotheses and the walk over the layers")
struct HypothesisTests {
  private func connected(_ change: (inout FeedConnection) -> Void) -> Situation {
    var situation = Situation()
    var connection = FeedConnection()
    connection.isStreaming = true
    connection.state = "streaming"
    connection.attempts = 1
    change(&connection)
    situation.status.feed.connection = connection
    situation.status.feed.lastFrameWall = situation.now.advanced(by: -30_000_000_000)
    return situation
  }

  @Test("a silent feed: the exchange talks and sends nothing, or the line is dead, or nothing is there")
  func silence() throws {
    let now = Situation().now
    let halted = connected { $0.lastMessage = now.advanced(by: -1_000_000_000) }.diagnose()
    #expect(halted.reason == "silent_feed" && halted.isCauseKnown)
    #expect(try #require(halted.hypotheses.first).text.contains("market is halted"))
    let dead = connected { $0.lastMessage = now.advanced(by: -30_000_000_000) }.diagnose()
    #expect(try #require(dead.hypotheses.first).text.contains("cut without a word"))
    let gone = connected {
      $0.isStreaming = false
      $0.failure = "connection refused"
      $0.attempts = 7
    }.diagnose()
    let why = try #require(gone.hypotheses.first)
    #expect(why.evidence.contains(Evidence("failure", "connection refused")))
  }

  @Test("a stage that stands still: where is known, and why is not; what speaks for what is said")
  func standstill() throws {
    var situation = Situation()
    situation.stage(.risk) {
      $0.health = .stalled
      $0.backlog = 40
    }
    situation.stage(.execution) { $0.backlog = 4_000 }
    let diagnosis = situation.diagnose()
    #expect(diagnosis.layer == .risk && !diagnosis.isCauseKnown)
    #expect(diagnosis.hypotheses.first?.text == "execution does not take what risk has for it")
    #expect(diagnosis.text.contains("cause     unknown"))
    #expect(diagnosis.text(in: .de).contains("vielleicht"))
    #expect(diagnosis.hypotheses.count <= 3 && diagnosis.hypotheses.allSatisfy { !$0.evidence.isEmpty })
  }

  @Test("every hypothesis has evidence, three at most, and both languages, whatever the answer is")
  func everywhere() {
    var random = Generator(state: 7)
    for _ in 0..<500 {
      var situation = connected { connection in
        connection.isStreaming = Bool.random(using: &random)
        connection.failure = Bool.random(using: &random) ? "x" : nil
        connection.reconnects = ["closed": UInt64.random(in: 0...5, using: &random)]
        connection.lastMessage = Bool.random(using: &random) ? Situation.start : nil
      }
      if Bool.random(using: &random) { situation.status.feed.lastFrameWall = situation.now }
      if Bool.random(using: &random) { situation.status.feed.lastMoveWall = Situation.start }
      for stage in StageName.allCases {
        let health = StageHealth.allCases.randomElement(using: &random) ?? .idle
        situation.stage(stage) {
          $0.health = health
          $0.backlog = Int.random(in: 0...3, using: &random)
          $0.failure = Int.random(in: 0...9, using: &random) == 0 ? "disk full" : nil
        }
      }
      let diagnosis = situation.diagnose()
      #expect(diagnosis.hypotheses.count <= 3)
      for hypothesis in diagnosis.hypotheses {
        #expect(
          !hypothesis.evidence.isEmpty && !hypothesis.text.isEmpty && hypothesis.text != hypothesis.textDe)
      }
      #expect(diagnosis.layers.map(\.layer) == Layer.allCases)
      let broke = diagnosis.layers.filter { $0.condition == .broke }.map(\.layer)
      #expect(broke == (diagnosis.layer.map { [$0] } ?? []))
    }
  }

  @Test("the layers say what they consumed and produced, and what comes behind the break is not judged")
  func walk() throws {
    var situation = Situation()
    situation.stage(.core) { $0.health = .stalled }
    let layers = situation.diagnose().layers
    #expect(layers.map(\.condition) == [.works, .works, .broke, .behind, .behind, .behind])
    let feed = try #require(layers.first { $0.layer == .marketData })
    #expect(feed.consumed == 1_000 && feed.produced == 1_000 && feed.refused.isEmpty)
  }
}
