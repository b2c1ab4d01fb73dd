/// A native histogram on its way into a request of remote write.
struct NativeHistogram {
  /// Buckets of one sign.
  struct Side {
    /// Messages `BucketSpan`, which are the same in every protocol.
    var spans: [Range<Int>] = []
    var deltas: [Int64] = []
    /// The bits of counts that are no whole numbers.
    var counts: [UInt64] = []

    /// Numbers may stand one by one or packed.
    ///
    /// - Parameter field: 0 for spans, 1 for deltas, 2 for counts.
    mutating func take(
      _ bytes: UnsafeRawBufferPointer, _ field: UInt64, _ value: FieldReader.Value
    ) throws(ScrapeFault) {
      switch (field, value) {
      case (0, .bytes(let place)): spans.append(place)
      case (1, .varint(let found)): deltas.append(FieldReader.unzigzag(found))
      case (1, .bytes(let place)):
        var reader = FieldReader(bytes, place)
        while !reader.isAtEnd { deltas.append(FieldReader.unzigzag(try reader.varint())) }
      case (2, .fixed64(let bits)): counts.append(bits)
      case (2, .bytes(let place)):
        guard place.count.isMultiple(of: 8) else { throw NativeHistogram.fault("counts that are cut short") }
        for index in stride(from: place.lowerBound, to: place.upperBound, by: 8) {
          counts.append(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
        }
      default: break
      }
    }
  }

  /// The reset hint of a gauge.
  static let gauge: UInt64 = 3

  private let bytes: UnsafeRawBufferPointer
  var count: UInt64 = 0
  /// Where counts are no whole numbers.
  var floatCount: Double?
  /// The bits; a staleness marker is one.
  var sum: UInt64 = 0
  var schema: Int64 = 0
  /// The bits.
  var zeroThreshold: UInt64 = 0
  var zeroCount: UInt64 = 0
  var zeroFloatCount: Double?
  var negative = Side()
  var positive = Side()
  var resetHint: UInt64 = 0

  /// - Parameter bytes: that spans are places in.
  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// A `Histogram` of remote write but for its time.
  ///
  /// - Throws: where it is none that a receiver would take: one such sample costs a whole request.
  func message() throws(ScrapeFault) -> [UInt8] {
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
    WireWriter.append(field: 3, double: sum, to: &message)
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
    if resetHint > 0 {
      WireWriter.append(tag: 14, .varint, to: &message)
      WireWriter.append(varint: resetHint, to: &message)
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

  static func fault(_ words: String) -> ScrapeFault { .message("a native histogram with \(words)") }
}
