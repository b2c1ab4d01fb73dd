extension WireWriter {
  /// How a field's content is written.
  enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case length = 2
  }

  static func append(tag field: UInt64, _ type: WireType, to bytes: inout [UInt8]) {
    append(varint: field << 3 | type.rawValue, to: &bytes)
  }

  /// A field with a length.
  static func append(field: UInt64, _ content: some Collection<UInt8>, to bytes: inout [UInt8]) {
    append(tag: field, .length, to: &bytes)
    append(varint: UInt64(content.count), to: &bytes)
    bytes.append(contentsOf: content)
  }

  static func append(field: UInt64, double bits: UInt64, to bytes: inout [UInt8]) {
    append(tag: field, .fixed64, to: &bytes)
    withUnsafeBytes(of: bits.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// A `samples` field of a `TimeSeries`.
  static func append(sample bits: UInt64, time: Int64, to bytes: inout [UInt8]) {
    let time = UInt64(bitPattern: time)
    bytes.append(lengthTag(2))
    append(varint: UInt64(10 + varintLength(time)), to: &bytes)
    append(field: 1, double: bits, to: &bytes)
    append(tag: 2, .varint, to: &bytes)
    append(varint: time, to: &bytes)
  }

  /// A `timeseries` field of a `WriteRequest`.
  ///
  /// - Parameters:
  ///   - labels: as ``encode(_:)`` makes them.
  ///   - fields: what stands behind them.
  static func appendSeries(labels: UnsafeRawBufferPointer, fields: [UInt8], to bytes: inout [UInt8]) {
    bytes.append(lengthTag(1))
    append(varint: UInt64(labels.count + fields.count), to: &bytes)
    bytes.append(contentsOf: labels)
    bytes += fields
  }

  /// Small numbers of either sign are short.
  static func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value << 1) ^ (value >> 63)) }
}
