import OpenMetrics

/// Looks for what does not fit together: rules, dashboards and pages against the metrics that there are.
public struct DriftLint: Sendable {
  /// What a service exports, as it was read.
  public struct Scrape: Sendable {
    /// Where it is from, for messages.
    public var place: String
    public var families: [MetricFamily]

    public init(place: String, families: [MetricFamily]) {
      self.place = place
      self.families = families
    }
  }

  private let catalogue: [MetricDescriptor]
  private let scrapes: [Scrape]

  /// - Parameter scrapes: where there are any, what is not on one of them is not exported, whatever the catalogue declares.
  public init(catalogue: [MetricDescriptor] = SuiteMetrics.all, scrapes: [Scrape] = []) {
    self.catalogue = catalogue
    self.scrapes = scrapes
  }

  private var vocabulary: MetricVocabulary {
    scrapes.isEmpty
      ? MetricVocabulary(catalogue: catalogue)
      : MetricVocabulary(scrape: scrapes.flatMap(\.families), catalogue: catalogue)
  }

  /// Lints files, and the files in folders.
  ///
  /// - Throws: ``LintRefusal`` where a path cannot be read, or a file is not what it seems to be.
  public func run(_ paths: [String]) throws(LintRefusal) -> LintReport {
    let files = try LintFiles(paths)
    var walk = LintWalk(vocabulary)
    walk.learn(files.rules)
    for file in files.rules { walk.check(file) }
    for expression in files.expressions { walk.check(expression, dialect: .prometheus) }
    for dashboard in files.dashboards { walk.check(dashboard) }
    walk.check(files.tests, of: files.rules)
    for scrape in scrapes { walk.check(scrape, against: catalogue) }
    return LintReport(
      source: walk.scope.vocabulary.source, files: files.count, expressions: walk.expressions,
      metrics: walk.metrics.sorted(),
      findings: walk.findings.sorted { ($0.file, $0.line, $0.message) < ($1.file, $1.line, $1.message) })
  }
}

/// What a lint came to.
public struct LintReport: Sendable, Codable {
  let source: MetricVocabulary.Source
  public let files: Int
  public let expressions: Int
  /// The names of metrics in the expressions, of other exporters too.
  public let metrics: [String]
  public let findings: [LintFinding]

  public var isClean: Bool { findings.isEmpty }

  /// A line for each finding, and one that says how much was looked at.
  public var text: String {
    let lines = findings.map { "\($0.file):\($0.line): \($0.message) [\($0.kind.rawValue)]" }
    let looked =
      "\(files) files, \(expressions) expressions, \(metrics.count) metrics against the \(source.rawValue)"
    let found =
      switch findings.count {
      case 0: "nothing found"
      case 1: "1 finding"
      default: "\(findings.count) findings"
      }
    return (lines + ["\(looked): \(found)"]).joined(separator: "\n")
  }
}
