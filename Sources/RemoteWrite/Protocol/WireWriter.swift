import OpenMetrics

/// Writes the few fields of protobuf that are written a hundred thousand times a second. What is rare, and everything that is
/// read, goes through protobuf-c.
enum WireWriter {
  /// The tag of a field with a length.
  static func lengthTag(_ field: UInt8) -> UInt8 { field << 3 | 2 }

  static func append(varint value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  static func varintLength(_ value: UInt64) -> Int { max(1, (70 - value.leadingZeroBitCount) / 7) }

  /// The `labels` fields of a `TimeSeries`: the message but for its samples.
  static func encode(_ labels: SeriesLabels) -> [UInt8] {
    var bytes: [UInt8] = []
    for label in labels.labels {
      let (name, value) = (label.name.utf8, label.value.utf8)
      let length =
        2 + varintLength(UInt64(name.count)) + name.count + varintLength(UInt64(value.count)) + value.count
      bytes.append(lengthTag(1))
      append(varint: UInt64(length), to: &bytes)
      bytes.append(lengthTag(1))
      append(varint: UInt64(name.count), to: &bytes)
      bytes += name
      bytes.append(lengthTag(2))
      append(varint: UInt64(value.count), to: &bytes)
      bytes += value
    }
    return bytes
  }

  /// Appends a `timeseries` field of a `WriteRequest` with one sample.
  ///
  /// - Parameters:
  ///   - labels: as ``encode(_:)`` makes them.
  ///   - bits: of the value; a number would lose what makes a staleness marker.
  ///   - time: milliseconds since the epoch.
  static func appendSeries(
    labels: UnsafeRawBufferPointer, bits: UInt64, time: Int64, to bytes: inout [UInt8]
  ) {
    let time = UInt64(bitPattern: time)
    // Two tags and a double, and the time.
    let sample = 10 + varintLength(time)
    bytes.append(lengthTag(1))
    append(varint: UInt64(labels.count + 2 + sample), to: &bytes)
    bytes.append(contentsOf: labels)
    bytes.append(lengthTag(2))
    bytes.append(UInt8(truncatingIfNeeded: sample))
    bytes.append(0x09)
    withUnsafeBytes(of: bits.littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(0x10)
    append(varint: time, to: &bytes)
  }
}
