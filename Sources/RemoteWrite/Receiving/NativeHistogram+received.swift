extension NativeHistogram {
  /// Reads a `Histogram` of remote write, of either version.
  ///
  /// - Returns: the same but for its time, and its time in milliseconds since the epoch. Since when it counts is left out: 1.0 has no
  ///   room for it.
  /// - Throws: where it is none that a receiver would take.
  static func received(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>
  ) throws(ScrapeFault) -> (message: [UInt8], time: Int64) {
    var histogram = NativeHistogram(bytes)
    var time: Int64 = 0
    var (count, zero) = (false, false)
    var fields = FieldReader(bytes, range)
    while let (number, value) = try fields.next() {
      switch (number, value) {
      case (1, .varint(let found)): (histogram.count, histogram.floatCount, count) = (found, nil, true)
      case (2, .fixed64(let bits)):
        (histogram.floatCount, count) = (try notNegative(bits), true)
      case (3, .fixed64(let bits)): histogram.sum = bits
      case (4, .varint(let found)): histogram.schema = FieldReader.unzigzag(found)
      case (5, .fixed64(let bits)): histogram.zeroThreshold = bits
      case (6, .varint(let found)): (histogram.zeroCount, histogram.zeroFloatCount, zero) = (found, nil, true)
      case (7, .fixed64(let bits)):
        (histogram.zeroFloatCount, zero) = (try notNegative(bits), true)
      case (8...10, _): try histogram.negative.take(bytes, number - 8, value)
      case (11...13, _): try histogram.positive.take(bytes, number - 11, value)
      case (14, .varint(let hint)): histogram.resetHint = hint <= gauge ? hint : 0
      case (15, .varint(let found)): time = Int64(bitPattern: found)
      case (16, _): throw fault("buckets of its own, which remote write 1.0 has no room for")
      default: break
      }
    }
    guard !count || !zero || (histogram.floatCount == nil) == (histogram.zeroFloatCount == nil) else {
      throw fault("whole counts and others")
    }
    return (try histogram.message(), time)
  }

  private static func notNegative(_ bits: UInt64) throws(ScrapeFault) -> Double {
    let value = Double(bitPattern: bits)
    guard value >= 0 else { throw fault("a count below 0") }
    return value
  }
}
