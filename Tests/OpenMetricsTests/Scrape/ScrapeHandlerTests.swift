import CZlib
import Glibc
import Synchronization
import Testing

@testable import OpenMetrics

@Suite("Scrape handler")
struct ScrapeHandlerTests {
  @Test(
    "a scrape is answered in the negotiated format, with the chosen names only, and says on what it depends")
  func negotiated() async throws {
    let registry = MetricRegistry()
    try registry.counter(.init("a", type: .counter, help: "")).increment()
    _ = try registry.gauge(.init("b", type: .gauge, help: ""))
    let handler = ScrapeHandler(registry: registry)
    let answer = await handler.answer(
      ScrapeRequest(accept: "application/openmetrics-text", names: ["a_total"]))
    #expect(answer.status == 200)
    #expect(answer.header("content-type") == "application/openmetrics-text; version=1.0.0; charset=utf-8")
    #expect(answer.header("Vary") == "Accept, Accept-Encoding")
    #expect(answer.header("Content-Encoding") == nil)
    #expect(String(decoding: answer.body, as: UTF8.self) == "# TYPE a counter\na_total 1\n# EOF\n")
  }

  @Test("a large body is compressed, and is the same when it is taken apart")
  func compressed() async throws {
    let registry = MetricRegistry()
    let family = try registry.counter(.init("a", type: .counter, help: "", labels: ["x"]))
    for index in 0..<1000 { try family.labels("\(index)").increment() }
    let handler = ScrapeHandler(registry: registry)
    let plain = await handler.answer(ScrapeRequest())
    let compressed = await handler.answer(ScrapeRequest(acceptEncoding: "gzip"))
    #expect(compressed.header("Content-Encoding") == "gzip")
    #expect(compressed.body.count < plain.body.count / 4)
    #expect(gunzip(compressed.body, limit: plain.body.count * 2) == plain.body)
    let small = await handler.answer(ScrapeRequest(acceptEncoding: "gzip", names: ["none"]))
    #expect(small.header("Content-Encoding") == nil)
  }

  @Test("a collector that hangs costs its own families, for as long as it hangs, and is not called again")
  func hanging() async throws {
    let registry = MetricRegistry()
    try registry.counter(.init("a", type: .counter, help: "")).increment()
    let gate = Gate()
    let hanging = GatedCollector(name: "slow", gate: gate)
    try registry.register(hanging)
    try registry.register(GatedCollector(name: "quick", gate: nil))
    let handler = ScrapeHandler(registry: registry)
    for scrape in 1...2 {
      let answer = await handler.answer(ScrapeRequest(timeout: "2"))
      let text = String(decoding: answer.body, as: UTF8.self)
      #expect(answer.status == 200)
      #expect(text.contains("a_total 1") && text.contains("quick \(scrape)") && !text.contains("slow"))
      #expect(registry.statistics.collectFailures == UInt64(scrape))
      #expect(hanging.calls == 1)
    }
    #expect(registry.statistics.lastCollectFailure?.contains("not done within") == true)
    gate.open()
    // The collection that hung may still be on its way out.
    for _ in 0..<1000 {
      let text = String(decoding: await handler.answer(ScrapeRequest()).body, as: UTF8.self)
      if text.contains("slow 2") { return }
    }
    Issue.record("the collector was not called again")
  }

