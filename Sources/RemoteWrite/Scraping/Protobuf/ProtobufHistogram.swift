/// A `Histogram` of a scraped message: classic, native or both.
struct ProtobufHistogram {
  /// A classic bucket.
  struct Bucket {
    var bound = 0.0
    var count = 0.0
    var exemplar: Range<Int>?

    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(ScrapeFault) {
      var fields = FieldReader(bytes, range)
      while let (number, value) = try fields.next() {
        switch (number, value) {
        case (1, .varint(let found)): if count == 0 { count = Double(found) }
        case (2, .fixed64(let found)): bound = Double(bitPattern: found)
        case (3, .bytes(let place)): exemplar = place
        case (4, .fixed64(let found)): if Double(bitPattern: found) > 0 { count = Double(bitPattern: found) }
        default: break
        }
      }
    }
  }

  private var native: NativeHistogram
  private(set) var buckets: [Range<Int>] = []
  private(set) var exemplars: [Range<Int>] = []

  var count: UInt64 { native.count }
  /// Where counts are no whole numbers.
  var floatCount: Double? { native.floatCount }
  /// The bits.
  private(set) var sum: UInt64 = 0

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(ScrapeFault) {
    native = NativeHistogram(bytes)
    var fields = FieldReader(bytes, range)
    while let (number, value) = try fields.next() {
      switch (number, value) {
      case (1, .varint(let found)): native.count = found
      case (2, .fixed64(let bits)): sum = bits
      case (3, .bytes(let place)): buckets.append(place)
      case (4, .fixed64(let bits)): native.floatCount = Self.positive(bits)
      case (5, .varint(let found)): native.schema = FieldReader.unzigzag(found)
      case (6, .fixed64(let bits)): native.zeroThreshold = bits
      case (7, .varint(let found)): native.zeroCount = found
      case (8, .fixed64(let bits)): native.zeroFloatCount = Self.positive(bits)
      case (9...11, _): try native.negative.take(bytes, number - 9, value)
      case (12...14, _): try native.positive.take(bytes, number - 12, value)
      case (16, .bytes(let place)): exemplars.append(place)
      default: break
      }
    }
    // Every NaN in one form, as in text.
    native.sum = SampleValue.bits(Double(bitPattern: sum))
  }

  private static func positive(_ bits: UInt64) -> Double? {
    let value = Double(bitPattern: bits)
    return value > 0 ? value : nil
  }

  /// Source: prometheus/prometheus, model/textparse/protobufparse.go, isNativeHistogram
  var isNative: Bool {
    !native.negative.spans.isEmpty || !native.positive.spans.isEmpty || native.zeroCount > 0
      || native.zeroFloatCount != nil || Double(bitPattern: native.zeroThreshold) > 0
  }

  /// A `Histogram` of remote write but for its time.
  ///
  /// - Throws: where it is none that a receiver would take: one such sample costs a whole request.
  func message(isGauge: Bool) throws(ScrapeFault) -> [UInt8] {
    var histogram = native
    if isGauge { histogram.resetHint = NativeHistogram.gauge }
    return try histogram.message()
  }
}
