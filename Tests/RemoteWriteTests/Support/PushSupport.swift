import CZlib
import OpenMetrics

@testable import RemoteWrite

/// Requests of remote write as senders make them, well or badly.
enum Pushed {
  static let time: Int64 = 1_796_000_000_000

  static func sample(_ bits: UInt64, _ time: Int64) -> Message {
    Message().double(1, bits: bits).number(2, UInt64(bitPattern: time))
  }

  /// A `TimeSeries` of 1.0.
  static func series1(
    _ labels: [(String, String)], _ samples: [(bits: UInt64, time: Int64)], more: Message = Message()
  ) -> Message {
    var series = Message()
    for (name, value) in labels { series = series.label(name, value) }
    for one in samples { series = series.message(2, sample(one.bits, one.time)) }
    return series.appending(more)
  }

  static func values(_ values: Double..., from start: Int64 = Pushed.time) -> [(bits: UInt64, time: Int64)] {
    values.enumerated().map { ($0.element.bitPattern, start + Int64($0.offset)) }
  }

  /// A `WriteRequest` of 1.0.
  static func request1(_ series: Message..., metadata: Message...) -> [UInt8] {
    var request = Message()
    for one in series { request = request.message(1, one) }
    for one in metadata { request = request.message(3, one) }
    return request.bytes
  }

  static func histogram(time: Int64, count: UInt64 = 6) -> Message {
    Message().number(1, count).double(3, 12.5).signed(4, 3).double(5, 0.001).number(6, 2)
      .span(11, 1, 2).signed(12, 3).signed(12, -2).number(15, UInt64(bitPattern: time))
  }

  /// A request of 2.0, symbol by symbol.
  struct Request2 {
    var symbols = [""]
    var series: [Message] = []

    mutating func reference(_ text: String) -> UInt64 {
      if let known = symbols.firstIndex(of: text) { return UInt64(known) }
      symbols.append(text)
      return UInt64(symbols.count - 1)
    }

    mutating func references(_ labels: [(String, String)]) -> Message {
      var packed: [UInt8] = []
      for (name, value) in labels {
        WireWriter.append(varint: reference(name), to: &packed)
        WireWriter.append(varint: reference(value), to: &packed)
      }
      return Message().bytes(1, packed)
    }

    mutating func add(
      _ labels: [(String, String)], _ samples: [(bits: UInt64, time: Int64)], more: Message = Message()
    ) {
      var one = references(labels)
      for entry in samples { one = one.message(2, sample(entry.bits, entry.time)) }
      series.append(one.appending(more))
    }

    var bytes: [UInt8] {
      var request = Message()
      for symbol in symbols { request = request.text(4, symbol) }
      for one in series { request = request.message(5, one) }
      return request.bytes
    }
  }

  static func push(_ bytes: [UInt8], _ version: WriteProtocol = .version1) -> Push {
    Push(
      contentType: version.contentType, contentEncoding: "snappy", body: SnappyBlock.compress(bytes))
  }

  static func text(
    _ text: String, type: String = "text/plain", arguments: [(name: String, value: String)] = []
  ) -> Push {
    Push(contentType: type, body: Array(text.utf8), arguments: arguments)
  }

  static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(
      &stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    let bound = Int(deflateBound(&stream, UInt(bytes.count)))
    return bytes.withUnsafeBufferPointer { source in
      [UInt8](unsafeUninitializedCapacity: bound) { target, count in
        stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
        stream.avail_in = UInt32(source.count)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(bound)
        _ = deflate(&stream, Z_FINISH)
        count = bound - Int(stream.avail_out)
      }
    }
  }

  static let route = SampleRoute(
    externalLabels: [:], rules: [], samplesPerFragment: 1_000, sendsExemplars: true, sendsHistograms: true,
    metadataInterval: 1)

  /// What a receiver reads of what a request makes: `series value@time`, a line a sample, fragment by fragment.
  static func lines(_ request: ReceivedRequest, _ route: SampleRoute = Pushed.route) throws -> [[String]] {
    try request.fragments([route]).fragments[0].map { fragment in
      try WriteRequest(body: fragment.body).series.flatMap { series in
        series.samples.map { sample in
          let value = sample.bits == SampleValue.stale ? "stale" : "\(sample.value)"
          return "\(SeriesLabels(series.labels)) \(value)@\(sample.time - time)"
        }
      }
    }
  }
}