  @Test("equal scrapes at one time share one collection; one that comes later gets a new one")
  func coalesced() async throws {
    let registry = MetricRegistry()
    let gate = Gate()
    let collector = GatedCollector(name: "slow", gate: gate)
    try registry.register(collector)
    let handler = ScrapeHandler(registry: registry)
    let bodies = await withTaskGroup(of: [UInt8].self) { group in
      for index in 0..<20 {
        // Different formats are different answers, but of one collection.
        let accept = index.isMultiple(of: 2) ? nil : "application/openmetrics-text"
        group.addTask { await handler.answer(ScrapeRequest(accept: accept)).body }
      }
      await gate.entered()
      gate.open()
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(collector.calls < 20)
    #expect(bodies.allSatisfy { String(decoding: $0, as: UTF8.self).contains("slow ") })
    let calls = collector.calls
    _ = await handler.answer(ScrapeRequest())
    #expect(collector.calls == calls + 1)
  }

  @Test("more different scrapes than are allowed get 503 at once")
  func inFlight() async throws {
    let registry = MetricRegistry()
    let gate = Gate()
    try registry.register(GatedCollector(name: "slow", gate: gate))
    let handler = ScrapeHandler(registry: registry, options: .init(maximumInFlight: 1))
    async let first = handler.answer(ScrapeRequest())
    await gate.entered()
    let second = await handler.answer(ScrapeRequest(accept: "application/openmetrics-text"))
    #expect(second.status == 503)
    #expect(second.header("Retry-After") == "1")
    gate.open()
    #expect(await first.status == 200)
    #expect(await handler.answer(ScrapeRequest(accept: "application/openmetrics-text")).status == 200)
  }

  @Test(
    "the scraper's timeout, less a reserve, is the limit; what is not a timeout is none",
    arguments: [
      (nil, 9750), ("15", 14_750), ("0.1", 50), ("0", 9750), ("-1", 9750), ("nan", 9750), ("inf", 9750),
      ("1e3", 9750), ("x", 9750), ("", 9750), ("99999999999999999999", 59_750),
    ] as [(String?, Int)])
  func timeout(header: String?, milliseconds: Int) {
    #expect(ScrapeTimeout.limit(header, .init()) == .milliseconds(milliseconds))
  }

  @Test("a collector's labels that become one for a reader without quotes are left out and counted")
  func escapedLabels() async throws {
    let registry = MetricRegistry()
    try registry.register(
      FixedCollector(
        MetricFamily(
          name: "a", type: .gauge, metrics: [Metric(labels: ["b.c": "1", "b_c": "2"], .gauge(1))])))
    #expect(await handlerText(registry) == "")
    #expect(registry.statistics.collectFailures == 1)
  }

  private func handlerText(_ registry: MetricRegistry) async -> String {
    String(decoding: await ScrapeHandler(registry: registry).answer(ScrapeRequest()).body, as: UTF8.self)
  }
}

private struct FixedCollector: MetricCollector {
  let family: MetricFamily

  init(_ family: MetricFamily) { self.family = family }

  var descriptors: [MetricDescriptor] { [MetricDescriptor(family.name, type: family.type, help: "")] }

  func collect() -> [MetricFamily] { [family] }
}

/// Shows how often it was called; waits at its gate, if it has one.
private final class GatedCollector: MetricCollector {
  let descriptors: [MetricDescriptor]
  private let gate: Gate?
  private let count = Atomic<Int>(0)

  init(name: String, gate: Gate?) {
    descriptors = [MetricDescriptor(name, type: .gauge, help: "")]
    self.gate = gate
  }

  var calls: Int { count.load(ordering: .relaxed) }

  func collect() throws -> [MetricFamily] {
    let call = count.wrappingAdd(1, ordering: .relaxed).newValue
    gate?.pass()
    return [try .gauge(descriptors[0], Double(call))]
  }
}

private func gunzip(_ bytes: [UInt8], limit: Int) -> [UInt8] {
  var bytes = bytes
  var stream = z_stream()
  guard CZlib_inflateInit2(&stream, 15 + 16) == Z_OK else { return [] }
  defer { inflateEnd(&stream) }
  let size = UInt32(bytes.count)
  return bytes.withUnsafeMutableBufferPointer { source in
    [UInt8](unsafeUninitializedCapacity: limit) { target, count in
      stream.next_in = source.baseAddress
      stream.avail_in = size
      stream.next_out = target.baseAddress
      stream.avail_out = UInt32(limit)
      count = inflate(&stream, Z_FINISH) == Z_STREAM_END ? limit - Int(stream.avail_out) : 0
    }
  }
}
