import Testing

@testable import RemoteWrite

@Suite("What becomes of a batch")
struct DeliveryTests {
  static func machine(isRepeated: Bool = false, _ change: (inout QueueSettings) -> Void = { _ in })
    -> DeliveryMachine
  {
    var settings = QueueSettings()
    change(&settings)
    return DeliveryMachine(settings: settings, isRepeated: isRepeated)
  }

  @Test("every 2xx delivers it", arguments: [200, 202, 204, 299])
  func delivered(status: Int) {
    var machine = Self.machine()
    #expect(machine.judge(.answer(status: status, retryAfter: nil, words: "ignored")) == .delivered)
  }

  @Test("5xx and no answer are tried again for ever, with pauses that double and never shrink")
  func backoff() {
    var machine = Self.machine()
    var pauses: [Int64] = []
    for attempt in 0..<20 {
      let outcome: DeliveryOutcome =
        attempt % 2 == 0
        ? .answer(status: 503, retryAfter: nil, words: "") : .failure(words: "", mayHaveArrived: true)
      guard case .again(let after, _) = machine.judge(outcome) else {
        Issue.record("given up")
        return
      }
      pauses.append(after)
    }
    #expect(pauses.prefix(9) == [30, 60, 120, 240, 480, 960, 1_920, 3_840, 5_000])
    #expect(zip(pauses, pauses.dropFirst()).allSatisfy { Double($1) >= 0.8 * Double($0) })
    #expect(pauses.allSatisfy { $0 <= 5_000 })
  }

  @Test("429 is tried again, not before Retry-After")
  func tooManyRequests() {
    var machine = Self.machine()
    #expect(
      machine.judge(.answer(status: 429, retryAfter: 7_000, words: "slow down"))
        == .again(after: 7_000, words: "HTTP status 429: slow down"))
  }

  @Test("429 is refused where the configuration says so")
  func tooManyRequestsRefused() {
    var machine = Self.machine { $0.retriesOnTooManyRequests = false }
    #expect(
      machine.judge(.answer(status: 429, retryAfter: 7_000, words: "no"))
        == .refused(status: 429, words: "no"))
  }

  @Test("503 heeds Retry-After, and nobody waits more than an hour")
  func unavailable() {
    var machine = Self.machine()
    #expect(
      machine.judge(.answer(status: 503, retryAfter: .max, words: ""))
        == .again(after: 3_600_000, words: "HTTP status 503: "))
  }

  @Test("other 4xx are never tried again", arguments: [400, 401, 403, 404, 408, 413, 415, 422, 451, 499])
  func refused(status: Int) {
    var machine = Self.machine()
    #expect(
      machine.judge(.answer(status: status, retryAfter: 5, words: "why"))
        == .refused(status: status, words: "why"))
  }

  @Test("out of order counts as delivered only for a batch that may have arrived before")
  func presumed() {
    let answer = DeliveryOutcome.answer(status: 400, retryAfter: nil, words: "out of order sample")
    var fresh = Self.machine()
    #expect(fresh.judge(answer) == .refused(status: 400, words: "out of order sample"))
    var repeated = Self.machine(isRepeated: true)
    #expect(repeated.judge(answer) == .presumedDelivered(words: "out of order sample"))
    var timedOut = Self.machine()
    _ = timedOut.judge(.failure(words: "timed out", mayHaveArrived: true))
    #expect(timedOut.judge(answer) == .presumedDelivered(words: "out of order sample"))
    var unreachable = Self.machine()
    _ = unreachable.judge(.failure(words: "cannot connect", mayHaveArrived: false))
    #expect(unreachable.judge(answer) == .refused(status: 400, words: "out of order sample"))
    var other = Self.machine(isRepeated: true)
    #expect(
      other.judge(.answer(status: 400, retryAfter: nil, words: "too old sample"))
        == .refused(status: 400, words: "too old sample"))
  }
}
