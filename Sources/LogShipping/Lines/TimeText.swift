/// RFC 3339 in UTC, with milliseconds.
enum TimeText {
  /// - Parameter time: milliseconds since the epoch, from the year 1970 on.
  static func of(_ time: Int64) -> String {
    let time = max(time, 0)
    let (days, ofDay) = (time / 86_400_000, time % 86_400_000)
    // Days to a date of the Gregorian calendar, whose years begin in March here.
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * month + 2) / 5 + 1
    let shown = month < 10 ? month + 3 : month - 9
    let year = yearOfEra + era * 400 + (shown <= 2 ? 1 : 0)
    let (hour, minute) = (ofDay / 3_600_000, ofDay / 60_000 % 60)
    let (second, millisecond) = (ofDay / 1_000 % 60, ofDay % 1_000)
    return "\(padded(year, 4))-\(padded(shown, 2))-\(padded(day, 2))T\(padded(hour, 2)):\(padded(minute, 2)):"
      + "\(padded(second, 2)).\(padded(millisecond, 3))Z"
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(width - digits.count, 0)) + digits
  }
}
