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

  /// Native buckets of one sign.
  private struct Side {
    /// Messages `BucketSpan`, which are the same in both protocols.
    var spans: [Range<Int>] = []
    var deltas: [Int64] = []
    /// The bits of counts that are no whole numbers.
    var counts: [UInt64] = []
  }

  private let bytes: UnsafeRawBufferPointer
  private(set) var count: UInt64 = 0
  /// Where counts are no whole numbers.
  private(set) var floatCount: Double?
  /// The bits.
  private(set) var sum: UInt64 = 0
  private(set) var buckets: [Range<Int>] = []
  private(set) var exemplars: [Range<Int>] = []
  private var schema: Int64 = 0
  private var zeroThreshold: UInt64 = 0
  private var zeroCount: UInt64 = 0
  private var zeroFloatCount: Double?
  private var negative = Side()
  private var positive = Side()

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(ScrapeFault) {
    self.bytes = bytes
    var fields = FieldReader(bytes, range)
    while let (number, value) = try fields.next() {
      switch (number, value) {
      case (1, .varint(let found)): count = found
      case (2, .fixed64(let bits)): sum = bits
      case (3, .bytes(let place)): buckets.append(place)
      case (4, .fixed64(let bits)): floatCount = Self.positive(bits)
      case (5, .varint(let found)): schema = FieldReader.unzigzag(found)
      case (6, .fixed64(let bits)): zeroThreshold = bits
      case (7, .varint(let found)): zeroCount = found
      case (8, .fixed64(let bits)): zeroFloatCount = Self.positive(bits)
      case (9...11, _): try Self.take(bytes, number - 9, value, &negative)
      case (12...14, _): try Self.take(bytes, number - 12, value, &positive)
      case (16, .bytes(let place)): exemplars.append(place)
      default: break
      }
    }
  }

  private static func positive(_ bits: UInt64) -> Double? {
    let value = Double(bitPattern: bits)
    return value > 0 ? value : nil
  }

  /// Numbers may stand one by one or packed.
  private static func take(
    _ bytes: UnsafeRawBufferPointer, _ field: UInt64, _ value: FieldReader.Value, _ side: inout Side
  ) throws(ScrapeFault) {
    switch (field, value) {
    case (0, .bytes(let place)): side.spans.append(place)
    case (1, .varint(let found)): side.deltas.append(FieldReader.unzigzag(found))
    case (1, .bytes(let place)):
      var reader = FieldReader(bytes, place)
      while !reader.isAtEnd { side.deltas.append(FieldReader.unzigzag(try reader.varint())) }
    case (2, .fixed64(let bits)): side.counts.append(bits)
    case (2, .bytes(let place)):
      guard place.count.isMultiple(of: 8) else { throw fault("counts that are cut short") }
      for index in stride(from: place.lowerBound, to: place.upperBound, by: 8) {
        side.counts.append(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
      }
    default: break
    }
  }

  /// Source: prometheus/prometheus, model/textparse/protobufparse.go, isNativeHistogram
  var isNative: Bool {
    !negative.spans.isEmpty || !positive.spans.isEmpty || zeroCount > 0 || zeroFloatCount != nil
      || Double(bitPattern: zeroThreshold) > 0
  }

  // MARK: - Remote write

  /// A `Histogram` of remote write but for its time.
  ///
  /// - Throws: where it is none that a receiver would take: one such sample costs a whole request.
  func message(isGauge: Bool) throws(ScrapeFault) -> [UInt8] {
    guard (-4...8).contains(schema) else { throw Self.fault("schema \(schema)") }
    let isFloat = floatCount != nil || zeroFloatCount != nil
    try check(isFloat: isFloat)
    var message: [UInt8] = []
    if isFloat {
      WireWriter.append(field: 2, double: (floatCount ?? 0).bitPattern, to: &message)
    } else {
      WireWriter.append(tag: 1, .varint, to: &message)
      WireWriter.append(varint: count, to: &message)
    }
    WireWriter.append(field: 3, double: SampleValue.bits(Double(bitPattern: sum)), to: &message)
    WireWriter.append(tag: 4, .varint, to: &message)
    WireWriter.append(varint: WireWriter.zigzag(schema), to: &message)
    WireWriter.append(field: 5, double: zeroThreshold, to: &message)
    if isFloat {
      WireWriter.append(field: 7, double: (zeroFloatCount ?? 0).bitPattern, to: &message)
    } else {
      WireWriter.append(tag: 6, .varint, to: &message)
      WireWriter.append(varint: zeroCount, to: &message)
    }
    append(negative, first: 8, isFloat, &message)
    append(positive, first: 11, isFloat, &message)
    if isGauge {
      WireWriter.append(tag: 14, .varint, to: &message)
      WireWriter.append(varint: 3, to: &message)
    }
    return message
  }

  private func append(_ side: Side, first field: UInt64, _ isFloat: Bool, _ message: inout [UInt8]) {
    for span in side.spans { WireWriter.append(field: field, bytes[span], to: &message) }
    var packed: [UInt8] = []
    if isFloat {
      for bits in side.counts { withUnsafeBytes(of: bits.littleEndian) { packed.append(contentsOf: $0) } }
    } else {
      for delta in side.deltas { WireWriter.append(varint: WireWriter.zigzag(delta), to: &packed) }
    }
    if !packed.isEmpty { WireWriter.append(field: field + (isFloat ? 2 : 1), packed, to: &message) }
  }

  /// Spans and buckets belong together, no bucket is negative, and there are no more observations in buckets than in all.
  private func check(isFloat: Bool) throws(ScrapeFault) {
    var whole = isFloat ? 0 : zeroCount
    for side in [negative, positive] {
      var length: UInt64 = 0
      for (index, span) in side.spans.enumerated() {
        let (offset, count) = try read(span: span)
        guard index == 0 || offset >= 0 else { throw Self.fault("spans that go back") }
        length += count
        guard length <= UInt64(UInt32.max) else { throw Self.fault("spans without an end") }
      }
      guard length == UInt64(isFloat ? side.counts.count : side.deltas.count) else {
        throw Self.fault(
          "spans of \(length) buckets, and \(isFloat ? side.counts.count : side.deltas.count) counts")
      }
      if isFloat {
        for bits in side.counts {
          guard Double(bitPattern: bits) >= 0 else { throw Self.fault("a bucket below 0") }
        }
      } else {
        var count: Int64 = 0
        for delta in side.deltas {
          let (sum, isOver) = count.addingReportingOverflow(delta)
          guard !isOver, sum >= 0 else { throw Self.fault("a bucket below 0") }
          count = sum
          let (all, isTooMuch) = whole.addingReportingOverflow(UInt64(count))
          guard !isTooMuch else { throw Self.fault("more observations than can be counted") }
          whole = all
        }
      }
    }
    guard !isFloat else { return }
    // Of what is no number a histogram has a count, and no bucket.
    let isExact = !Double(bitPattern: sum).isNaN
    guard isExact ? whole == count : whole <= count else {
      throw Self.fault("\(whole) observations in buckets, and \(count) in all")
    }
  }

  private func read(span: Range<Int>) throws(ScrapeFault) -> (offset: Int64, length: UInt64) {
    var found = (offset: Int64(0), length: UInt64(0))
    var fields = FieldReader(bytes, span)
    while let (number, value) = try fields.next() {
      guard case .varint(let content) = value else { continue }
      if number == 1 {
        found.offset = FieldReader.unzigzag(content)
      } else if number == 2 {
        found.length = content
      }
    }
    guard found.length <= UInt64(UInt32.max), (Int64(Int32.min)...Int64(Int32.max)).contains(found.offset)
    else {
      throw Self.fault("a span that is none")
    }
    return found
  }

  private static func fault(_ words: String) -> ScrapeFault { .message("a native histogram with \(words)") }
}
