import OpenMetrics
import OpenMetricsTracing
import Testing

@Suite("References to traces")
struct TraceReferenceTests {
  static let trace = "0af7651916cd43dd8448eb211c80319c"
  static let span = "b7ad6b7169203331"
  static let header = "00-\(trace)-\(span)-01"

  @Test("the header of the specification's example")
  func example() throws {
    let reference = try #require(TraceReference(traceparent: Self.header))
    #expect(reference.traceID == Self.trace)
    #expect(reference.spanID == Self.span)
    #expect(reference.isSampled)
    #expect(reference.labels == ["trace_id": Self.trace, "span_id": Self.span])
  }

  @Test("its labels fit the limit of OpenMetrics 1.0")
  func length() throws {
    let labels = try #require(TraceReference(traceparent: Self.header)).labels
    #expect(throws: Never.self) { try Exemplar(labels: labels, value: 1) }
  }

  @Test(
    "of the flags, only the lowest says that a trace is recorded",
    arguments: [("00", false), ("01", true), ("02", false), ("03", true), ("fe", false), ("ff", true)])
  func flags(flags: String, isSampled: Bool) {
    let reference = TraceReference(traceparent: "00-\(Self.trace)-\(Self.span)-\(flags)")
    #expect(reference?.isSampled == isSampled)
  }

  @Test(
    "a newer version may go on after a hyphen",
    arguments: [
      "01-\(trace)-\(span)-01", "cc-\(trace)-\(span)-01-what-the-future-brings", "fe-\(trace)-\(span)-01-",
    ])
  func newer(header: String) {
    #expect(TraceReference(traceparent: header)?.traceID == Self.trace)
  }

  @Test(
    "a header that the specification has readers ignore is none",
    arguments: [
      "", "-", "---", "00", "00---", header + " ", " " + header, header + "-", header + "-00", header + "0",
      "ff-\(trace)-\(span)-01", "01-\(trace)-\(span)-01.later", "0-\(trace)-\(span)-01",
      "000-\(trace)-\(span)-01", "0x-\(trace)-\(span)-01", "00-\(trace)-\(span)-1",
      "00-\(trace)-\(span)-0g", "00-\(trace)-\(span)-+1", "00-\(trace)-\(span)", "00-\(trace)-\(span)-",
      header.uppercased(), "00-" + String(repeating: "0", count: 32) + "-\(span)-01",
      "00-\(trace)-0000000000000000-01", "00-\(trace.dropLast())-\(span)-01", "00-\(trace)0-\(span)-01",
      "00-\(trace.dropLast())--\(span)-01", "00-\(trace.dropLast())\u{e9}-\(span)-01",
      "00-\(trace.dropLast())٣-\(span)-01", "00-\(trace.dropLast())\u{0}-\(span)-01",
      "00_\(trace)_\(span)_01", "00-\(span)-\(trace)-01", String(repeating: "-", count: 1_000_000),
    ])
  func ignored(header: String) {
    #expect(TraceReference(traceparent: header) == nil)
  }

  @Test("no change of one byte makes another trace of a header")
  func everyByte() throws {
    let whole = try #require(TraceReference(traceparent: Self.header))
    for position in Self.header.utf8.indices {
      for byte in UInt8.min...UInt8.max {
        var bytes = Array(Self.header.utf8)
        bytes[Self.header.utf8.distance(from: Self.header.startIndex, to: position)] = byte
        let changed = TraceReference(traceparent: String(decoding: bytes, as: UTF8.self))
        guard let changed, changed.traceID == whole.traceID, changed.spanID == whole.spanID else {
          // Another identifier is what was written, or nothing.
          #expect(changed.map { String(decoding: bytes, as: UTF8.self).contains($0.traceID) } ?? true)
          continue
        }
        let isVersionOrFlags =
          position < Self.header.index(Self.header.startIndex, offsetBy: 2)
          || position >= Self.header.index(Self.header.endIndex, offsetBy: -2)
        #expect(isVersionOrFlags || bytes == Array(Self.header.utf8))
      }
    }
  }

  @Test("identifiers made by hand keep the same rules")
  func byHand() {
    #expect(TraceReference(traceID: Self.trace, spanID: Self.span)?.isSampled == true)
    #expect(TraceReference(traceID: Self.trace.uppercased(), spanID: Self.span) == nil)
    #expect(TraceReference(traceID: Self.span, spanID: Self.span) == nil)
    #expect(TraceReference(traceID: Self.trace, spanID: "") == nil)
  }
}
