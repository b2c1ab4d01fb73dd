// The compiler finds protobuf-c's types in whichever module of generated code comes first, and OpenMetrics brings one along.
import CMetricsProtobuf
import CPrometheusProto
import CProtobufC
import OpenMetrics

/// A request of remote write 1.0 as a receiver reads it.
public struct WriteRequest: Sendable, Equatable {
  /// A series with its samples, labels in the order of the message.
  public struct Series: Sendable, Equatable {
    public var labels: [Label]
    public var samples: [Sample]
    public var exemplars: [Exemplar] = []
    public var histograms: [Histogram] = []
  }

  public struct Sample: Sendable, Equatable {
    /// Of the value: a number would lose what makes a staleness marker.
    public var bits: UInt64
    /// Milliseconds since the epoch.
    public var time: Int64

    public var value: Double { Double(bitPattern: bits) }
  }

  /// What is said of a family of metrics.
  public struct Metadata: Sendable, Equatable {
    public var family: String
    /// By the protocol's numbers: 0 unknown, 1 counter, 2 gauge, 3 histogram, 4 gauge histogram, 5 summary, 6 info, 7 stateset.
    public var type: Int
    public var help: String
    public var unit: String
  }

  /// Why bytes are no request.
  public enum Fault: Error, Sendable, Equatable {
    case block(SnappyBlock.Fault)
    case message
    case textIsNotUTF8
  }

  public var series: [Series]
  /// What it says of families of metrics.
  public var metadata: [Metadata] = []

  /// Reads a body: a snappy block of the message.
  ///
  /// - Parameter limit: of the message, in bytes.
  public init(body: [UInt8], limit: Int = 32 << 20) throws(Fault) {
    let bytes: [UInt8]
    do throws(SnappyBlock.Fault) {
      bytes = try SnappyBlock.decompress(body, limit: limit)
    } catch {
      throw .block(error)
    }
    series = []
    try bytes.withUnsafeBufferPointer { (bytes) throws(Fault) in
      let buffer = UnsafeRawBufferPointer(bytes)
      var reader = WireReader(buffer)
      while !reader.isAtEnd {
        guard let (number, content) = reader.field() else { throw .message }
        // Series by series: a message of empty ones would take many times its length otherwise.
        if number == 1 { series.append(try Self.series(UnsafeRawBufferPointer(rebasing: buffer[content]))) }
        if number == 3 {
          metadata.append(try Self.metadata(UnsafeRawBufferPointer(rebasing: buffer[content])))
        }
      }
    }
  }

  private static func metadata(_ bytes: UnsafeRawBufferPointer) throws(Fault) -> Metadata {
    var prototype = Cprometheus__MetricMetadata()
    cprometheus__metric_metadata__init(&prototype)
    let start = bytes.bindMemory(to: UInt8.self).baseAddress
    guard let unpacked = protobuf_c_message_unpack(prototype.base.descriptor, nil, bytes.count, start) else {
      throw .message
    }
    defer { protobuf_c_message_free_unpacked(unpacked, nil) }
    return try unpacked.withMemoryRebound(to: Cprometheus__MetricMetadata.self, capacity: 1) {
      (message) throws(Fault) in
      Metadata(
        family: try text(message.pointee.metric_family_name), type: Int(message.pointee.type.rawValue),
        help: try text(message.pointee.help), unit: try text(message.pointee.unit))
    }
  }

  private static func series(_ bytes: UnsafeRawBufferPointer) throws(Fault) -> Series {
    var prototype = Cprometheus__TimeSeries()
    cprometheus__time_series__init(&prototype)
    let start = bytes.bindMemory(to: UInt8.self).baseAddress
    guard let unpacked = protobuf_c_message_unpack(prototype.base.descriptor, nil, bytes.count, start) else {
      throw .message
    }
    defer { protobuf_c_message_free_unpacked(unpacked, nil) }
    return try unpacked.withMemoryRebound(to: Cprometheus__TimeSeries.self, capacity: 1) {
      (message) throws(Fault) in try series(message.pointee)
    }
  }

  private static func series(_ message: Cprometheus__TimeSeries) throws(Fault) -> Series {
    var series = Series(labels: [], samples: [])
    for index in 0..<message.n_labels {
      guard let label = message.labels[index]?.pointee else { throw .message }
      series.labels.append(Label(try text(label.name), try text(label.value)))
    }
    for index in 0..<message.n_samples {
      guard let sample = message.samples[index] else { throw .message }
      // Read as bits: loading a number may quieten a signalling NaN.
      let bits = withUnsafeBytes(of: &sample.pointee.value) { $0.loadUnaligned(as: UInt64.self) }
      series.samples.append(Sample(bits: bits, time: sample.pointee.timestamp))
    }
    for index in 0..<message.n_exemplars {
      guard let exemplar = message.exemplars[index]?.pointee else { throw .message }
      series.exemplars.append(try Self.exemplar(exemplar))
    }
    for index in 0..<message.n_histograms {
      guard let histogram = message.histograms[index] else { throw .message }
      series.histograms.append(Histogram(histogram))
    }
    return series
  }

  static func text(_ bytes: ProtobufCBinaryData) throws(Fault) -> String {
    let buffer = UnsafeMutableBufferPointer(start: bytes.data, count: bytes.len)
    guard let text = String(validating: buffer, as: UTF8.self) else { throw .textIsNotUTF8 }
    return text
  }
}
