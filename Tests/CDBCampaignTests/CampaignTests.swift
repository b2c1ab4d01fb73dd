import CDBDomain
import Foundation
import Testing

/// `CAMPAIGN_SEED` and `CAMPAIGN_COMBINATIONS` say which combinations; `CDB_SOAK` that all of them run.
@Suite("a campaign of faults on the simulated clock", .serialized)
struct CampaignTests {
  private static let environment = ProcessInfo.processInfo.environment
  static let seed = environment["CAMPAIGN_SEED"].flatMap(UInt64.init) ?? 1
  static let isLong = environment["CDB_SOAK"] != nil
  static let combinations = environment["CAMPAIGN_COMBINATIONS"].flatMap(Int.init) ?? (isLong ? 200 : 12)

  @Test(
    "whatever goes wrong together: the first broken layer is named, and nothing trades until it is well again"
  )
  func combinations() async throws {
    var seeds = RandomSource(seed: Self.seed)
    var matrix = ConfusionMatrix()
    var delays: [FaultKind: [Double]] = [:]
    var (fills, byPerson, wrong) = (0, 0, 0)
    for number in 1...max(1, Self.combinations) {
      // The first of a campaign is its seed itself, so that each can be repeated alone.
      let seed = number == 1 ? Self.seed : seeds.next() % 1_000_000_000
      let combination = Combination(seed: seed)
      let outcome = try await withTemporaryDirectory { folder in
        try await CombinationRun(combination, directory: folder).run()
      }
      matrix.add(outcome.matrix)
      for delay in outcome.delays { delays[delay.kind, default: []].append(delay.seconds) }
      fills += outcome.fills
      byPerson += outcome.reopenedByPerson
      for delay in outcome.delays where delay.seconds > Truth.deadline + delay.kind.hidden {
        Issue.record("\(delay.kind) was named after \(delay.seconds) s; \(Self.repetition(seed))")
      }
      if !outcome.failures.isEmpty {
        wrong += 1
        Issue.record(
          """
          combination \(number), seed \(seed): \(combination)
          \(outcome.failures.joined(separator: "\n"))
          answers kept: \(outcome.answers.joined(separator: "; "))
          \(Self.repetition(seed))
          """)
      }
    }
    print("campaign: seed \(Self.seed), \(Self.combinations) combinations, \(wrong) with something wrong")
    print("campaign: injected, answered, how often\n\(matrix)")
    print("campaign: from the fault to the right answer, seconds: least, most, how often")
    for (kind, seconds) in delays.sorted(by: { "\($0.key)" < "\($1.key)" }) {
      print("  \(kind)  \(seconds.min() ?? 0)  \(seconds.max() ?? 0)  \(seconds.count)")
    }
    print("campaign: \(fills) fills; \(byPerson) gates that waited for a person")
    #expect(fills > 0, "nothing was traded at all: the campaign shows nothing")
    #expect(matrix.total > 0)
  }

  private static func repetition(_ seed: UInt64) -> String {
    "again: make campaign SEED=\(seed) COMBINATIONS=1"
  }
}

/// A folder that is gone when the body has ended.
func withTemporaryDirectory<T>(_ body: (String) async throws -> T) async throws -> T {
  let path = FileManager.default.temporaryDirectory.appending(path: "cdb-campaign-\(UUID().uuidString)")
    .path()
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(path)
}
