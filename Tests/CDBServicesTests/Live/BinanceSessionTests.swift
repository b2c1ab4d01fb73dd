import CDBDomain
import Testing

@testable import CDBServices

@Suite("The conduct of a connection to Binance")
struct BinanceSessionTests {
  private func id(_ number: Int) -> BinanceSession.ConnectionID { .init(number: number) }

  @Test("it connects at once, subscribes, and streams when every request is acknowledged")
  func streams() {
    var harness = SessionHarness(streams: 250)
    harness.give(.timer)
    #expect(harness.attempts.map(\.id) == [id(1)])
    harness.give(.opened(id(1)))
    let requests = harness.requests(of: id(1)).map(\.text)
    #expect(requests.count == 3)
    #expect(requests[0].hasPrefix(#"{"method":"SUBSCRIBE","params":["s0@trade","s1@trade","#))
    #expect(requests.map(SessionHarness.number) == [1, 2, 3])
    for number in [3, 1] as [Int64] { harness.give(.received(id(1), .acknowledgement(number))) }
    #expect(!harness.session.isStreaming)
    harness.give(.received(id(1), .acknowledgement(2)))
    #expect(harness.session.isStreaming)
  }

  @Test("no second sees more than five messages, a pong among them")
  func rate() {
    var harness = SessionHarness(streams: 1_024)
    harness.give(.timer)
    harness.give(.opened(id(1)))
    var pongs: [SessionHarness.Instant] = []
    harness.pass(.seconds(6)) { harness in
      let now = harness.now
      if pongs.last.map({ $0 + .seconds(1) <= now }) ?? true {
        pongs.append(now)
        harness.give(.pinged(id(1)))
      }
      for (_, text) in harness.requests(of: id(1)) {
        harness.give(.received(id(1), .acknowledgement(SessionHarness.number(of: text))))
      }
    }
    let sent = harness.requests(of: id(1)).map(\.at)
    #expect(sent.count == 11)
    let all = (sent + pongs).sorted()
    for instant in all {
      #expect(all.count { $0 >= instant && $0 - instant < .seconds(1) } <= 5)
    }
    #expect(harness.session.isStreaming)
  }

