extension EventTime {
  /// RFC 3339 in UTC with nanoseconds: `2026-11-24T08:00:00.000000001Z`.
  ///
  /// The range of ``EventTime`` is the years 1677 to 2262, so the year always has its four digits.
  public var rfc3339: String {
    let (days, timeOfDay) = Self.floored(nanoseconds, by: 86_400_000_000_000)
    let (year, month, day) = Self.civilDate(daysSinceEpoch: days)
    let seconds = timeOfDay / 1_000_000_000
    let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
    let hours = Self.padded(seconds / 3600, 2)
    let minutes = Self.padded(seconds / 60 % 60, 2)
    return
      "\(date)T\(hours):\(minutes):\(Self.padded(seconds % 60, 2)).\(Self.padded(timeOfDay % 1_000_000_000, 9))Z"
  }

  /// RFC 3339 in UTC with whole seconds, for people.
  public var rfc3339Seconds: String { rfc3339.prefix(19) + "Z" }

  /// The proleptic Gregorian date of a day. Eras of 400 years that begin on 1 March put the leap day at
  /// the end, where it needs no exception.
  /// Source: https://howardhinnant.github.io/date_algorithms.html#civil_from_days
  private static func civilDate(daysSinceEpoch days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = floored(days + 719_468, by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// Division rounded towards minus infinity, with a remainder that is never negative.
  private static func floored(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  private static func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
