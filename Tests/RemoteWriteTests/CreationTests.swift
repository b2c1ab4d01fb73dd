import OpenMetrics
import Testing

@testable import RemoteWrite

@Suite("Since when samples count")
struct CreationTests {
  /// The samples of a request of 2.0 by name and `le`: field 3 of each, nil where it says nothing.
  private static func starts(_ body: [UInt8]) throws -> [String: UInt64?] {
    let bytes = try SnappyBlock.decompress(WriteRequest.version2(of: body))
    return try bytes.withUnsafeBytes { bytes in
      var symbols: [String] = []
      var starts: [String: UInt64?] = [:]
      var request = FieldReader(bytes)
      while let (number, value) = try request.next() {
        guard case .bytes(let place) = value else { continue }
        if number == 4 { symbols.append(String(decoding: bytes[place], as: UTF8.self)) }
        guard number == 5 else { continue }
        var name = ""
        var fields = FieldReader(bytes, place)
        while let (number, value) = try fields.next() {
          guard case .bytes(let place) = value else { continue }
          var one = FieldReader(bytes, place)
          if number == 1 {
            var labels: [String: String] = [:]
            while !one.isAtEnd {
              let (key, text) = (Int(try one.varint()), Int(try one.varint()))
              labels[symbols[key]] = symbols[text]
            }
            name = (labels["__name__"] ?? "") + (labels["le"].map { "/" + $0 } ?? "")
            if let more = labels["m"] { name += "/" + more }
          } else if number == 2 {
            var start: UInt64?
            while let (number, value) = try one.next() {
              if number == 3, case .varint(let found) = value { start = found }
            }
            starts[name] = .some(start)
          }
        }
      }
      return starts
    }
  }

  private static let text = """
    # TYPE c counter
    c_total{m="1"} 3
    c_created{m="1"} 1796000000.25
    c_total{m="2"} 3
    # TYPE h histogram
    h_bucket{le="1.0"} 1
    h_bucket{le="+Inf"} 2
    h_count 2
    h_sum 0.5
    h_created 1796000001
    # TYPE s summary
    s{quantile="0.5"} 1
    s_count 4
    s_sum 5
    s_created 1796000002
    # TYPE g gauge
    g 1
    # TYPE pod_created gauge
    pod_created 1796000003
    # EOF

    """

  private static let time: Int64 = 1_796_000_010_000

  @Test("stands in 2.0 in the samples of its counter, histogram or summary, and the series is sent as before")
  func samples() throws {
    var reader = makeReader()
    let body = try reader.open(Self.text, Self.time).fragments[0][0].body
    let starts = try Self.starts(body)
    #expect(starts["c_total/1"] == 1_796_000_000_250 && starts["c_total/2"] == .some(nil))
    for name in ["h_bucket/1.0", "h_bucket/+Inf", "h_count", "h_sum"] {
      #expect(starts[name] == 1_796_000_001_000, "\(name)")
    }
    #expect(starts["s_count"] == 1_796_000_002_000 && starts["s_sum"] == 1_796_000_002_000)
    for name in ["c_created/1", "h_created", "s_created", "s", "g", "pod_created", "up"] {
      #expect(starts[name] == .some(nil), "\(name)")
    }
    // Nothing else of the request is another.
    #expect(starts.count == (try WriteRequest(body: body).series.count))
    #expect(try WriteRequest.version2(of: body) == WriteRequest.version2(of: body))
  }

  @Test(
    "is an instant before the sample; anything else says nothing",
    arguments: [
      ("0", nil), ("-5", nil), ("NaN", nil), ("+Inf", nil), ("1e300", nil), ("1796000010.001", nil),
      ("1796000010", 1_796_000_010_000), ("0.001", 1), ("0.0004", nil),
    ] as [(String, UInt64?)])
  func instants(value: String, expected: UInt64?) throws {
    var reader = makeReader()
    let text = "# TYPE c counter\nc_total 3\nc_created \(value)\n# EOF\n"
    let body = try reader.open(text, Self.time).fragments[0][0].body
    #expect(try Self.starts(body)["c_total"] == .some(expected))
  }

  @Test("is not said where a series ends, and not of samples with other labels")
  func markers() throws {
    var reader = makeReader()
    _ = try reader.open(Self.text, Self.time)
    let text = "# TYPE c counter\nc_created{m=\"1\"} 1796000000\nc_total{m=\"3\"} 1\n# EOF\n"
    let body = try reader.open(text, Self.time + 1_000).fragments[0][0].body
    let starts = try Self.starts(body)
    #expect(starts["c_total/1"] == .some(nil) && starts["c_total/3"] == .some(nil))
    let markers = try WriteRequest(body: body).series.filter { $0.samples[0].bits == SampleValue.stale }
    #expect(markers.count == 13)
  }
}
