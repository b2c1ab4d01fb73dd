import Foundation
import Testing

@Suite("A replay of the recordings", .needsRecordings, .twoAtATime)
struct ReplayTests {
  /// What came of the recordings when the figures were last checked by hand; they change only with the
  /// strategy, the risk layers or the paper exchange.
  struct Golden: Codable, Equatable {
    var signals: [String: Int]
    var refusals: [String: Int]
    var orders: Int
    var results: [String: Int]
    var fills: Int
    var fees: String
    var equity: String

    init(_ report: ReplayReport) {
      signals = report.signals
      refusals = report.refusals
      orders = report.orders
      results = report.results
      fills = report.fills
      fees = report.fees
      equity = report.equity
    }
  }

  /// One replay with nothing set, for all that look at its report.
  private static let whole = Task {
    try await withTemporaryDirectory { folder in try await CDB.replay(RecordedData.both, in: folder) }
  }

  @Test("every frame is accounted for, the flow balances, and the clock's error is measured")
  func account() async throws {
    let report = try await Self.whole.value
    let absorbed = report.framesAbsorbed.values.reduce(0, +)
    let dropped = report.framesDropped.values.reduce(0, +)
    #expect(report.frames == 74_867)
    #expect(report.framesActed + absorbed + dropped == report.frames)
    #expect(dropped == 0)
    #expect(report.balanced)
    #expect(report.imbalances.isEmpty)
    #expect(abs(report.clockSkewSeconds + 1.275) < 0.005)
    #expect(report.notices.isEmpty)
    print(
      "replay: \(report.frames) frames, \(Int(report.framesPerSecond)) a second, skew \(report.clockSkewSeconds) s"
    )
  }

  @Test("signals, refusals, orders and fills are those of the golden record")
  func golden() async throws {
    let report = try await Self.whole.value
    let path = Surroundings.tests + "/Golden/binance-spot-20240808.json"
    let data = try #require(FileManager.default.contents(atPath: path), "\(path) is missing")
    #expect(Golden(report) == (try JSONDecoder().decode(Golden.self, from: data)))
  }

  @Test("the digest is the same in every run and with every batch size")
  func digest() async throws {
    try await withTemporaryDirectory { folder in
      var digests = [try await Self.whole.value.digest]
      let sizes: [[String]] =
        Surroundings.isSoak ? [[], ["1"], ["17"], ["512"], ["4096"]] : [[], ["1"], ["17"], ["4096"]]
      for options in sizes.map({
        $0.flatMap { ["--set", "pipeline.batch=\($0)"] }
      }) {
        digests.append(try await CDB.replay(RecordedData.both, options, in: folder).digest)
      }
      #expect(Set(digests).count == 1, "\(digests)")
    }
  }

  @Test("the order in which files are named does not matter, and a comma is as good as a blank")
  func order() async throws {
    try await withTemporaryDirectory { folder in
      let one = try await Self.whole.value
      let other = try await CDB.replay([RecordedData.both.reversed().joined(separator: ",")], in: folder)
      #expect(one.frames == other.frames)
      #expect(Golden(one) == Golden(other))
    }
  }
}
