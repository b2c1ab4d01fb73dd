import Glibc

/// Wall-clock time as RFC 3339 in UTC with microseconds: `2026-01-31T23:59:59.000001Z`.
///
/// Most lines share their second with the one before, so the first nineteen characters are kept.
struct TimestampCache {
  /// The bytes of a timestamp: always 27.
  static var length: Int { 27 }

  private var second = Int64.min
  private var text: [UInt8] = Array("0000-00-00T00:00:00".utf8)

  /// Nanoseconds since the epoch, UTC.
  static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  mutating func append(nanoseconds: Int64, to line: inout LineBuffer) {
    // Int64 nanoseconds end in 2262 and begin in 1677, so the year has four digits.
    var second = nanoseconds / 1_000_000_000
    var fraction = nanoseconds % 1_000_000_000
    if fraction < 0 {
      second -= 1
      fraction += 1_000_000_000
    }
    if second != self.second { render(second) }
    line.append(text)
    line.append(UInt8(ascii: "."))
    var micros = fraction / 1000
    var divisor: Int64 = 100_000
    while divisor > 0 {
      line.append(UInt8(truncatingIfNeeded: micros / divisor) &+ 0x30)
      micros %= divisor
      divisor /= 10
    }
    line.append(UInt8(ascii: "Z"))
  }

  private mutating func render(_ second: Int64) {
    self.second = second
    var days = second / 86400
    var time = second % 86400
    if time < 0 {
      days -= 1
      time += 86400
    }
    let (year, month, day) = Self.civil(daysSinceEpoch: days)
    put(year / 100, at: 0)
    put(year % 100, at: 2)
    put(month, at: 5)
    put(day, at: 8)
    put(time / 3600, at: 11)
    put(time / 60 % 60, at: 14)
    put(time % 60, at: 17)
  }

  private mutating func put(_ value: Int64, at index: Int) {
    text[index] = UInt8(truncatingIfNeeded: value / 10) &+ 0x30
    text[index + 1] = UInt8(truncatingIfNeeded: value % 10) &+ 0x30
  }

  /// The proleptic Gregorian date, by Howard Hinnant's `civil_from_days`
  /// (https://howardhinnant.github.io/date_algorithms.html#civil_from_days).
  private static func civil(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let z = daysSinceEpoch + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shifted + 2) / 5 + 1
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}
