import HTTPTransport
import Testing

@Suite("The header Retry-After")
struct RetryAfterTests {
  private static let now: Int64 = 784_111_776_000

  @Test(
    "is seconds or a date; what is past is no time at all",
    arguments: [
      ("0", 0), ("120", 120_000), ("Sun, 06 Nov 1994 08:49:37 GMT", 1_000),
      ("Sun, 06 Nov 1994 08:49:30 GMT", 0), ("Mon, 07 Nov 1994 08:49:36 GMT", 86_400_000),
      ("Wed, 01 Mar 1995 00:00:00 GMT", 9_904_224_000), ("Thu, 29 Feb 1996 00:00:00 GMT", 41_440_224_000),
      ("Sat, 01 Jan 0000 00:00:00 GMT", 0), ("9999999999999", 1_000_000_000_000),
      ("Fri, 31 Dec 9999 23:59:60 GMT", 1_000_000_000_000),
    ] as [(String, Int64)])
  func time(value: String, expected: Int64) {
    #expect(RetryAfter.milliseconds(value, now: Self.now) == expected)
  }

  @Test(
    "that is neither says nothing",
    arguments: [
      "soon", "-1", "1.5", "", " 1", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 6 Nov 1994 08:49:37 GMT",
      "Sun, 31 Nov 1994 08:49:37 GMT", "Wed, 29 Feb 1995 00:00:00 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
      "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
      "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 8:49:37 GMT", "Sun,  06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, ٠٦ Nov 1994 08:49:37 GMT", "99999999999999999999",
    ])
  func neither(value: String) {
    #expect(RetryAfter.milliseconds(value, now: Self.now) == nil)
  }

  @Test("is counted from any instant", arguments: [Int64.min, -1, 0, .max])
  func instants(now: Int64) throws {
    let pause = try #require(RetryAfter.milliseconds("Sun, 06 Nov 1994 08:49:37 GMT", now: now))
    #expect((0...1_000_000_000_000).contains(pause))
  }
}
