import HTTPTransport

/// What a receiver of remote write 2.0 says that it has written.
struct WrittenCounts: Sendable, Equatable {
  /// Native histograms among them.
  var samples: Int?

  /// Nil where it says nothing at all: then it has not understood the request.
  ///
  /// Source: prometheus.io/docs/specs/prw/remote_write_spec_2_0, "Required Written Response Headers"
  init?(_ response: HTTPResponse) {
    let kinds = ["samples", "histograms", "exemplars"]
    let found = kinds.map { response.header("x-prometheus-remote-write-\($0)-written") }
    guard found.contains(where: { $0 != nil }) else { return nil }
    // A native histogram is a sample to whoever counts what is sent.
    let counts = found[..<2].compactMap { $0.flatMap { Int($0) } }
    samples = counts.isEmpty ? nil : counts.reduce(0) { $0.addingReportingOverflow($1).partialValue }
  }
}
