// The compiler finds protobuf-c's types in whichever module of generated code comes first, and OpenMetrics brings one along.
import CMetricsProtobuf
import CPrometheusProto
import CProtobufC
import OpenMetrics

extension WriteRequest {
  /// What led to a sample.
  public struct Exemplar: Sendable, Equatable {
    public var labels: [Label]
    public var value: Double
    /// Milliseconds since the epoch.
    public var time: Int64
  }

  /// A native histogram.
  public struct Histogram: Sendable, Equatable {
    public struct Span: Sendable, Equatable {
      /// From the end of the span before; of the first one, the index of its first bucket.
      public var offset: Int32
      /// In buckets.
      public var length: UInt32
    }

    /// Buckets of one sign. A histogram has whole counts, each as its difference to the one before, or others as they are.
    public struct Side: Sendable, Equatable {
      public var spans: [Span] = []
      public var deltas: [Int64] = []
      public var counts: [Double] = []
    }

    /// All observations.
    public var count: Double
    /// The bits of the sum: a staleness marker is one.
    public var sumBits: UInt64
    public var schema: Int32
    public var zeroThreshold: Double
    public var zeroCount: Double
    public var negative: Side
    public var positive: Side
    public var isGauge: Bool
    /// Milliseconds since the epoch.
    public var time: Int64
  }

  static func exemplar(_ message: Cprometheus__Exemplar) throws(Fault) -> Exemplar {
    var labels: [Label] = []
    for index in 0..<message.n_labels {
      guard let label = message.labels[index]?.pointee else { throw .message }
      labels.append(Label(try text(label.name), try text(label.value)))
    }
    return Exemplar(labels: labels, value: message.value, time: message.timestamp)
  }
}

extension WriteRequest.Histogram {
  init(_ pointer: UnsafeMutablePointer<Cprometheus__Histogram>) {
    let message = pointer.pointee
    let isWhole = message.count_case == CPROMETHEUS__HISTOGRAM__COUNT_COUNT_INT
    let isZeroWhole = message.zero_count_case == CPROMETHEUS__HISTOGRAM__ZERO_COUNT_ZERO_COUNT_INT
    count = isWhole ? Double(message.count_int) : message.count_float
    sumBits = withUnsafeBytes(of: &pointer.pointee.sum) { $0.loadUnaligned(as: UInt64.self) }
    schema = message.schema
    zeroThreshold = message.zero_threshold
    zeroCount = isZeroWhole ? Double(message.zero_count_int) : message.zero_count_float
    negative = Side(
      spans: Self.spans(message.negative_spans, message.n_negative_spans),
      deltas: Array(UnsafeBufferPointer(start: message.negative_deltas, count: message.n_negative_deltas)),
      counts: Array(UnsafeBufferPointer(start: message.negative_counts, count: message.n_negative_counts)))
    positive = Side(
      spans: Self.spans(message.positive_spans, message.n_positive_spans),
      deltas: Array(UnsafeBufferPointer(start: message.positive_deltas, count: message.n_positive_deltas)),
      counts: Array(UnsafeBufferPointer(start: message.positive_counts, count: message.n_positive_counts)))
    isGauge = message.reset_hint == CPROMETHEUS__HISTOGRAM__RESET_HINT__GAUGE
    time = message.timestamp
  }

  private static func spans(
    _ spans: UnsafeMutablePointer<UnsafeMutablePointer<Cprometheus__BucketSpan>?>?, _ count: Int
  ) -> [Span] {
    (0..<count).compactMap { index in
      (spans?[index]?.pointee).map { Span(offset: $0.offset, length: $0.length) }
    }
  }
}
