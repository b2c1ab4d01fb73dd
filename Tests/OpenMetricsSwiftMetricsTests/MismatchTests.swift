import CoreMetrics
import Logging
import OpenMetrics
import OpenMetricsSwiftMetrics
import OpenMetricsTesting
import Synchronization
import Testing

@Suite("Metrics that contradict each other")
struct MismatchTests {
  final class Reports: Sendable {
    private let all = Mutex<[MetricMismatch]>([])
    var reasons: [MetricMismatch.Reason] { all.withLock { $0.map(\.reason) } }
    var last: MetricMismatch? { all.withLock { $0.last } }
    func add(_ mismatch: MetricMismatch) { all.withLock { $0.append(mismatch) } }
  }

  let registry = MetricRegistry(maximumChildren: 10)
  let reports = Reports()
  let factory: OpenMetricsFactory

  init() {
    factory = OpenMetricsFactory(registry: registry, report: reports.add)
  }

  @Test("other dimensions than those of the first metric are dropped, counted and reported once")
  func otherLabels() {
    CoreMetrics.Counter(label: "x", dimensions: [("a", "1")], factory: factory).increment()
    for _ in 0..<3 {
      CoreMetrics.Counter(label: "x", dimensions: [("b", "1")], factory: factory).increment(by: 5)
    }
    #expect(reports.reasons == [.otherLabels])
    #expect(reports.last?.label == "x")
    #expect(reports.last?.dimensions == ["b"])
    #expect(factory.statistics.mismatches == 3)
    #expect(factory.statistics.mismatches(.otherLabels) == 3)
    #expect(factory.statistics.droppedUpdates == 3)
    #expect(registry.value(of: "swift_metrics_mismatches_total", labels: ["reason": "other_labels"]) == 3)
    #expect(registry.value(of: "swift_metrics_dropped_updates_total") == 3)
    #expect(registry.readings(of: "x_total").map(\.value) == [1])
  }

  @Test("more or fewer dimensions are other dimensions")
  func numberOfLabels() {
    CoreMetrics.Gauge(label: "x", dimensions: [("a", "1")], factory: factory).record(1)
    CoreMetrics.Gauge(label: "x", factory: factory).record(1)
    CoreMetrics.Gauge(label: "x", dimensions: [("a", "1"), ("b", "1")], factory: factory).record(1)
    #expect(factory.statistics.mismatches(.otherLabels) == 2)
    #expect(reports.reasons == [.otherLabels])
  }

  @Test("another kind under the same name is a mismatch for every kind of handler")
  func otherKind() {
    Recorder(label: "x", factory: factory).record(1)
    CoreMetrics.Counter(label: "x", factory: factory).increment()
    FloatingPointCounter(label: "x", factory: factory).increment(by: 1.5)
    Meter(label: "x", factory: factory).set(1)
    CoreMetrics.Gauge(label: "x", factory: factory).record(1)
    let timer = CoreMetrics.Timer(label: "t", factory: factory)
    timer.recordSeconds(1)
    Recorder(label: "t_seconds", factory: factory).record(1)
    CoreMetrics.Timer(label: "t", dimensions: [("a", "b")], factory: factory).recordSeconds(1)
    #expect(factory.statistics.mismatches(.otherKind) == 5)
    #expect(factory.statistics.mismatches(.otherLabels) == 1)
    #expect(factory.statistics.droppedUpdates == 6)
    #expect(registry.value(of: "x_count") == 1)
    #expect(registry.value(of: "t_seconds_count") == 1)
  }

  @Test("a name that other code holds is left to it")
  func taken() throws {
    try registry.gauge(.init("x_total", type: .gauge, help: "x")).set(9)
    CoreMetrics.Counter(label: "x", factory: factory).increment()
    #expect(reports.reasons == [.nameTaken])
    #expect(registry.value(of: "x_total") == 9)
  }

  @Test("buckets that do not ascend are a mismatch, and the name stays free")
  func buckets() throws {
    let factory = OpenMetricsFactory(
      registry: registry, configuration: .init(timerBuckets: [2, 1]), report: reports.add)
    CoreMetrics.Timer(label: "x", factory: factory).recordSeconds(1)
    #expect(reports.reasons == [.invalidBuckets])
    #expect(!registry.descriptors.contains { $0.name == "x_seconds" })
    CoreMetrics.Gauge(label: "x_seconds", factory: factory).record(1)
    #expect(registry.value(of: "x_seconds") == 1)
  }

