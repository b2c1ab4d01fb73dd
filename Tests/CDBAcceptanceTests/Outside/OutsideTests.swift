import Foundation
import Testing

/// Faults act from outside on real processes, one or two at a time. `CAMPAIGN_SEED` says which, `CAMPAIGN_OUTSIDE` how
/// many, `CAMPAIGN_ONLY` which one of them alone, and `CAMPAIGN_FAULTS` words of the names of the kinds to draw from;
/// `CDB_SOAK` that there are many.
@Suite("A campaign of faults from outside", .serialized)
struct OutsideTests {
  private static let environment = ProcessInfo.processInfo.environment
  static let seed = environment["CAMPAIGN_SEED"].flatMap(UInt64.init) ?? 1
  static let count = environment["CAMPAIGN_OUTSIDE"].flatMap(Int.init) ?? (Surroundings.isSoak ? 72 : 8)
  static let only = environment["CAMPAIGN_ONLY"].flatMap(Int.init)
  static let names = environment["CAMPAIGN_FAULTS"] ?? ""
  /// Each runs two processes, and looks at what is seconds apart.
  static let atATime = 3

  /// What can be made here.
  static var kinds: [OutsideFault] {
    var kinds = OutsideFault.processes + OutsideFault.storage + OutsideFault.damage
    if Wire.isPossible { kinds += OutsideFault.network }
    if ProcessorShare.isPossible { kinds += OutsideFault.processor }
    if Faketime.library != nil { kinds += OutsideFault.clock }
    // What must be fast shows only a part of them: those that take a while are for the long campaign.
    if !names.isEmpty { return kinds.filter { $0.name.contains(names) } }
    return kinds.filter { count >= 40 || only != nil || $0.limit <= .seconds(10) }
  }

  @Test(
    "the first broken layer is named within ten seconds, nothing is bought while the gate is shut, and it opens again",
    .enabled(
      if: Wire.isPossible || Surroundings.isCI, "needs root, ip, tc and nsenter, for namespaces and mounts"))
  func campaign() async throws {
    try #require(Wire.isPossible, "root, ip, tc and nsenter are needed")
    await Wire.removeLeftovers()
    let cases = Array(OutsideCase.draw(Self.count, of: Self.kinds, seed: Self.seed).enumerated())
      .filter { Self.only == nil || $0.offset + 1 == Self.only }
    var report = OutsideReport()
    await withTaskGroup(of: (Int, OutsideOutcome).self) { group in
      var waiting = cases[...]
      func next() {
        guard let (number, subject) = waiting.popFirst() else { return }
        group.addTask { (number + 1, await OutsideRun(subject).carryOut()) }
      }
      for _ in 0..<Self.atATime { next() }
      for await (number, outcome) in group {
        report.outcomes.append(outcome)
        if !outcome.failures.isEmpty {
          Issue.record(
            """
            case \(number) of seed \(Self.seed): \(outcome.name): expected \(outcome.expected)
            \(outcome.failures.joined(separator: "\n"))
            again: make campaign SEED=\(Self.seed) OUTSIDE=\(Self.count) ONLY=\(number)
            """)
        }
        next()
      }
    }
    print("outside: seed \(Self.seed)\n\(report)")
    #expect(report.outcomes.count == cases.count && !cases.isEmpty)
    #expect(
      cases.count < 8 || report.outcomes.contains { $0.accepted > 0 },
      "nothing was traded at all: the campaign shows nothing")
  }
}
