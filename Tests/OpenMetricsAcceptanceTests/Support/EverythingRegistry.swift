import OpenMetrics

/// A registry that has every instrument, and every text that has ever broken a scrape.
enum EverythingRegistry {
  static let hostileTexts = [
    "plain", "", "a\"b", "a\\b", "a\nb", "\\n", "\\", "{}", "{x=\"y\"}", "# EOF", "a,b", "a b ", "\t\r", "le",
    "__name__", "é 日本 🚀", "\u{0}", "\u{FEFF}",
    String(decoding: [0xFF, 0xC0, 0x41] as [UInt8], as: UTF8.self),
    String(repeating: "ten kilobytes ", count: 750),
  ]

  struct RouteLabels: MetricLabels {
    var route: String
    var status: Int

    static var fields: [LabelField<Self>] { [LabelField("route", \.route), LabelField("status", \.status)] }
  }

  static func make() throws -> MetricRegistry {
    let registry = MetricRegistry()
    try addScalars(to: registry)
    try addDistributions(to: registry)
    try registry.info(
      MetricDescriptor("target", type: .info, help: "The target.", labels: ["host.name", "zone"])
    ).set([("host.name", "a\"b\\c\nd"), ("zone", "é")])
    let states = try registry.stateSet(
      MetricDescriptor(
        "door_state", type: .stateset, help: "The door's state.", labels: ["floor"],
        states: ["open", "clo\"sed", "a\nb"]))
    try states.labels("1").set(only: "open")
    try registry.register(ProcessCollector())
    return registry
  }

  private static func addScalars(to registry: MetricRegistry) throws {
    let hostile = try registry.counter(
      MetricDescriptor(
        "hostile", type: .counter, help: "Help with \"quotes\", \\ and\na second line.", labels: ["text"]))
    for (index, text) in hostileTexts.enumerated() { try hostile.labels(text).increment(by: index + 1) }
    let requests = try registry.counter(
      "requests", labels: RouteLabels.self, help: "Requests by route and status.")
    requests[RouteLabels(route: "/", status: 200)].increment(
      by: 3, exemplar: try Exemplar(labels: [("trace_id", "4bf92f3577b34da6")], value: 1, timestamp: .now()))
    requests[RouteLabels(route: "/", status: 500)].increment(by: 0.5)
    let spread = try registry.gauge(
      MetricDescriptor(
        "temperature_celsius", type: .gauge, help: "Temperatures.", unit: "celsius", labels: ["room"]))
    for (room, value) in [
      ("a", -2.5), ("b", .infinity), ("c", -.infinity), ("d", .nan), ("e", .leastNonzeroMagnitude),
    ] {
      try spread.labels(room).set(value)
    }
    try registry.integerGauge(MetricDescriptor("jobs", type: .gauge, help: "Jobs.")).child.set(7)
    try registry.unknown(MetricDescriptor("odd", type: .unknown, help: "Of no known type.")).child.set(4.5)
    try registry.callback(MetricDescriptor("answer", type: .gauge, help: "Read when asked.")) { 42 }
    try registry.callback(MetricDescriptor("broken", type: .gauge, help: "Never readable.")) {
      throw Unreadable()
    }
    // Names that need quotes; they stay apart when they are escaped.
    try registry.counter(
      MetricDescriptor(
        "http.server.requests", type: .counter, help: "By OpenTelemetry's name.", labels: ["url.path"])
    ).labels("/a b").increment(by: 9)
    try registry.gauge(MetricDescriptor("größe \"x\"", type: .gauge, help: "A name of many bytes.")).child
      .set(1)
  }

  private static func addDistributions(to registry: MetricRegistry) throws {
    let classic = try registry.histogram(
      MetricDescriptor(
        "latency_seconds", type: .histogram, help: "Latencies.", unit: "seconds", labels: ["method"],
        buckets: [0.1, 1, 10]))
    let child = try classic.labels("GET")
    for value in [0.05, 0.5, 5, 50] { child.observe(value) }
    // Two quotes: prometheus_client takes an escaped one in an exemplar for the end of the text.
    child.observe(
      0.7, exemplar: try Exemplar(labels: [("trace_id", "a\"b\"\\\n")], value: 0.7, timestamp: .now()))
    let native = try registry.nativeHistogram(
      MetricDescriptor("size_bytes", type: .histogram, help: "Sizes.", unit: "bytes"))
    for value in 1...1000 { native.observe(Double(value)) }
    let both = try registry.nativeHistogram(
      MetricDescriptor(
        "both_seconds", type: .histogram, help: "Both kinds.", unit: "seconds", buckets: [1, 2]))
    for value in [0.5, 1.5, 2.5] { both.observe(value) }
    try registry.gaugeHistogram(
      MetricDescriptor(
        "queue_age_seconds", type: .gaugehistogram, help: "Ages.", unit: "seconds", buckets: [1, 10])
    )
    .child.set(values: [0.5, 5, 50])
    let summary = try registry.summary(
      MetricDescriptor("wait_seconds", type: .summary, help: "Waits.", unit: "seconds"))
    for value in 1...100 { summary.observe(Double(value)) }
  }

  struct Unreadable: Error {}
}
