import Foundation
import Testing

@testable import CDBDomain

@Suite("Timestamps")
struct TimestampTextTests {
  @Test(
    "a time is RFC 3339 in UTC with its nanoseconds, over the whole range",
    arguments: [
      (0, "1970-01-01T00:00:00.000000000Z"), (-1, "1969-12-31T23:59:59.999999999Z"),
      (951_782_399_999_999_999, "2000-02-28T23:59:59.999999999Z"),
      (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
      (4_107_542_399_000_000_000, "2100-02-28T23:59:59.000000000Z"),
      (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000000Z"),
      (.max, "2262-04-11T23:47:16.854775807Z"), (.min, "1677-09-21T00:12:43.145224192Z"),
    ] as [(Int64, String)])
  func known(nanoseconds: Int64, text: String) {
    #expect(at(nanoseconds).rfc3339 == text)
  }

  @Test("it agrees with Foundation's calendar on any day")
  func calendar() throws {
    var random = SplitMix64(seed: 17)
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
    for _ in 0..<2_000 {
      let seconds = random.integer(-9_223_372_036...9_223_372_036)
      let parts = calendar.dateComponents(
        [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: Double(seconds)))
      let numbers = at(seconds * second).rfc3339.split { !$0.isNumber }.compactMap { Int($0) }
      #expect(numbers == [parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second, 0])
    }
  }
}
