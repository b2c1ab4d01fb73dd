import CDBDomain
import Testing

@testable import CDBGate
@testable import CDBPipeline

@Suite("why")
struct DiagnosticianTests {
  @Test("a fresh fill is trading, and no layer is broken")
  func trading() {
    var situation = Situation()
    situation.commit(Sample.signal, secondsAgo: 5)
    situation.commit(Sample.decision(.none), secondsAgo: 5)
    situation.commit(Sample.order, secondsAgo: 5)
    situation.commit(Sample.result(.filled, fill: true), secondsAgo: 4)
    let answer = situation.diagnose()
    #expect(answer.trading)
    #expect(answer.verdict == .trading)
    #expect(answer.layer == nil)
  }

  @Test("a quiet market says how near the strategies have come, the nearest first and three at most")
  func nearest() {
    var situation = Situation()
    situation.status.nearness = [("BTCUSDT", 9_400), ("ETHUSDT", 5_000), ("SOLUSDT", 100), ("XRPUSDT", 1)].map
    {
      StrategyNearness(symbol: $0.0, strategy: .momentum, highest: Ratio(basisPoints: $0.1))
    }
    let nearest = situation.diagnose().evidence.filter { $0.name == "nearest_signal" }
    #expect(
      nearest.map(\.value) == [
        "momentum BTCUSDT: 94 % of its threshold", "momentum ETHUSDT: 50 % of its threshold",
        "momentum SOLUSDT: 1 % of its threshold",
      ])
  }

  @Test(
    "strategies that were beyond their thresholds and asked for nothing have looked too: the market is quiet")
  func beyond() {
    var situation = Situation()
    situation.status.nearness = [
      StrategyNearness(symbol: "BTCUSDT", strategy: .momentum, highest: Ratio(basisPoints: 10_400))
    ]
    let answer = situation.diagnose()
    #expect(answer.verdict == .quiet && answer.isMarketQuiet)
    #expect(
      answer.evidence.contains(
        Evidence("nearest_signal", "momentum BTCUSDT: beyond its threshold, and asked for nothing")))
    // Beside one that is below its own, that one tells more.
    situation.status.nearness.append(
      StrategyNearness(symbol: "ETHUSDT", strategy: .momentum, highest: Ratio(basisPoints: 5_000)))
    let nearest = situation.diagnose().evidence.filter { $0.name == "nearest_signal" }
    #expect(nearest.map(\.value) == ["momentum ETHUSDT: 50 % of its threshold"])
  }

  @Test("no signal in a live market is quiet, not broken")
  func quiet() {
    let answer = Situation().diagnose()
    #expect(answer.verdict == .quiet)
    #expect(answer.layer == nil)
    #expect(answer.reason == "no_signal")
  }

  @Test("all signals refused is blocked, with the reason and how many in a row")
  func blocked() {
    var situation = Situation()
    for second in stride(from: Int64(30), to: 0, by: -10) {
      situation.commit(Sample.signal, secondsAgo: second)
      situation.commit(Sample.decision(.exposureLimit), secondsAgo: second)
    }
    let answer = situation.diagnose()
    #expect(answer.verdict == .blocked)
    #expect(answer.layer == .risk)
    #expect(answer.reason == "exposure_limit")
    #expect(answer.evidence.contains(Evidence("refused_in_a_row", "3")))
    #expect(answer.refusals == ["exposure_limit": 3])
    #expect(answer.sinceNs == situation.now.advanced(by: -30_000_000_000).nanoseconds)
  }

  @Test("where nothing is held, refusals in a row are a block, however lately something was filled")
  func blockedAfterFills() {
    var situation = Situation()
    situation.commit(Sample.signal, secondsAgo: 55)
    situation.commit(Sample.decision(.none), secondsAgo: 55)
    situation.commit(Sample.order, secondsAgo: 55)
    situation.commit(Sample.result(.filled, fill: true), secondsAgo: 54)
    for second in [30, 20] as [Int64] {
      situation.commit(Sample.decision(.exposureLimit), secondsAgo: second)
    }
    #expect(situation.diagnose().verdict == .trading)
    situation.commit(Sample.decision(.exposureLimit), secondsAgo: 10)
    let answer = situation.diagnose()
    #expect(answer.verdict == .blocked && answer.reason == "exposure_limit")
    #expect(answer.sinceNs == situation.now.advanced(by: -30_000_000_000).nanoseconds)
  }

  @Test("connected and nothing decoded names market data and the reason that dropped most")
  func undecoded() {
    var situation = Situation()
    situation.stage(.ws) {
      $0.sinceStart.emittedByKind = KindCounts()
      $0.sinceStart.dropped[.malformedFrame] = 990
      $0.sinceStart.dropped[.unknownSymbol] = 10
      $0.health = .failed
    }
    let answer = situation.diagnose()
    #expect(answer.verdict == .broken)
    #expect(answer.layer == .marketData)
    #expect(answer.reason == "malformed_frame")
  }

  @Test("a silent feed is named with the age of the last frame")
  func silent() {
    var situation = Situation()
    situation.now = situation.now.advanced(by: 60_000_000_000)
    let answer = situation.diagnose()
    #expect(answer.layer == .marketData)
    #expect(answer.reason == "silent_feed")
    #expect(answer.evidence.first?.ageSeconds == 60.5)
  }

  @Test("the first broken layer wins over a later one", arguments: StageName.allCases)
  func firstBroken(_ stage: StageName) {
    var situation = Situation()
    for later in StageName.allCases where later.position >= stage.position {
      situation.stage(later) { $0.failure = "it stopped" }
    }
    let answer = situation.diagnose()
    #expect(answer.verdict == .broken)
    #expect(answer.layer == stage.layer)
    #expect(answer.summary.contains("it stopped"))
  }

  @Test("a stalled stage is named with what waits")
  func stalled() {
    var situation = Situation()
    situation.stage(.execution) {
      $0.health = .stalled
      $0.backlog = 40
      $0.inFlight = 2
    }
    let answer = situation.diagnose()
    #expect(answer.layer == .execution)
    #expect(answer.reason == "stalled")
    #expect(answer.evidence == [Evidence("waiting_events", "42")])
  }

  @Test("an imbalance names the edge, whatever else looks healthy")
  func imbalance() {
    var situation = Situation()
    situation.status.flow = FlowReport(barrier: 9, imbalances: [.edge(.orders, partition: 0, 2)])
    let answer = situation.diagnose()
    #expect(answer.reason == "flow_imbalance")
    #expect(answer.summary.contains("risk → execution"))
    #expect(answer.summary.contains("2 events lost"))
  }

  @Test("orders without a fill are execution's, with what came of them")
  func unfilled() {
    var situation = Situation()
    situation.commit(Sample.signal, secondsAgo: 20)
    situation.commit(Sample.decision(.none), secondsAgo: 20)
    situation.commit(Sample.order, secondsAgo: 20)
    situation.commit(Sample.result(.rejected, fill: false), secondsAgo: 19)
    let answer = situation.diagnose()
    #expect(answer.verdict == .broken)
    #expect(answer.layer == .execution)
    #expect(answer.evidence == [Evidence("results", "rejected 1")])
  }

  @Test("an input that has ended is neither trading nor broken")
  func ended() {
    var situation = Situation()
    situation.status.feed.isConnected = false
    situation.status.feed.isLive = false
    situation.now = situation.now.advanced(by: 3_600_000_000_000)
    #expect(situation.diagnose().verdict == .ended)
  }

  @Test("in the first seconds nobody expects an answer")
  func starting() {
    var situation = Situation()
    situation.now = Situation.start.advanced(by: 1_000_000_000)
    situation.status.feed.frames = 0
    situation.status.feed.lastFrameWall = nil
    situation.status.feed.lastMoveWall = nil
    for name in StageName.allCases { situation.stage(name) { $0.lastEventTime = nil } }
    situation.stage(.ws) { $0.lastEventWall = nil }
    #expect(situation.diagnose().verdict == .starting)
  }

  @Test("the text says verdict, profile, layer, reason, stages and refusals")
  func text() {
    var situation = Situation()
    situation.status.profile = "demo"
    situation.commit(Sample.signal, secondsAgo: 3)
    situation.commit(Sample.decision(.killSwitch), secondsAgo: 3)
    let text = situation.diagnose().text
    for part in ["BLOCKED", "demo", "risk", "kill_switch", "db_writer", "[refused_in_a_row]"] {
      #expect(text.contains(part), "\(part) is missing in:\n\(text)")
    }
  }

  @Test("what keeps it from trading is told with the page that says what to do, and nothing else is")
  func playbook() {
    var situation = Situation()
    situation.commit(Sample.signal, secondsAgo: 3)
    situation.commit(Sample.decision(.positionSizeLimit), secondsAgo: 3)
    let answer = situation.diagnose()
    let folder = "docs/04_incident-management/playbooks"
    #expect(answer.playbook(in: .en) == "\(folder)/exposure_limit.md")
    #expect(answer.playbook(in: .de) == "\(folder)/de/exposure_limit.md")
    #expect(answer.text.contains("\n  playbook  \(folder)/exposure_limit.md\n"))
    #expect(answer.text(in: .de).contains("\n  Ablauf    \(folder)/de/exposure_limit.md\n"))
    var trading = answer
    trading.trading = true
    #expect(trading.playbook(in: .en) == nil && !trading.text.contains("playbook"))
  }

  @Test("an answer whose reason is no code has a remedy and a page too", arguments: AnswerReason.allCases)
  func reasonsWithoutCode(reason: AnswerReason) {
    var answer = Situation().diagnose()
    answer.trading = false
    answer.reason = reason.rawValue
    for language in Language.allCases {
      #expect(answer.remedy(in: language) == reason.remedy[language])
      #expect(answer.playbook(in: language)?.hasSuffix("/\(reason.playbook).md") == true)
    }
  }

  @Test("ticks keep ws busy, and a feed without frames is silent all the same")
  func silentBehindTicks() {
    var situation = Situation()
    situation.now = situation.now.advanced(by: 10_000_000_000)
    let now = situation.now
    situation.stage(.ws) { $0.lastEventWall = now }
    #expect(situation.diagnose().reason == "silent_feed")
  }

  @Test("frames whose prices stand still are frozen, of a live feed; a recording may stand still")
  func frozen() {
    var situation = Situation()
    situation.now = situation.now.advanced(by: 10_000_000_000)
    situation.status.feed.lastFrameWall = situation.now
    let answer = situation.diagnose()
    #expect(answer.layer == .marketData)
    #expect(answer.reason == "frozen_prices")
    situation.status.feed.isLive = false
    #expect(situation.diagnose().verdict == .quiet)
  }

  @Test("after a silence prices are frozen once frames have come for as long as that takes")
  func frozenAfterSilence() {
    var situation = Situation()
    situation.now = situation.now.advanced(by: 60_000_000_000)
    situation.status.feed.lastFrameWall = situation.now
    situation.status.feed.flowingSinceWall = situation.now.advanced(by: -7_000_000_000)
    #expect(situation.diagnose().verdict == .quiet)
    situation.status.feed.flowingSinceWall = situation.now.advanced(by: -9_000_000_000)
    #expect(situation.diagnose().reason == "frozen_prices")
  }

  @Test("a jump of the clock is the system's, whatever else follows from it")
  func clock() {
    var situation = Situation()
    situation.jump = ClockMonitor.Jump(seconds: -3_600, at: situation.now)
    let answer = situation.diagnose()
    #expect(answer.layer == .system)
    #expect(answer.reason == "clock_jump")
    #expect(answer.summary.contains("-3600"))
  }

  @Test("a stage that has failed, and does so no more, says nothing of its frames until it is judged anew")
  func recovering() {
    var situation = Situation()
    situation.stage(.ws) { $0.health = .failed }
    #expect(situation.diagnose().layer != .marketData)
  }

  @Test("a process that was held up does not call the feed silent for it")
  func heldUp() {
    var situation = Situation()
    situation.now = situation.now.advanced(by: 7_000_000_000)
    situation.jump = ClockMonitor.Jump(seconds: 7, at: situation.now, kind: .heldUp)
    let answer = situation.diagnose()
    #expect(answer.layer == .system && answer.reason == "held_up")
    #expect(answer.sinceNs == situation.now.advanced(by: -7_000_000_000).nanoseconds)
    situation.jump = nil
    #expect(situation.diagnose().reason == "silent_feed")
  }

  @Test(
    "a stage that fails while the process was held up is the answer: a disk that is full holds up whoever writes to it"
  )
  func heldUpByAFailure() {
    var situation = Situation()
    situation.jump = ClockMonitor.Jump(seconds: 3.2, at: situation.now, kind: .heldUp)
    situation.stage(.dbWriter) { $0.failure = "the disk is full" }
    let answer = situation.diagnose()
    #expect(answer.layer == .database && answer.reason == "stage_failed")
    // A pause explains a silence of its own length, and no longer one.
    situation.status.feed.lastFrameWall = situation.now.advanced(by: -7_000_000_000)
    #expect(situation.diagnose().layer == .database)
    situation.status.feed.lastFrameWall = situation.now.advanced(by: -30_000_000_000)
    #expect(situation.diagnose().reason == "silent_feed")
    situation.jump = ClockMonitor.Jump(seconds: 3.2, at: situation.now)
    #expect(situation.diagnose().reason == "clock_jump")
  }

  @Test("market data that come late are stale, of a live feed")
  func late() {
    var situation = Situation()
    func answer(_ seconds: Double) -> Diagnosis {
      Diagnostician(situation.status, at: situation.now, lateness: seconds).diagnose()
    }
    #expect(answer(4.9).reason != "stale_data")
    #expect(answer(5).layer == .marketData && answer(5).reason == "stale_data")
    situation.status.feed.isLive = false
    #expect(answer(5).reason != "stale_data")
  }

  @Test("event time ahead of the clock is said for as long as it is")
  func ahead() {
    var situation = Situation()
    let later = situation.now.advanced(by: 600_000_000_000)
    situation.stage(.risk) { $0.lastEventTime = later }
    #expect(situation.diagnose().reason == "clock_jump")
  }

  @Test("with something held, a few refusals and no order are quiet, and say what was refused and why")
  func refusedWhileHolding() {
    var situation = Situation()
    situation.status.account = AccountStatus(
      name: "paper", cash: .zero, equity: .zero, startingCash: .zero, fees: .zero, peakEquity: .zero,
      exposure: .zero, openOrders: 0, openOrderIDs: [], fills: 0,
      positions: [
        PositionStatus(
          symbol: "BTCUSDT", quantity: Quantity(mantissa: 1), scale: 5, mark: Price(mantissa: 100),
          priceScale: 2)
      ], killSwitch: nil)
    for second in 1...4 as ClosedRange<Int64> {
      situation.commit(Sample.signal, secondsAgo: second)
      situation.commit(Sample.decision(second == 1 ? .abnormalSpread : .exposureLimit), secondsAgo: second)
      situation.commit(Sample.decision(.nothingToReduce), secondsAgo: second)
    }
    let answer = situation.diagnose()
    #expect(answer.verdict == .quiet && answer.reason == AnswerReason.noOrder.rawValue)
    #expect(answer.summary.hasSuffix(ReasonCode.exposureLimit.explanation(in: .en)), "\(answer.summary)")
    #expect(answer.summaryDe.hasSuffix(ReasonCode.exposureLimit.explanation(in: .de)))
    #expect(answer.evidence.contains(Evidence("refused_in_a_row", "4")))
    #expect(answer.evidence.contains(Evidence("refused", "exposure_limit")))
  }

  @Test("sells with nothing held are no block: the market falls, and there is nothing to do")
  func harmlessRefusals() {
    var situation = Situation()
    for second in stride(from: Int64(50), to: 0, by: -5) {
      situation.commit(Sample.signal, secondsAgo: second)
      situation.commit(Sample.decision(.nothingToReduce), secondsAgo: second)
    }
    let answer = situation.diagnose()
    #expect(answer.verdict == .quiet)
    #expect(answer.refusals == ["nothing_to_reduce": 10])
  }

  @Test("everything refused for long enough is zero activity, and trips")
  func zeroActivity() {
    var situation = Situation()
    situation.commit(Sample.signal, secondsAgo: 30)
    situation.commit(Sample.decision(.exposureLimit), secondsAgo: 30)
    func condition(after seconds: Double) -> ReasonCode? {
      var thresholds = DiagnosisThresholds()
      thresholds.zeroActivity = seconds
      return Diagnostician(situation.status, at: situation.now, thresholds: thresholds).condition()?.reason
    }
    #expect(condition(after: 31) == nil)
    #expect(condition(after: 29) == .zeroActivity)
  }

  @Test("every answer has a sentence in both languages, and the German one is another")
  func languages() {
    var situations = [Situation(), Situation(), Situation(), Situation(), Situation()]
    situations[1].now = situations[1].now.advanced(by: 60_000_000_000)
    situations[2].stage(.risk) { $0.health = .stalled }
    situations[3].gate = Sample.gate([.tick])
    situations[4].commit(Sample.signal, secondsAgo: 3)
    situations[4].commit(Sample.decision(.exposureLimit), secondsAgo: 3)
    for situation in situations {
      let answer = situation.diagnose()
      #expect(!answer.summary.isEmpty && !answer.summaryDe.isEmpty)
      #expect(answer.summary != answer.summaryDe)
      #expect(answer.text(in: .de).contains(answer.summaryDe))
      #expect(answer.text(in: .de).contains("Stufe"))
    }
  }
}
