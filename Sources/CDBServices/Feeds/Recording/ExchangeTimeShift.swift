/// Moves the exchange's own times in a Binance frame, so that a repeated recording keeps its latencies.
enum ExchangeTimeShift {
  /// How far into a frame its event's own fields reach; behind are the levels of the book.
  private static let searched = 320

  /// Moves the numbers of `"E":` (event time) and `"T":` (trade time), in place. A number that would not
  /// have the same number of digits stays as it is.
  static func move(_ frame: UnsafeMutableRawBufferPointer, byMilliseconds shift: Int64) {
    let end = min(frame.count, searched)
    var index = 0
    while index + 4 < end {
      let isTime =
        frame[index] == UInt8(ascii: "\"") && frame[index + 2] == UInt8(ascii: "\"")
        && frame[index + 3] == UInt8(ascii: ":")
        && (frame[index + 1] == UInt8(ascii: "E") || frame[index + 1] == UInt8(ascii: "T"))
      guard isTime else {
        index += 1
        continue
      }
      let start = index + 4
      index = start
      var time: Int64 = 0
      while index < frame.count, frame[index] &- UInt8(ascii: "0") <= 9, index - start < 17 {
        time = time * 10 + Int64(frame[index] &- UInt8(ascii: "0"))
        index += 1
      }
      write(time, digits: start..<index, shift, in: frame)
    }
  }

  private static func write(
    _ time: Int64, digits: Range<Int>, _ shift: Int64, in frame: UnsafeMutableRawBufferPointer
  ) {
    // Thirteen digits are milliseconds, sixteen microseconds; anything else is no time.
    let unit: Int64 = digits.count == 13 ? 1 : digits.count == 16 ? 1000 : 0
    let (distance, overflow) = shift.multipliedReportingOverflow(by: unit)
    let (moved, tooFar) = time.addingReportingOverflow(distance)
    let limit: Int64 = unit == 1 ? 10_000_000_000_000 : 10_000_000_000_000_000
    guard unit > 0, !overflow, !tooFar, moved >= 0, moved < limit else {
      return
    }
    var rest = moved
    for index in digits.reversed() {
      frame[index] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
  }
}
