import Testing

@testable import CDBDomain

@Suite("Trace context")
struct TraceContextTests {
  @Test("a traceparent has the form that W3C asks for, and no id is zero")
  func form() {
    var random = SplitMix64(seed: 13)
    for _ in 0..<2_000 {
      let trace = TraceContext(
        journal: random.next() >> UInt64(random.integer(0...63)),
        origin: random.next() >> UInt64(random.integer(0...63)),
        event: EventID(producer: .core, partition: 0, sequence: random.next() >> 32))
      #expect(trace.traceparent.wholeMatch(of: /00-[0-9a-f]{32}-[0-9a-f]{16}-01/) != nil)
      #expect(trace.traceparent == "00-\(trace.traceID)-\(trace.spanID)-01")
      #expect(trace.traceID.contains { $0 != "0" } && trace.spanID.contains { $0 != "0" })
    }
  }

  @Test("the same record and event give the same trace, on any machine")
  func stable() {
    let trace = TraceContext(journal: 1, origin: 2, event: Fixture.id(.core, 3))
    #expect(trace == TraceContext(journal: 1, origin: 2, event: Fixture.id(.core, 3)))
    #expect(trace.traceparent == "00-e06dd043328bd28553f8dbdfeb9bf71d-cf459c7a2083664c-01")
  }

  @Test("all that follows from one record is one trace, and each event a span of its own")
  func derivation() {
    let ids = StageName.allCases.flatMap { producer in
      (1...200).map { EventID(producer: producer, partition: UInt16($0 % 3), sequence: $0) }
    }
    let traces = ids.map { TraceContext(journal: 1, origin: 2, event: $0) }
    #expect(Set(traces.map(\.traceID)).count == 1)
    #expect(Set(traces.map(\.spanID)).count == ids.count)
  }

  @Test("other records and other journals are other traces")
  func distinct() {
    var seen: Set<String> = []
    for journal in 0..<20 as Range<UInt64> {
      for origin in 0..<200 as Range<UInt64> {
        seen.insert(TraceContext(journal: journal, origin: origin, event: Fixture.id(.ws, 1)).traceID)
      }
    }
    #expect(seen.count == 20 * 200)
  }
}
