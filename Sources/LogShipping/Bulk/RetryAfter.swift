import Foundation

/// The header `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date.
enum RetryAfter {
  /// In milliseconds from `now`, which is milliseconds since the epoch; nil where it is neither. What is past is 0.
  static func milliseconds(_ value: String, now: Int64) -> Int64? {
    if let seconds = Int64(value), seconds >= 0 { return min(seconds, 1_000_000_000) * 1000 }
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "GMT")
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    guard let date = format.date(from: value) else { return nil }
    return max(Int64(date.timeIntervalSince1970 * 1000) - now, 0)
  }
}
