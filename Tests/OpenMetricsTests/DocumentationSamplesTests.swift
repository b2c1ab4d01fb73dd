import Foundation
import Testing

import OpenMetrics

/// The samples of the articles, run. ``everySample()`` keeps them the same as the articles'.
@Suite("Samples of the documentation")
struct DocumentationSamplesTests {
  @Test("the first metric")
  func first() throws {
    let registry = MetricRegistry()
    let requests = try registry.counter(
      MetricDescriptor("http_requests", type: .counter, help: "Requests answered."))
    requests.increment()

    let text = Exposition.write(registry.snapshot(), as: .openMetrics1)

    let shown = try #require(try Articles.blocks(of: "Adopting", language: "text").first)
    #expect(String(decoding: text, as: UTF8.self) == shown.joined(separator: "\n") + "\n")
  }

  @Test("labels")
  func labels() throws {
    let registry = MetricRegistry()
    let answers = try registry.counter(
      MetricDescriptor("http_answers", type: .counter, help: "Answers sent.", labels: ["method", "status"]))
    try answers.labels("GET", "200").increment()

    let accepted = try answers.labels("POST", "201")
    accepted.increment(by: 3)

    #expect(registry.snapshot().first?.metrics.count == 2)
  }

  @Test("labels that the compiler checks")
  func typedLabels() throws {
    let registry = MetricRegistry()
    struct AnswerLabels: MetricLabels {
      enum Method: String, MetricLabelValue {
        case get = "GET"
        case post = "POST"
      }
      var method: Method
      var status: Int

      static var fields: [LabelField<Self>] {
        [LabelField("method", \.method), LabelField("status", \.status)]
      }
    }
    let sent = try registry.counter("http_sent", labels: AnswerLabels.self, help: "Answers sent.")
    sent[AnswerLabels(method: .get, status: 200)].increment()

    #expect(registry.snapshot().first?.metrics.first?.labels == ["method": "GET", "status": "200"])
  }

  @Test("histograms and exemplars")
  func histograms() throws {
    let registry = MetricRegistry()
    let latency = try registry.histogram(
      MetricDescriptor(
        "http_latency_seconds", type: .histogram, help: "Time to an answer.", unit: "seconds",
        buckets: [0.01, 0.05, 0.1, 0.5, 1, 5]))
    latency.observe(0.042)

    let sum = try latency.child.time { (1...1000).reduce(0, +) }

    let size = try registry.nativeHistogram(
      MetricDescriptor(
        "http_body_bytes", type: .histogram, help: "Size of a body.", unit: "bytes", buckets: [1e3, 1e6]),
      NativeBucketing(growthFactor: 1.2))
    size.observe(48_213)

    let exemplar = try Exemplar(labels: [("trace_id", "4bf92f3577b34da6")], value: 0.31, timestamp: .now())
    latency.observe(0.31, exemplar: exemplar)

    registry.exemplarSource = { ["trace_id": "4bf92f3577b34da6"] }

    #expect(sum == 500_500)
    let points = registry.snapshot().compactMap { $0.metrics.first?.points.last?.value }
    guard case .histogram(let body) = points.first, case .histogram(let answer) = points.last else {
      Issue.record("no histograms")
      return
    }
    #expect(body.native?.positive.counts.count == 1)
    #expect(body.buckets.map(\.cumulativeCount) == [0, 1, 1])
    #expect(answer.count == 3)
    #expect(answer.buckets.contains { $0.exemplar == exemplar })
  }