  @Test("each wait is at least four fifths of the one before, and none is longer than the cap")
  func waits() {
    var harness = SessionHarness()
    var closed = 0
    harness.pass(.seconds(800)) { harness in
      for (_, id) in harness.attempts.dropFirst(closed) {
        closed += 1
        harness.give(.closed(id, .unreachable, "nobody listens", retryAfter: nil))
      }
    }
    let times = harness.attempts.map(\.at)
    let waits = zip(times, times.dropFirst()).map { $1 - $0 }
    #expect(times.count > 30)
    // Attempts are a tick apart from when they are due.
    let tick = Duration.milliseconds(100)
    #expect(waits[0] >= .milliseconds(400) && waits[0] <= .milliseconds(500) + tick)
    for (wait, next) in zip(waits, waits.dropFirst()) { #expect(next + tick >= wait * 0.8) }
    #expect(waits.allSatisfy { $0 <= .seconds(30) + tick })
    #expect(waits.suffix(20).allSatisfy { $0 >= .seconds(24) })
  }

  @Test("a server that always cuts gets few attempts in ten minutes", arguments: UInt64(1)...5)
  func noStorm(seed: UInt64) {
    for isOpened in [false, true] {
      var harness = SessionHarness(seed: seed)
      var handled = 0
      harness.pass(.seconds(600)) { harness in
        for (_, id) in harness.attempts.dropFirst(handled) {
          handled += 1
          if isOpened {
            harness.stream(id)
            harness.give(.received(id, .data(InstrumentID(0))))
          }
          harness.give(.closed(id, .lost, "cut", retryAfter: nil))
        }
      }
      #expect((20...35).contains(harness.attempts.count), "\(harness.attempts.count) attempts")
    }
  }

  @Test("after a minute of healthy streaming the next failure is a first one")
  func healthy() {
    for (seconds, expected) in [(61, Duration.milliseconds(600)), (30, .seconds(4))] {
      var harness = SessionHarness()
      harness.give(.timer)
      for number in 1...3 {
        harness.give(.closed(id(number), .unreachable, "no", retryAfter: nil))
        harness.pass(.seconds(10))
      }
      harness.stream(id(4))
      harness.data(id(4), for: .seconds(seconds))
      let cut = harness.now
      harness.give(.closed(id(4), .lost, "cut", retryAfter: nil))
      harness.pass(.seconds(10))
      let wait = harness.attempts[4].at - cut
      #expect(wait <= expected && wait >= expected / 2, "\(wait) after \(seconds) s of streaming")
    }
  }

  @Test("no message for a minute, or no market data for two, and the connection is left")
  func silence() {
    var harness = SessionHarness()
    harness.give(.timer)
    harness.stream(id(1))
    harness.pass(.seconds(59))
    #expect(harness.endings.isEmpty)
    harness.pass(.seconds(2))
    #expect(harness.endings == [.silence])
    #expect(harness.actions.contains { $0.action == .abandon(id(1)) })
    harness.pass(.seconds(1))
    harness.stream(id(2))
    for _ in 0..<7 {
      harness.pass(.seconds(20))
      harness.give(.pinged(id(2)))
    }
    #expect(harness.endings == [.silence, .dataSilence])
  }

  @Test("while this side does not read, silence is not held against the exchange")
  func heldUp() {
    var harness = SessionHarness()
    harness.give(.timer)
    harness.stream(id(1))
    for _ in 0..<600 {
      harness.now += .seconds(1)
      harness.give(.heldUp)
    }
    #expect(harness.endings.isEmpty && harness.session.isStreaming)
  }

  @Test("a subscription that is not acknowledged in ten seconds, or refused, ends the connection by name")
  func subscription() {
    var harness = SessionHarness()
    harness.give(.timer)
    harness.give(.opened(id(1)))
    harness.pass(.milliseconds(9_900))
    #expect(harness.endings.isEmpty)
    harness.pass(.milliseconds(200))
    #expect(harness.endings == [.subscriptionTimeout])
    harness.pass(.seconds(1))
    harness.give(.opened(id(2)))
    harness.give(.received(id(2), .refusal(2)))
    #expect(harness.endings == [.subscriptionTimeout, .subscriptionRefused])
    harness.pass(.seconds(5))
    // While it streams, a refusal is somebody else's.
    harness.stream(id(3))
    harness.give(.received(id(3), .refusal(nil)))
    #expect(harness.session.isStreaming)
  }

  @Test("an old connection is replaced before 24 hours, and left only when the other has data")
  func age() {
    var harness = SessionHarness()
    harness.give(.timer)
    harness.stream(id(1))
    let opened = harness.now
    // Data each minute, in larger steps than usual: a day has many.
    while harness.attempts.count < 2, harness.now - opened < .seconds(24 * 3_600) {
      harness.now += .seconds(30)
      harness.give(.received(id(1), .data(InstrumentID(0))))
    }
    let age = harness.now - opened
    #expect(age >= .seconds(23 * 3_600) && age <= .seconds(23 * 3_600 + 1_830))
    harness.stream(id(2))
    #expect(harness.endings.isEmpty)
    #expect(harness.session.current?.id == id(1))
    harness.give(.received(id(2), .data(InstrumentID(0))))
    #expect(harness.endings == [.age])
    #expect(harness.actions.contains { $0.action == .close(id(1)) })
    #expect(harness.session.current?.id == id(2))
    harness.give(.closed(id(1), .closed, "left", retryAfter: nil))
    harness.data(id(2), for: .seconds(100))
    #expect(harness.attempts.count == 2)
  }

  @Test(
    "an announced shutdown is answered with another connection at once, which counts once the old one ends")
  func shutdown() {
    var harness = SessionHarness()
    harness.give(.timer)
    harness.stream(id(1))
    harness.data(id(1), for: .seconds(70))
    harness.give(.received(id(1), .shutdown))
    #expect(harness.attempts.count == 2)
    harness.give(.closed(id(1), .closed, "bye", retryAfter: nil))
    #expect(harness.endings == [.shutdownAnnounced])
    harness.stream(id(2))
    #expect(harness.session.isStreaming)
    #expect(harness.attempts.count == 2)
  }

  @Test("a server that announces its shutdown again and again makes no storm")
  func shutdownStorm() {
    var harness = SessionHarness()
    var handled = 0
    harness.pass(.seconds(600)) { harness in
      for (_, id) in harness.attempts.dropFirst(handled) {
        handled += 1
        harness.stream(id)
        harness.give(.received(id, .shutdown))
      }
      if let id = harness.session.current?.id { harness.give(.received(id, .data(InstrumentID(0)))) }
    }
    #expect((5...40).contains(harness.attempts.count), "\(harness.attempts.count) attempts")
  }

  @Test("a replacement that fails leaves the old connection as it is, and is tried again later")
  func failedReplacement() {
    var harness = SessionHarness()
    harness.give(.timer)
    harness.stream(id(1))
    harness.data(id(1), for: .seconds(70))
    harness.give(.received(id(1), .shutdown))
    harness.give(.closed(id(2), .unreachable, "no", retryAfter: nil))
    #expect(harness.session.isStreaming)
    harness.data(id(1), for: .seconds(3))
    #expect(harness.attempts.map(\.id) == [id(1), id(2), id(3)])
  }

  @Test("what the server says of trying again is kept to")
  func retryAfter() {
    var harness = SessionHarness()
    harness.give(.timer)
    harness.give(.closed(id(1), .refused, "429", retryAfter: .seconds(90)))
    harness.pass(.seconds(89))
    #expect(harness.attempts.count == 1)
    #expect(harness.session.failure(at: harness.now) == "429; waiting")
    harness.pass(.seconds(2))
    #expect(harness.attempts.count == 2)
  }

  @Test("no five minutes see more attempts than the limit, whatever happens")
  func attemptLimit() {
    var timing = SessionTiming()
    timing.longestWait = .milliseconds(200)
    timing.firstWait = .milliseconds(100)
    var harness = SessionHarness(timing: timing)
    var handled = 0
    harness.pass(.seconds(900)) { harness in
      for (_, id) in harness.attempts.dropFirst(handled) {
        handled += 1
        harness.give(.closed(id, .lost, "cut", retryAfter: nil))
      }
    }
    let times = harness.attempts.map(\.at)
    for time in times {
      #expect(times.count { $0 >= time && $0 - time < .seconds(300) } <= timing.attemptsPerFiveMinutes)
    }
    #expect(times.count >= 120)
  }

  @Test("inputs of a connection that was given up change nothing")
  func stale() {
    var harness = SessionHarness()
    harness.give(.timer)
    harness.stream(id(1))
    harness.pass(.seconds(61))
    let attempts = harness.attempts.count
    for input in [
      .opened(id(1)), .received(id(1), .data(InstrumentID(0))), .pinged(id(1)), .received(id(1), .shutdown),
      .closed(id(1), .lost, "late", retryAfter: nil), .closed(id(77), .lost, "unknown", retryAfter: nil),
    ] as [BinanceSession.Input] {
      harness.give(input)
    }
    #expect(harness.attempts.count == attempts)
    #expect(harness.endings == [.silence])
  }
}
