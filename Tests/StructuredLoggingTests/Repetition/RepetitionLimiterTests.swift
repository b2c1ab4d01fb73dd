import Logging
import Testing

@testable import StructuredLogging

@Suite("Repetition limiter")
struct RepetitionLimiterTests {
  private func limiter(lines: Int = 2, capacity: Int = 8) -> RepetitionLimiter {
    RepetitionLimiter(policy: .init(lines: lines, interval: .seconds(10), capacity: capacity))
  }

  private func admits(
    _ limiter: inout RepetitionLimiter,
    logger: String = "a",
    level: Logger.Level = .info,
    _ message: String,
    at now: Int
  ) -> Bool {
    limiter.admit(logger: logger, level: level, message: message, now: .seconds(now)).isAdmitted
  }

  @Test("so many equal lines pass in an interval, and no more")
  func limit() {
    var limiter = limiter()
    let verdicts = (0..<4).map { admits(&limiter, "m", at: $0) }
    #expect(verdicts == [true, true, false, false])
  }

  @Test("logger, level and message each make a line another one")
  func identity() {
    var limiter = limiter(lines: 1)
    let verdicts = [
      admits(&limiter, "m", at: 0), admits(&limiter, logger: "b", "m", at: 0),
      admits(&limiter, level: .error, "m", at: 0), admits(&limiter, "n", at: 0),
      admits(&limiter, "m", at: 0),
    ]
    #expect(verdicts == [true, true, true, true, false])
  }

  @Test("after the interval one summary says how many were held back, and lines pass again")
  func summary() {
    var limiter = limiter()
    for second in 0..<9 { _ = admits(&limiter, "m", at: second) }
    let verdict = limiter.admit(logger: "a", level: .info, message: "m", now: .seconds(10))
    #expect(verdict.isAdmitted)
    #expect(verdict.summaries == [.init(logger: "a", level: .info, message: "m", suppressed: 7)])
    let later = limiter.expire(now: .seconds(100))
    #expect(later.isEmpty)
  }

  @Test("an interval that held nothing back ends without a summary")
  func silence() {
    var limiter = limiter()
    _ = admits(&limiter, "m", at: 0)
    let summaries = limiter.expire(now: .seconds(10))
    #expect(summaries.isEmpty)
  }

  @Test("what is beyond the capacity passes without limit, until an interval ends")
  func capacity() {
    var limiter = limiter(lines: 1, capacity: 1)
    let verdicts = [
      admits(&limiter, "watched", at: 0), admits(&limiter, "beyond", at: 1),
      admits(&limiter, "beyond", at: 1),
      admits(&limiter, "beyond", at: 10), admits(&limiter, "beyond", at: 10),
    ]
    #expect(verdicts == [true, true, true, true, false])
  }
}