  @Test("infos, state sets, callbacks and collectors")
  func others() throws {
    let registry = MetricRegistry()
    let build = try registry.info(
      MetricDescriptor("build", type: .info, help: "What is running.", labels: ["version"]))
    try build.set(("version", "1.4.0"))
    let breaker = try registry.stateSet(
      MetricDescriptor("breaker", type: .stateset, help: "The circuit breaker.", states: ["open", "closed"]))
    breaker.set(only: "closed")

    try registry.callback(MetricDescriptor("cache_entries", type: .gauge, help: "Entries cached.")) { 42 }

    struct QueueCollector: MetricCollector {
      static let depth = MetricDescriptor("queue_depth", type: .gauge, help: "Jobs waiting.")
      let count: @Sendable () -> Int

      var descriptors: [MetricDescriptor] { [Self.depth] }

      func collect() throws -> [MetricFamily] { [try .gauge(Self.depth, Double(count()))] }
    }
    try registry.register(QueueCollector(count: { 7 }))
    try registry.registerStandardCollectors()

    let names = Set(registry.snapshot().map(\.name))
    #expect(names.isSuperset(of: ["build", "breaker", "cache_entries", "queue_depth", "swift"]))
    #expect(registry.statistics.collectFailures == 0)
  }

  @Test("serving and formats")
  func serving() async throws {
    let registry = MetricRegistry()
    try registry.counter(.init("jobs", type: .counter, help: "Done.")).increment()
    let handler = ScrapeHandler(registry: registry)
    let answer = await handler.answer(
      ScrapeRequest(accept: "application/openmetrics-text;version=1.0.0", acceptEncoding: "gzip"))

    let prometheus = ContentNegotiation.negotiate(
      accept: "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.3,*/*;q=0.2")

    let options = Exposition.Options(includesCreated: true)
    let withCreated = Exposition.write(registry.snapshot(), as: .openMetrics1, options: options)

    let name = EscapingScheme.underscores.escape("http.requests")
    let reversible = EscapingScheme.values.escape("http.requests")

    let parser = ExpositionParser(format: .openMetrics1)
    let parsed = try parser.parse(Array("# TYPE jobs counter\njobs_total 17\n# EOF\n".utf8))

    #expect(answer.status == 200)
    #expect(answer.header("Content-Type") == prometheus.contentType)
    #expect(String(decoding: withCreated, as: UTF8.self).contains("jobs_created"))
    #expect(name == "http_requests")
    #expect(EscapingScheme.values.unescape(reversible) == "http.requests")
    #expect(parsed.families.map(\.name) == ["jobs"])
  }

  @Test("every sample of the articles is run by a test")
  func everySample() throws {
    let tests = try Articles.testLines()
    var count = 0
    for article in Articles.names {
      for block in try Articles.blocks(of: article, language: "swift") {
        count += 1
        #expect(tests.contains(block), "\(article): \(block.joined(separator: "\n"))")
      }
    }
    #expect(count > 15, "hardly any samples; the test looks in the wrong place")
  }
}

/// The articles beside the sources, and the tests that run their samples.
private enum Articles {
  static let names = ["OpenMetrics", "Adopting", "FormatsAndNegotiation", "ComingFromSwiftPrometheus"]

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The blocks of code in a language, as lines without indentation and without blank ones.
  static func blocks(of article: String, language: String) throws -> [[String]] {
    let file = root.appending(path: "Sources/OpenMetrics/OpenMetrics.docc/\(article).md")
    var blocks: [[String]] = []
    var open: [String]?
    for line in lines(of: try String(contentsOf: file, encoding: .utf8)) {
      if line == "```\(language)" {
        open = []
      } else if line == "```" {
        if let block = open { blocks.append(block) }
        open = nil
      } else {
        open?.append(line)
      }
    }
    return blocks
  }

  /// All tests that hold samples, one after the other.
  static func testLines() throws -> [String] {
    let tests = root.appending(path: "Tests")
    let folders = try FileManager.default.contentsOfDirectory(atPath: tests.path).sorted()
    return folders.filter { $0.hasPrefix("OpenMetrics") }.flatMap { folder -> [String] in
      let file = tests.appending(path: "\(folder)/DocumentationSamplesTests.swift")
      return (try? String(contentsOf: file, encoding: .utf8)).map(lines) ?? []
    }
  }

  private static func lines(of text: String) -> [String] {
    text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }
}
