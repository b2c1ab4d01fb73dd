import OpenMetrics

/// A sample as it was scraped: a number or a native histogram, and what it has of exemplars.
struct ScrapedSample {
  /// Of the value; not looked at where there is a histogram.
  var bits: UInt64 = 0
  /// A `Histogram` of remote write but for its time.
  var histogram: [UInt8]?
  /// `Exemplar` messages.
  var exemplars: [[UInt8]] = []

  /// What stands behind the labels in a `TimeSeries` of remote write 1.0; nil where nothing of it is sent.
  ///
  /// - Parameter time: milliseconds since the epoch.
  func fields(for route: SampleRoute, time: Int64) -> [UInt8]? {
    if histogram != nil, !route.sendsHistograms { return nil }
    var bytes: [UInt8] = []
    if histogram == nil { WireWriter.append(sample: bits, time: time, to: &bytes) }
    if route.sendsExemplars {
      for exemplar in exemplars { WireWriter.append(field: 3, exemplar, to: &bytes) }
    }
    if var message = histogram {
      WireWriter.append(tag: 15, .varint, to: &message)
      WireWriter.append(varint: UInt64(bitPattern: time), to: &message)
      WireWriter.append(field: 4, message, to: &bytes)
    }
    return bytes
  }
}

/// What led to a sample.
struct ScrapedExemplar {
  /// At most 128 characters in all.
  var labels: SeriesLabels
  var bits: UInt64
  /// Milliseconds since the epoch, where the target gave one.
  var time: Int64?

  /// Beyond it an exemplar is none.
  /// Source: the OpenMetrics specification 1.0, "Exemplars"
  static let mostCharacters = 128

  var isTooLong: Bool {
    labels.labels.reduce(0) { $0 + $1.name.unicodeScalars.count + $1.value.unicodeScalars.count }
      > Self.mostCharacters
  }

  /// An `Exemplar` message.
  ///
  /// - Parameter time: of the scrape, for one that has none of its own.
  func message(at time: Int64) -> [UInt8] {
    var bytes = WireWriter.encode(labels)
    WireWriter.append(tag: 2, .fixed64, to: &bytes)
    withUnsafeBytes(of: bits.littleEndian) { bytes.append(contentsOf: $0) }
    WireWriter.append(tag: 3, .varint, to: &bytes)
    WireWriter.append(varint: UInt64(bitPattern: self.time ?? time), to: &bytes)
    return bytes
  }
}
