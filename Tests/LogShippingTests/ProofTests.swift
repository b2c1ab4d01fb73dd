import Foundation
import HTTPServerFixture
import ProgramFixture
import Synchronization
import Testing

@testable import LogShipping

@Suite("The proof")
struct ProofTests {
  @Test("an audit finds every line once, and names what is missing and what is there twice")
  func audit() async throws {
    let server = try BulkServer(refuse: { _, _, document in
      String(decoding: document, as: UTF8.self).contains("\"n\":5}")
        ? BulkServer.Refusal(status: 400, type: "t", reason: "r") : nil
    })
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let options = options(folder, [server.url])
      let log = folder + "/logs/app.log"
      try LogFile.append(LogFile.lines(1...3_000) + "\n", to: log)
      try await withShipper(options) { shipper in
        _ = try await eventually("all is settled") { shipper.statistics.ledger.lines == 3_001 ? true : nil }
      }
      try LogFile.append("more", to: log)
      let report = try #require(try await LogAudit.run(options: options).first)
      #expect(report.isWhole && report.lines == 3_000 && report.found == 2_999 && report.dead == 1)
      #expect(report.path == log && report.unsettledBytes == 4)

      let order = server.state.order
      server.change { state in
        state.documents.removeValue(forKey: order[100])
        state.doubled = [order[200]]
      }
      let broken = try #require(try await LogAudit.run(options: options, paths: [log]).first)
      #expect(!broken.isWhole && broken.missing == 1 && broken.doubled == 1 && broken.found == 2_997)
      #expect(broken.firstMissing.map(\.id) == [order[100]])
      #expect(broken.firstDoubled.map(\.id) == [order[200]])
      await #expect(throws: ShipperError.self) {
        _ = try await LogAudit.run(options: options, paths: [folder + "/logs/other.log"])
      }
    }
  }

  @Test("dead letters are sent again under their ids; what is refused again stays one")
  func replay() async throws {
    let isMended = Atomic(false)
    let server = try BulkServer(refuse: { _, _, document in
      let text = String(decoding: document, as: UTF8.self)
      if text.contains("\"n\":9}") { return BulkServer.Refusal(status: 400, type: "never", reason: "r") }
      guard !isMended.load(ordering: .relaxed), text.contains("\"n\":7}") else { return nil }
      return BulkServer.Refusal(status: 400, type: "once", reason: "r")
    })
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let options = options(folder, [server.url])
      let log = folder + "/logs/app.log"
      try LogFile.append(LogFile.lines(1...10), to: log)
      try await withShipper(options) { shipper in
        _ = try await eventually("all is settled") { shipper.statistics.ledger.lines == 10 ? true : nil }
        await #expect(throws: ShipperError.self, "the shipper has the folder") {
          _ = try await DeadLetterReplay.run(options: options, logger: silent)
        }
      }
      isMended.store(true, ordering: .relaxed)
      let report = try await DeadLetterReplay.run(options: options, logger: silent)
      #expect(report == DeadLetterReplay.Report(delivered: 1, refused: 1, unanswered: 0))
      #expect(server.numbers.sorted() == [1, 2, 3, 4, 5, 6, 7, 8, 10])
      let inspection = try ShipperInspection(directory: options.directory)
      #expect(inspection.deadLetters.map(\.type) == ["never"] && inspection.replayed == 1)
      let audit = try #require(try await LogAudit.run(options: options).first)
      #expect(audit.isWhole && audit.found == 9 && audit.dead == 1)
      // A shipper goes on from what the replay has left.
      try LogFile.append(LogFile.lines(11...12), to: log)
      try await withShipper(options) { shipper in
        try await server.expects(1...11)
        #expect(shipper.statistics.deadLetterBytes > 0)
      }
    }
  }

  @Test("lines that are not done with are not missing")
  func unsettled() async throws {
    let server = try BulkServer()
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let options = options(folder, [server.url])
      let log = folder + "/logs/app.log"
      try LogFile.append(LogFile.lines(1...10), to: log)
      try await withShipper(options) { shipper in
        _ = try await eventually("all is settled") { shipper.statistics.ledger.lines == 10 ? true : nil }
      }
      try LogFile.append("{}\n{}\n", to: log)
      let report = try #require(try await LogAudit.run(options: options).first)
      #expect(report.lines == 10 && report.found == 10 && report.isWhole && report.unsettledBytes == 6)
    }
  }

  @Test("nobody answers: dead letters stay as they are")
  func unanswered() async throws {
    let isAway = Atomic(false)
    let server = try BulkServer(
      interrupt: { _, _ in
        isAway.load(ordering: .relaxed) ? BulkServer.Interruption(answer: .status(503)) : nil
      }, refuse: { _, _, _ in BulkServer.Refusal(status: 400, type: "t", reason: "r") })
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let options = options(folder, [server.url])
      try LogFile.append(LogFile.lines(1...3), to: folder + "/logs/app.log")
      try await withShipper(options) { shipper in
        _ = try await eventually("all is settled") {
          shipper.statistics.ledger.deadLettered == 3 ? true : nil
        }
      }
      let before = try ShipperInspection(directory: options.directory).deadLetters
      isAway.store(true, ordering: .relaxed)
      let report = try await DeadLetterReplay.run(
        options: options, patience: .milliseconds(300), logger: silent)
      #expect(report == DeadLetterReplay.Report(delivered: 0, refused: 0, unanswered: 3))
      #expect(try ShipperInspection(directory: options.directory).deadLetters == before)
    }
  }

  @Test("a folder without a checkpoint says so")
  func nowhere() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let options = options(folder, ["http://127.0.0.1:1"])
      #expect(throws: ShipperError.self) { try ShipperInspection(directory: options.directory) }
      await #expect(throws: ShipperError.self) { _ = try await LogAudit.run(options: options) }
      await #expect(throws: ShipperError.self) {
        _ = try await DeadLetterReplay.run(options: options, logger: silent)
      }
    }
  }
}
