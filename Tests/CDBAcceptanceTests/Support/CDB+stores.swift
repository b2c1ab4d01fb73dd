import Testing

/// What `cdb store check --json` says, as far as tests look at it.
struct StoreCheckReport: Decodable {
  struct Comparison: Decodable {
    struct Table: Decodable {
      var name: String
      var firstRows: Int
      var secondRows: Int
    }
    struct Side: Decodable { var digest: String }
    var first: Side
    var second: Side
    var tables: [Table]
  }
  var isSame: Bool
  var comparison: Comparison

  /// How many rows the first store has in a table.
  func rows(_ table: String) -> Int { comparison.tables.first { $0.name == table }?.firstRows ?? 0 }
}

extension CDB {
  /// Expects that two stores hold the same, and that it is more than nothing.
  ///
  /// - Parameters:
  ///   - digest: what both must have; nil for whatever it is.
  ///   - tables: those that must have rows: two stores of a pipeline that did not trade are the same too.
  static func expectSame(
    _ first: String, _ second: String, digest: String? = nil, in folder: String,
    withRowsIn tables: [String] = ["orders", "fills"], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let finished = try await run(["store", "check", first, second, "--json"], in: folder)
    try #require(
      [.code(0), .code(1)].contains(finished.exit), "\(finished.errors.suffix(600))",
      sourceLocation: sourceLocation)
    let report = try finished.json(as: StoreCheckReport.self)
    #expect(
      finished.exit == .code(0) && report.isSame, "\(finished.output.prefix(3_000))",
      sourceLocation: sourceLocation)
    if let digest { #expect(report.comparison.first.digest == digest, sourceLocation: sourceLocation) }
    for table in tables {
      #expect(
        report.rows(table) > 0, "\(first) has no \(table): nothing was traded, so nothing was compared",
        sourceLocation: sourceLocation)
    }
  }
}
