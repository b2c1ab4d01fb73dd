import LogShipping
import ServiceRuntime

extension CDBConfiguration {
  static let elk = [
    ConfigurationKey(
      "elk.retention", .string, default: "30d", flag: "retention",
      help:
        "How long Elasticsearch keeps an index of log lines that nothing is written to any more: 30d, 12h."),
    ConfigurationKey(
      "elk.fresh_within", .duration(.seconds(1) ... .seconds(30 * 86_400)), default: "5m", flag: "within",
      help: "How old the newest log line in the index may be for cdb elk check."),
  ]
}

/// `cdb elk`: what of a server is asked, and by what settings.
public struct ElkSetup: Sendable {
  /// The data streams of log lines, as the index template names them.
  public static let pattern = "logs-cdb-*,logs-cdb_*-*,logs-cdb.*-*"

  private let target: BulkTarget
  private let retention: String
  private let freshWithin: Duration

  /// - Throws: `InvalidSetting` where the settings name no server, or what they name cannot be.
  public init(_ settings: EffectiveConfiguration) throws {
    target = try ShipperOptions.target(settings)
    retention = settings.string("elk.retention")
    guard retention.wholeMatch(of: /[1-9][0-9]{0,5}[dhms]/) != nil else {
      throw InvalidSetting(
        key: "elk.retention", value: retention,
        expected: "a number of days, hours, minutes or seconds: 30d, 12h")
    }
    freshWithin = settings.duration("elk.fresh_within")
  }

  /// Looks what is missing or differs, and puts it, unless it only looks.
  ///
  /// - Throws: `ShipperError`; an error of the network.
  public func run(isDryRun: Bool, isForced: Bool) async throws -> SearchSetup.Report {
    try await withSetup { try await $0.run(isDryRun: isDryRun, isForced: isForced) }
  }

  /// Looks whether the server has everything, and a fresh line.
  ///
  /// - Parameter now: milliseconds since the epoch.
  /// - Throws: `ShipperError`; an error of the network.
  public func check(now: Int64) async throws -> ElkCheck {
    try await withSetup { setup in
      let report = try await setup.run(isDryRun: true)
      let freshness = try await setup.freshness(of: Self.pattern)
      return ElkCheck(report: report, freshness: freshness, freshWithin: freshWithin, now: now)
    }
  }

  private func withSetup<Result>(_ body: (SearchSetup) async throws -> Result) async throws -> Result {
    let setup = SearchSetup(
      try ElkFiles.artefacts(), target: target, retention: retention,
      userAgent: "cdb-elk/\(SuiteVersion.current)")
    defer { setup.shutdown() }
    return try await body(setup)
  }
}

/// Whether a server has everything, and a fresh line.
public struct ElkCheck: Codable, Sendable {
  public var report: SearchSetup.Report
  public var freshness: SearchSetup.Freshness
  /// Of the newest line, in seconds; nil where there is none.
  public var age: Double?
  public var isFresh: Bool

  init(report: SearchSetup.Report, freshness: SearchSetup.Freshness, freshWithin: Duration, now: Int64) {
    self.report = report
    self.freshness = freshness
    age = freshness.newest.map { Double(now - $0) / 1_000 }
    isFresh = age.map { $0 <= freshWithin / .seconds(1) } ?? false
  }

  /// Whether nothing is to be done; a later version on the server is none of ours.
  public var isGood: Bool {
    isFresh && report.steps.allSatisfy { $0.finding == .same || $0.finding == .newer }
  }

  /// For a person, a line each.
  public var text: [String] {
    var lines = report.text(isPlan: true)
    if let age, let index = freshness.index {
      lines.append(
        "\(freshness.documents) lines, the newest \(Int(age)) s old in \(index)\(isFresh ? "" : ": that is old")"
      )
    } else {
      lines.append("no line is there: cdb ship sends them")
    }
    return lines
  }
}

extension SearchSetup.Report {
  /// For a person, a line each.
  ///
  /// - Parameter isPlan: whether nothing was to be put.
  public func text(isPlan: Bool) -> [String] {
    var lines = ["\(server.product) \(server.version)"]
    if !server.hasPolicies {
      lines.append(
        server.isServerless
          ? "it has no lifecycle policies: each data stream has its retention itself"
          : "it has no lifecycle policies: old indices are to be deleted by its own means")
    }
    if !server.hasPipelines { lines.append("it has no ingest pipelines: event.ingested is not set") }
    for step in steps {
      let state =
        switch (step.finding, step.isPut) {
        case (.same, _): "is there"
        case (.missing, false): "is missing"
        case (.missing, true): "was missing, and is put"
        case (.differs, false): "differs"
        case (.differs, true): "differed, and is put"
        case (.newer, false): "is there in a later version, and is left"
        case (.newer, true): "was there in a later version, and is put"
        }
      lines.append("\(step.kind.rawValue) \(step.name): \(state)")
      if step.finding != .newer { lines += step.differences.map { "  \($0)" } }
    }
    if !isPlan, steps.contains(where: \.isPut) {
      lines.append("data streams that are there already take it with their next index: POST NAME/_rollover")
    }
    return lines
  }
}
