import Synchronization
import Testing

@testable import OpenMetrics

/// A clock that a test moves.
final class ManualClock: MetricClock {
  private let elapsed = Mutex<Duration>(.zero)

  func advance(by duration: Duration) { elapsed.withLock { $0 += duration } }

  func uptime() -> Duration { elapsed.withLock { $0 } }

  func now() -> MetricTimestamp {
    let elapsed = uptime().components
    return MetricTimestamp(
      seconds: 1_000_000 + elapsed.seconds, nanoseconds: Int32(elapsed.attoseconds / 1_000_000_000))
  }
}

@Suite("Children of a family")
struct ChildTableTests {
  let clock = ManualClock()
  let registry: MetricRegistry

  init() { registry = MetricRegistry(maximumChildren: 1_000_000, clock: clock) }

  func family(_ labels: [String] = ["x"]) throws -> CounterFamily {
    try registry.counter(.init("a", type: .counter, help: "", labels: labels))
  }

  func values(_ family: CounterFamily) -> [String] { family.family().metrics.map { $0.labels[0].value } }

  @Test("every child is found again, however often the table grew")
  func growth() throws {
    let family = try family()
    let children = try (0..<5_000).map { try family.labels("\($0)") }
    for (index, child) in children.enumerated() { #expect(try family.labels("\(index)") === child) }
    #expect(family.family().metrics.count == 5_000)
  }

  @Test("children are exposed in the order of their values' bytes, those that came later included")
  func order() throws {
    let family = try family()
    let expected = ["", "!", "\"", "a", "a!", "a\"b", "ab", "b", "ä"]
    for value in ["b", "a\"b", "", "a!"] { _ = try family.labels(value) }
    #expect(values(family) == ["", "a!", "a\"b", "b"])
    for value in ["a", "ä", "\"", "ab", "!"] { _ = try family.labels(value) }
    #expect(values(family) == expected)
    #expect(family.remove("a"))
    #expect(values(family) == expected.filter { $0 != "a" })
    _ = try family.labels("a")
    #expect(values(family) == expected)
  }

  @Test("very many children are in the order of their values' bytes, whatever those have in common")
  func orderOfMany() throws {
    var random = SeededGenerator(seed: 7)
    let family = try family(["x", "y"])
    let parts = ["a", "b", "!", "\0", "aaaaaaaa", "/item/", "ä"]
    var pairs: Set<[String]> = []
    // Each goes on where the one before ended.
    for length in 0..<300 { pairs.insert([String(repeating: "12345678", count: length), "z"]) }
    for _ in 0..<3_000 {
      let value = {
        (0..<Int.random(in: 0...6, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
      }
      pairs.insert([value().joined(), value().joined()])
    }
    for pair in pairs { _ = try family.labels(pair) }
    let shown = family.family().metrics.map { $0.labels.map(\.value) }
    let expected = pairs.sorted { left, right in
      left[0] == right[0]
        ? left[1].utf8.lexicographicallyPrecedes(right[1].utf8)
        : left[0].utf8.lexicographicallyPrecedes(right[0].utf8)
    }
    #expect(shown == expected)
  }

  @Test("a child that is removed leaves the others of its chain where they are")
  func removalFromChains() throws {
    let family = try family()
    let children = try (0..<3_000).map { try family.labels("\($0)") }
    for number in stride(from: 0, to: 3_000, by: 3) { #expect(family.remove("\(number)")) }
    for (number, child) in children.enumerated() where number % 3 != 0 {
      #expect(try family.labels("\(number)") === child)
    }
    #expect(family.family().metrics.count == 2_000)
    for number in stride(from: 0, to: 3_000, by: 3) {
      #expect(try family.labels("\(number)") !== children[number])
    }
    #expect(family.family().metrics.count == 3_000)
  }

  @Test("two spellings of one text are two series, as they are for Prometheus")
  func spellings() throws {
    let family = try family()
    let composed = try family.labels("\u{E9}")
    let decomposed = try family.labels("e\u{301}")
    #expect(composed !== decomposed)
    #expect(family.family().metrics.count == 2)
  }

  @Test("values do not run into each other")
  func boundaries() throws {
    let family = try family(["x", "y"])
    #expect(try family.labels("a", "b") !== family.labels("ab", ""))
    #expect(try family.labels("", "") === family.labels("", ""))
  }

  @Test("a child that is removed begins anew, and the old one is no longer exposed")
  func removal() throws {
    let family = try family()
    let old = try family.labels("a")
    old.increment(by: 5)
    #expect(family.remove("a"))
    let new = try family.labels("a")
    old.increment()
    new.increment()
    #expect(new.value == 1)
    #expect(family.family().metrics.count == 1)
    family.clear()
    #expect(family.family().metrics.isEmpty)
    #expect(try family.labels("a").value == 0)
  }

  @Test("what is removed is freed, and its room used again")
  func roomIsReused() throws {
    let family = try family()
    weak let forgotten = try family.labels("first")
    for index in 0..<20_000 {
      try family.labels("\(index)").increment()
      #expect(family.remove("\(index)"))
    }
    #expect(family.remove("first"))
    #expect(family.family().metrics.isEmpty)
    #expect(forgotten == nil)
  }

  @Test("a full family refuses, and counts it")
  func full() throws {
    let registry = MetricRegistry(maximumChildren: 1)
    let family = try registry.counter(.init("a", type: .counter, help: "", labels: ["x"]))
    _ = try family.labels("1")
    #expect(throws: MetricError.tooManyChildren(family: "a", limit: 1)) { try family.labels("2") }
    #expect(registry.statistics.refusedChildren == 1)
  }

  @Test("an idle child is forgotten after its time, one that is held or changed is not")
  func idle() throws {
    let family = try family()
    let held = try family.labels("held")
    try family.labels("busy").increment()
    try family.labels("idle").increment()
    #expect(family.removeIdle(olderThan: .seconds(60)) == 0)
    clock.advance(by: .seconds(59))
    try family.labels("busy").increment()
    #expect(family.removeIdle(olderThan: .seconds(60)) == 0)
    clock.advance(by: .seconds(1))
    #expect(family.removeIdle(olderThan: .seconds(60)) == 1)
    #expect(values(family) == ["busy", "held"])
    #expect(held.value == 0)
    clock.advance(by: .seconds(60))
    #expect(family.removeIdle(olderThan: .seconds(60)) == 1)
    #expect(values(family) == ["held"])
  }

  @Test("with a rule for idle children a scrape forgets them")
  func idleRule() throws {
    let family = try family()
    family.idleAge = .seconds(10)
    try family.labels("a").increment()
    #expect(values(family) == ["a"])
    clock.advance(by: .seconds(10))
    #expect(values(family).isEmpty)
    #expect(try family.labels("a").value == 0)
  }

  @Test("look-ups, scrapes, removals and ends of threads at the same time lose nothing but what was removed")
  func concurrency() throws {
    let family = try family(["x", "y"])
    let kept = 50
    let rounds = 2_000
    let threads = (0..<4).map { thread in
      startThread {
        for round in 0..<rounds {
          do {
            try family.labels("kept", "\(round % kept)").increment()
            try family.labels("gone", "\(round % 200)").increment()
            if round.isMultiple(of: 3) { family.remove("gone", "\((round + thread) % 200)") }
          } catch {
            Issue.record(error)
          }
        }
      }
    }
    for _ in 0..<50 {
      let labels = family.family().metrics.map(\.labels)
      #expect(Set(labels).count == labels.count)
      family.removeIdle(olderThan: .seconds(1))
    }
    joinThreads(threads)
    let total = try (0..<kept).map { try family.labels("kept", "\($0)").value.doubleValue }.reduce(0, +)
    #expect(total == Double(4 * rounds))
  }

  @Test("a child that is used while it expires loses no count")
  func expiryLosesNothing() throws {
    let family = try family()
    let isDone = Flag()
    let thread = startThread { [clock] in
      while !isDone.value {
        clock.advance(by: .seconds(1))
        family.removeIdle(olderThan: .zero)
      }
    }
    for _ in 0..<3_000 {
      let child = try family.labels("a")
      child.increment()
      // As long as this holds it, it is the one that everybody gets.
      #expect(try family.labels("a") === child)
    }
    isDone.set()
    joinThreads([thread])
  }
}
