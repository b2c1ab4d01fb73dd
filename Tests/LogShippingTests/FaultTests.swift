import Foundation
import HTTPServerFixture
import LoopbackPorts
import ProgramFixture
import Synchronization
import Testing

@testable import LogShipping

/// What servers do, and what must not come of it.
@Suite("What happens at the server", .serialized)
struct FaultTests {
  /// Ships `count` lines to a server, and waits until all are settled.
  private static func ship(
    _ count: Int = 500, interrupt: @escaping BulkServer.Interrupt = { _, _ in nil },
    refuse: @escaping BulkServer.Refuse = { _, _, _ in nil },
    change: @Sendable (inout ShipperOptions) -> Void = { _ in },
    check: (BulkServer, ShipperStatistics, ShipperOptions) async throws -> Void
  ) async throws {
    let server = try BulkServer(interrupt: interrupt, refuse: refuse)
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      var options = options(folder, [server.url])
      options.batchItems = 100
      change(&options)
      let log = folder + "/logs/app.log"
      try LogFile.append(LogFile.lines(1...count), to: log)
      let statistics = try await withShipper(options) { shipper in
        try await eventually("all is settled") {
          shipper.statistics.ledger.lines == UInt64(count) ? shipper.statistics : nil
        }
      }
      #expect(statistics.pending == 0 && statistics.lost == LostText())
      #expect(
        statistics.ledger.delivered + statistics.ledger.deadLettered + statistics.ledger.blank
          == UInt64(count))
      #expect(server.state.faults == [])
      try await check(server, statistics, options)
    }
  }

  @Test("one item in ten is answered 429: it is sent again, alone, until it is taken")
  func itemsPutOff() async throws {
    let refused = Mutex<Set<String>>([])
    try await Self.ship(refuse: { _, id, _ in
      guard (UInt64(id.suffix(8), radix: 16) ?? 0) % 10 == 0 else { return nil }
      return refused.withLock { $0.insert(id).inserted }
        ? BulkServer.Refusal(status: 429, type: "es_rejected_execution_exception", reason: "queue full") : nil
    }) { server, statistics, _ in
      let put = refused.withLock { $0.count }
      #expect(put > 10 && server.numbers.sorted() == Array(1...500))
      #expect(server.state.repeated == 0 && statistics.retried == UInt64(put))
      #expect(statistics.requests["partial", default: 0] >= 1)
    }
  }

  @Test("answers that never come: what the server took is not there twice")
  func cut() async throws {
    try await Self.ship(interrupt: { number, _ in
      number % 2 == 0 ? BulkServer.Interruption(answer: HTTPServer.Answer(isReset: true), isDone: true) : nil
    }) { server, statistics, _ in
      #expect(server.numbers.sorted() == Array(1...500))
      #expect(statistics.ledger.repeated > 0 && statistics.ledger.repeated <= UInt64(server.state.repeated))
    }
  }

  @Test(
    "answers that are short or no answers: all of it is sent again, and 409 is a delivery",
    arguments: ["{\"errors\":false,\"items\":[]}", "{\"errors\":false,\"it", "<html>welcome</html>", ""])
  func short(text: String) async throws {
    try await Self.ship(interrupt: { number, _ in
      number < 2 ? BulkServer.Interruption(answer: .json(text), isDone: true) : nil
    }) { server, statistics, _ in
      #expect(server.numbers.sorted() == Array(1...500))
      #expect(statistics.ledger.repeated > 0 && statistics.requests["unreadable"] == 2)
    }
  }

  @Test(
    "the server cannot, for a while: nothing is lost, and it is asked more and more seldom",
    arguments: [429, 500, 503])
  func unavailable(status: Int) async throws {
    try await Self.ship(interrupt: { number, _ in
      number < 6 ? BulkServer.Interruption(answer: .status(status, "busy")) : nil
    }) { server, _, _ in
      #expect(server.numbers.sorted() == Array(1...500) && server.state.repeated == 0)
    }
  }

  @Test("Retry-After is waited for")
  func retryAfter() async throws {
    try await Self.ship(
      100,
      interrupt: { number, _ in
        number == 0 ? BulkServer.Interruption(answer: .status(429, "", ["Retry-After": "1"])) : nil
      }
    ) { server, _, _ in
      let times = server.state.requests.map(\.time)
      #expect(times.count == 2 && times[1] - times[0] >= .milliseconds(990))
    }
  }

  @Test(
    "a document that the mapping refuses is in the dead-letter file, with the reason; the others are delivered"
  )
  func mapping() async throws {
    try await Self.ship(refuse: { _, _, document in
      document.count { $0 == UInt8(ascii: "7") } > 0
        && String(decoding: document, as: UTF8.self).contains("\"n\":77}")
        ? BulkServer.Refusal(status: 400, type: "mapper_parsing_exception", reason: "failed to parse [n]")
        : nil
    }) { server, statistics, options in
      #expect(server.numbers.sorted() == Array(1...500).filter { $0 != 77 })
      #expect(statistics.ledger.deadLettered == 1)
      let inspection = try ShipperInspection(directory: options.directory)
      let letter = try #require(inspection.deadLetters.first)
      #expect(inspection.deadLetters.count == 1 && inspection.ledger == statistics.ledger)
      #expect(letter.status == 400 && letter.type == "mapper_parsing_exception")
      #expect(letter.reason == "failed to parse [n]" && letter.document.contains("\"n\":77}"))
    }
  }

  @Test("a request that is too large is halved; the one document that is too large alone is a dead letter")
  func tooLarge() async throws {
    try await Self.ship(
      interrupt: { _, request in
        request.body.count > 8_000 ? BulkServer.Interruption(answer: .status(413, "too large")) : nil
      },
      change: { $0.batchItems = 500 }
    ) { server, statistics, _ in
      #expect(server.numbers.sorted() == Array(1...500) && statistics.requests["413", default: 0] > 1)
      #expect(statistics.ledger.deadLettered == 0 && server.state.repeated == 0)
    }
  }

  @Test("a full disk of the server closes its index: that is waited for, and is no dead letter")
  func block() async throws {
    try await Self.ship(refuse: { number, _, _ in
      number < 5
        ? BulkServer.Refusal(status: 403, type: "cluster_block_exception", reason: "index read-only") : nil
    }) { server, statistics, _ in
      #expect(server.numbers.sorted() == Array(1...500) && statistics.ledger.deadLettered == 0)
    }
  }

  @Test(
    "who is not let in keeps everything and says so; with the right key it goes on",
    arguments: [401, 403, 400, 404])
  func forbidden(status: Int) async throws {
    let key = Mutex("wrong")
    let server = try BulkServer(interrupt: { _, request in
      request.headers["authorization"] == "ApiKey right"
        ? nil : BulkServer.Interruption(answer: .status(status, "security_exception"))
    })
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      var options = options(folder, [server.url])
      options.target.authorization = { "ApiKey " + key.withLock { $0 } }
      try LogFile.append(LogFile.lines(1...10), to: folder + "/logs/app.log")
      try await withShipper(options) { shipper in
        let error = try await eventually("it is said") { shipper.statistics.serverError }
        #expect(error.contains("\(status)") && error.contains("security_exception"))
        #expect(shipper.statistics.oldest != nil && server.state.order.isEmpty)
        key.withLock { $0 = "right" }
        try await server.expects(1...10)
        _ = try await eventually("nothing is wrong") {
          shipper.statistics.serverError == nil && shipper.statistics.oldest == nil ? true : nil
        }
      }
    }
  }

  @Test("a server that is away is waited for, and of several the next one is asked")
  func nodes() async throws {
    let server = try BulkServer()
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let away = "http://127.0.0.1:\(try FreePort.next())"
      try LogFile.append(LogFile.lines(1...10), to: folder + "/logs/app.log")
      try await withShipper(options(folder, [away, server.url])) { shipper in
        try await server.expects(1...10)
        #expect(shipper.statistics.requests["failure", default: 0] >= 1)
      }
    }
  }

  @Test("a server that says nothing does not keep the shipper from ending in time; later all is delivered")
  func deadline() async throws {
    let isAwake = Atomic(false)
    let server = try BulkServer(interrupt: { _, _ in
      while !isAwake.load(ordering: .relaxed) { usleep(10_000) }
      return nil
    })
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      var options = options(folder, [server.url])
      options.flushDeadline = .milliseconds(300)
      options.target.timeout = 600_000
      try LogFile.append(LogFile.lines(1...10), to: folder + "/logs/app.log")
      let begun = try await withShipper(options) { shipper in
        _ = try await eventually("it was read") { shipper.statistics.pending == 10 ? true : nil }
        return ContinuousClock.now
      }
      #expect(ContinuousClock.now - begun < .seconds(120))
      isAwake.store(true, ordering: .relaxed)
      try await withShipper(options) { _ in try await server.expects(1...10) }
      #expect(server.numbers.sorted() == Array(1...10))
    }
  }

  @Test(
    "a folder that cannot be written to: it is said, nothing is read without its number, and later all goes on"
  )
  func disk() async throws {
    let server = try BulkServer()
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let options = options(folder, [server.url])
      try await withShipper(options) { shipper in
        // A folder in the way of each checkpoint file, which holds against root too.
        for slot in ["0", "1"] {
          let path = options.directory + "/checkpoint." + slot
          try? FileManager.default.removeItem(atPath: path)
          try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
        try LogFile.append(LogFile.lines(1...10), to: folder + "/logs/app.log")
        let error = try await eventually("it is said") { shipper.statistics.diskError }
        #expect(error.contains("checkpoint") && server.state.requests.isEmpty)
        for slot in ["0", "1"] { rmdir(options.directory + "/checkpoint." + slot) }
        try await server.expects(1...10)
        _ = try await eventually("nothing is wrong") { shipper.statistics.diskError == nil ? true : nil }
      }
    }
  }

  @Test(
    "a disk that takes no checkpoint: what is followed goes on, it is named, and the start from the old one doubles nothing"
  )
  func fullDisk() async throws {
    let server = try BulkServer()
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let options = options(folder, [server.url])
      let log = folder + "/logs/app.log"
      try LogFile.append(LogFile.lines(1...10), to: log)
      let next = try await withShipper(options) { shipper in
        try await server.expects(1...10)
        _ = try await eventually("the checkpoint has it") {
          try ShipperInspection(directory: options.directory).ledger.lines == 10 ? true : nil
        }
        // A folder in the way of the file that is written next; the other one stays what it is.
        let slots = SlotPair(path: options.directory + "/checkpoint")
        _ = try slots.read()
        let next = options.directory + "/checkpoint.\((slots.number + 1) % 2)"
        try? LogFile.rename(next, next + ".kept")
        try FileManager.default.createDirectory(atPath: next, withIntermediateDirectories: false)
        try LogFile.append(LogFile.lines(11...20), to: log)
        try await server.expects(1...20)
        let error = try await eventually("it is said") { shipper.statistics.diskError }
        #expect(error.contains("checkpoint.") && shipper.statistics.fileError == nil)
        try LogFile.append(LogFile.lines(21...25), to: log)
        try await server.expects(1...25)
        return next
      }
      rmdir(next)
      try? LogFile.rename(next + ".kept", next)
      try LogFile.append(LogFile.lines(26...30), to: log)
      try await withShipper(options) { shipper in
        try await server.expects(1...30)
        _ = try await eventually("all is settled") { shipper.statistics.ledger.lines == 30 ? true : nil }
        #expect(shipper.statistics.ledger.repeated == 15 && shipper.statistics.diskError == nil)
      }
      #expect(server.numbers.sorted() == Array(1...30) && server.state.repeated == 15)
    }
  }
}
