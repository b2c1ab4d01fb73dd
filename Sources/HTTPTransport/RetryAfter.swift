/// The header [`Retry-After`](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3): seconds, or a date.
public enum RetryAfter {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// In milliseconds from `now`, which is milliseconds since the epoch; nil where it is neither. What is past is 0, and more than
  /// 1,000,000,000 seconds are so many.
  public static func milliseconds(_ value: String, now: Int64) -> Int64? {
    if let seconds = Int64(value), seconds >= 0 { return min(seconds, 1_000_000_000) * 1000 }
    guard let date = seconds(value) else { return nil }
    return min(max(date * 1000 - max(min(now, 1 << 60), 0), 0), 1_000_000_000_000)
  }

  /// Seconds since the epoch of a date as it is written today: `Sun, 06 Nov 1994 08:49:37 GMT`.
  private static func seconds(_ value: String) -> Int64? {
    let parts = value.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0].utf8.count == 4, parts[0].hasSuffix(","), parts[5] == "GMT" else {
      return nil
    }
    let time = parts[4].split(separator: ":", omittingEmptySubsequences: false)
    guard let day = number(parts[1], digits: 2), let month = months.firstIndex(of: String(parts[2])),
      let year = number(parts[3], digits: 4), time.count == 3, let hour = number(time[0], digits: 2),
      let minute = number(time[1], digits: 2), let second = number(time[2], digits: 2)
    else { return nil }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days: Int64 =
      switch month {
      case 1: isLeap ? 29 : 28
      case 3, 5, 8, 10: 30
      default: 31
      }
    // 60 is a leap second.
    guard (1...days).contains(day), hour < 24, minute < 60, second <= 60 else { return nil }
    return self.days(year: year, month: Int64(month) + 1, day: day) * 86_400 + hour * 3_600 + minute * 60
      + second
  }

  private static func number(_ text: Substring, digits: Int) -> Int64? {
    guard text.utf8.count == digits, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int64(text)
  }

  /// From 1 January 1970 to a date of the Gregorian calendar, whose years begin in March here.
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    // A year before 0 is in the era before.
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
