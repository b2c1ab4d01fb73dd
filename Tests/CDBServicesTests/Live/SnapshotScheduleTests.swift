import CDBDomain
import Testing

@testable import CDBServices

@Suite("When snapshots of books are asked for")
struct SnapshotScheduleTests {
  private struct Harness {
    var schedule = SnapshotSchedule()
    var now = ContinuousClock.now
    var random = RandomSource(seed: 1)
    mutating func due(_ needed: [String]) -> [String] { schedule.due(needed, at: now, random: &random) }
    mutating func complete(_ symbol: String, _ outcome: SnapshotSchedule.Outcome) {
      schedule.completed(symbol, outcome, at: now)
    }
  }

  @Test("one request for a symbol at a time, and two seconds between two of them")
  func paced() {
    var harness = Harness()
    #expect(harness.due(["A"]) == ["A"])
    harness.now += .seconds(30)
    #expect(harness.due(["A"]) == [], "one is under way")
    harness.complete("A", .delivered)
    #expect(harness.due(["A"]) == ["A"])
    harness.complete("A", .failed)
    harness.now += .milliseconds(1_900)
    #expect(harness.due(["A"]) == [])
  }

  @Test("while a book stays unsynchronised the pauses grow, up to a bound; once it is not, they begin anew")
  func grows() {
    var harness = Harness()
    let start = harness.now
    var times: [Duration] = []
    while harness.now - start < .seconds(300) {
      if harness.due(["A"]) == ["A"] {
        times.append(harness.now - start)
        harness.complete("A", .delivered)
      }
      harness.now += .milliseconds(100)
    }
    let pauses = zip(times, times.dropFirst()).map { $1 - $0 }
    #expect(pauses.allSatisfy { $0 >= .seconds(2) && $0 <= .milliseconds(30_100) })
    #expect((10...16).contains(times.count), "\(times.count) requests")
    #expect(harness.due([]) == [])
    #expect(harness.due(["A"]) == ["A"])
  }

  @Test("few requests are under way at once, and few are sent a minute")
  func bounded() {
    var harness = Harness()
    let symbols = (0..<200).map { "S\($0)" }
    var sent = 0
    for _ in 0..<600 {
      let due = harness.due(symbols)
      #expect(due.count <= 2)
      for symbol in due { harness.complete(symbol, .failed) }
      sent += due.count
      harness.now += .milliseconds(99)
    }
    #expect(sent == 60)
    #expect(harness.due(["A", "B", "C"]).count <= 2)
  }

  @Test("where the exchange limits, nobody asks for anything until its time is over")
  func limited() {
    var harness = Harness()
    _ = harness.due(["A"])
    harness.complete("A", .limited(retryAfter: .seconds(40)))
    harness.now += .seconds(39)
    #expect(harness.due(["A", "B"]) == [])
    harness.now += .seconds(1)
    #expect(harness.due(["A", "B"]) == ["A", "B"])
  }
}