  @Test("one label set too many is refused, and the others go on")
  func cardinality() {
    for index in 0..<12 {
      CoreMetrics.Counter(label: "x", dimensions: [("user", "\(index)")], factory: factory).increment()
    }
    #expect(reports.reasons == [.tooManyLabelSets])
    #expect(factory.statistics.mismatches(.tooManyLabelSets) == 2)
    #expect(registry.readings(of: "x_total").count == 10)
  }

  @Test("dimensions that are one by the rule for names are refused, and leave nothing behind")
  func duplicateLabels() {
    let dimensions = [("a.b", "1"), ("a-b", "2")]
    CoreMetrics.Counter(label: "x", dimensions: dimensions, factory: factory).increment()
    #expect(reports.reasons == [.invalidLabels])
    CoreMetrics.Counter(label: "x", factory: factory).increment()
    #expect(registry.value(of: "x_total") == 1)
  }

  @Test("whatever an own rule for names makes is checked", arguments: ["", "_", "__x"])
  func ownRule(_ name: String) {
    let rule = NameRule(metric: { _ in name }, label: { $0 })
    let factory = OpenMetricsFactory(
      registry: registry, configuration: .init(names: rule), report: reports.add)
    CoreMetrics.Gauge(label: "x", factory: factory).record(1)
    #expect(reports.reasons == [.invalidName])
  }

  @Test("labels that an own rule leaves reserved are refused", arguments: ["", "le", "_x", "quantile"])
  func ownLabelRule(_ dimension: String) {
    let rule = NameRule(metric: { $0 }, label: { $0 })
    let factory = OpenMetricsFactory(
      registry: registry, configuration: .init(names: rule), report: reports.add)
    CoreMetrics.Gauge(label: "x", dimensions: [(dimension, "1")], factory: factory).record(1)
    #expect(reports.reasons == [.invalidLabels])
  }

  @Test("a registry that has the factory's own names otherwise costs only their exposition")
  func ownNamesTaken() throws {
    let registry = MetricRegistry()
    for name in ["swift_metrics_mismatches", "swift_metrics_dropped_updates"] {
      _ = try registry.gauge(.init(name, type: .gauge, help: "x"))
    }
    let factory = OpenMetricsFactory(registry: registry, report: reports.add)
    CoreMetrics.Gauge(label: "x", factory: factory).record(1)
    CoreMetrics.Counter(label: "x", factory: factory).increment()
    #expect(factory.statistics.mismatches == 1)
    #expect(factory.statistics.droppedUpdates == 1)
  }

  @Test("a report may itself make metrics")
  func reentrance() {
    let registry = registry
    let inner = OpenMetricsFactory(registry: registry) { _ in }
    let factory = OpenMetricsFactory(registry: registry) { _ in
      CoreMetrics.Counter(label: "reports", factory: inner).increment()
    }
    CoreMetrics.Gauge(label: "x", factory: factory).record(1)
    CoreMetrics.Counter(label: "x", factory: factory).increment()
    #expect(registry.value(of: "reports_total") == 1)
  }

  @Test("by default the developer is told in the log, with the reason")
  func log() {
    let log = RecordingLog()
    let logger = Logger(label: "test", factory: { _ in log })
    let factory = OpenMetricsFactory(registry: registry, logger: logger)
    CoreMetrics.Gauge(label: "x", factory: factory).record(1)
    for _ in 0..<2 { CoreMetrics.Counter(label: "x", factory: factory).increment() }
    #expect(
      log.lines.withLock { $0 } == [
        #"warning: the metric "x" with the dimensions [] is dropped: x is a gauge, so a counter needs another label [other_kind]"#
      ])
  }
}

/// Keeps what is logged.
struct RecordingLog: LogHandler {
  final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    func withLock<Result>(_ body: (inout [String]) -> sending Result) -> sending Result {
      lines.withLock(body)
    }
  }

  let lines = Lines()
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .trace

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let reason = event.metadata?["reason"].map { " [\($0)]" } ?? ""
    lines.withLock { $0.append("\(event.level): \(event.message)\(reason)") }
  }
}
