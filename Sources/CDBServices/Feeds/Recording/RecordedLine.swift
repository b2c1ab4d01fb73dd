/// One line of a recording: `1723161253937085768 {…}` in nanoseconds, or `1633998512.0633569: {…}` in
/// seconds as cryptofeed writes it.
struct RecordedLine {
  var time: Int64
  var frame: UnsafeRawBufferPointer

  /// Nil where the line does not begin with a time.
  @inline(__always)
  init?(_ line: UnsafeRawBufferPointer) {
    var index = 0
    var time: Int64 = 0
    while index < line.count, line[index] &- UInt8(ascii: "0") <= 9 {
      guard Self.append(line[index], to: &time) else { return nil }
      index += 1
    }
    guard index > 0, index + 1 < line.count else { return nil }
    if line[index] != UInt8(ascii: " ") {
      guard let end = Self.fraction(line, from: index, seconds: &time) else { return nil }
      index = end
    }
    guard index + 1 < line.count, line[index] == UInt8(ascii: " ") else { return nil }
    self.time = time
    frame = UnsafeRawBufferPointer(rebasing: line[(index + 1)...])
  }

  /// Reads `.0633569:` and makes nanoseconds of the whole; the index behind it. Digits beyond
  /// nanoseconds are the noise of a floating-point clock.
  private static func fraction(
    _ line: UnsafeRawBufferPointer, from start: Int, seconds: inout Int64
  ) -> Int? {
    var index = start
    var digits = 0
    if line[index] == UInt8(ascii: ".") {
      index += 1
      while index < line.count, line[index] &- UInt8(ascii: "0") <= 9 {
        if digits < 9 {
          guard append(line[index], to: &seconds) else { return nil }
          digits += 1
        }
        index += 1
      }
      guard digits > 0 else { return nil }
    }
    guard index < line.count, line[index] == UInt8(ascii: ":") else { return nil }
    while digits < 9 {
      guard append(UInt8(ascii: "0"), to: &seconds) else { return nil }
      digits += 1
    }
    return index + 1
  }

  @inline(__always)
  private static func append(_ digit: UInt8, to number: inout Int64) -> Bool {
    let (product, high) = number.multipliedReportingOverflow(by: 10)
    let (sum, carry) = product.addingReportingOverflow(Int64(digit &- UInt8(ascii: "0")))
    number = sum
    return !high && !carry
  }
}
