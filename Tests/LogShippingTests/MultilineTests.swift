import Foundation
import HTTPServerFixture
import Synchronization
import ProgramFixture
import Testing

@testable import LogShipping

@Suite("Records of several lines")
struct MultilineTests {
  private static func multiline(lines: Int = 500, timeout: Int64 = 60_000) throws -> MultilineOptions {
    MultilineOptions(start: try LinePattern("^[A-Z{]"), mostLines: lines, timeout: timeout)
  }

  /// What is cut out of a text, and where what is left begins.
  private static func cut(
    _ text: [UInt8], lines: Int = 500, longest: Int = 1_000, ends: [Int] = []
  ) throws -> (records: [String], rest: Int) {
    let cutter = RecordCutter(rule: .multiline(try multiline(lines: lines)), longest: longest)
    return text.withUnsafeBytes { bytes in
      var records: [String] = []
      var start = 0
      while case .record(let record, _)? = cutter.next(in: bytes, from: start, isEnd: { ends.contains($0) }) {
        records.append(String(decoding: bytes[record.content], as: UTF8.self))
        start = record.end
      }
      return (records, start)
    }
  }

  @Test("a record ends where the next one begins; the last one is open")
  func cuts() throws {
    let text = Array("A 1\n at x\n at y\r\n\nB 2\n{\"c\":3}\nD\n at".utf8)
    let cut = try Self.cut(text)
    #expect(cut.records == ["A 1\n at x\n at y\r\n", "B 2", "{\"c\":3}"])
    #expect(cut.rest == 30)
    // What comes before the first beginning is a record, too.
    #expect(try Self.cut(Array(" x\n y\nA\nB\n".utf8)).records == [" x\n y", "A"])
  }

  @Test("a record has so many lines and bytes at most, and ends where that was said")
  func bounds() throws {
    let text = Array("A\n 1\n 2\n 3\n 4\nB\n".utf8)
    #expect(try Self.cut(text, lines: 2).records == ["A\n 1", " 2\n 3", " 4"])
    #expect(try Self.cut(text, longest: 4).records == ["A\n 1", " 2", " 3", " 4"])
    #expect(try Self.cut(text, longest: 5).records == ["A\n 1", " 2\n 3", " 4"])
    #expect(try Self.cut(text, ends: [8]).records == ["A\n 1\n 2", " 3\n 4"])
    // A line that is too long alone is a record alone.
    #expect(
      try Self.cut(Array("A\n 123456789\n x\nB\n".utf8), longest: 5).records == ["A", " 123456789", " x"])
  }

  @Test("however much of a file is there, what is cut off it is what is cut off all of it")
  func prefixes() throws {
    var random = SeededGenerator(seed: 31)
    for _ in 0..<100 {
      let text = (0..<Int.random(in: 1...80, using: &random)).flatMap { _ -> [UInt8] in
        Array(
          ["A", " ", "b", "\n", "\n", "\r\n", "C", " xyz"].randomElement(using: &random).map(\.utf8)
            ?? "".utf8)
      }
      let (lines, longest) = (Int.random(in: 2...5, using: &random), Int.random(in: 3...20, using: &random))
      let all = try Self.cut(text, lines: lines, longest: longest)
      for count in 0...text.count {
        let some = try Self.cut(Array(text[..<count]), lines: lines, longest: longest)
        #expect(all.records.starts(with: some.records) && some.rest <= all.rest)
      }
    }
  }

  @Test("what is no expression is refused, with what is wrong")
  func patterns() throws {
    for text in ["(", "[a", "*\\"] { #expect(throws: LinePattern.Invalid.self) { _ = try LinePattern(text) } }
    let pattern = try LinePattern("^[0-9]{4}-|^$")
    func matches(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { pattern.matches($0) } }
    #expect(matches(Array("2026-11".utf8)) && matches([]) && !matches(Array(" 2026-".utf8)))
    #expect(!matches(Array("202".utf8)) && matches(Array("2026-".utf8) + [0, 0xFF]))
    #expect(matches(Array("2026-".utf8) + [UInt8](repeating: 32, count: 5_000)))
  }

  private static func options(_ folder: String, _ url: String, timeout: Int64) throws -> ShipperOptions {
    var options = LogShippingTests.options(folder, [url])
    options.multiline = try multiline(timeout: timeout)
    return options
  }

  @Test("a stack trace is one document, written in pieces, over a rotation, and read again from the disk")
  func shipped() async throws {
    let server = try BulkServer()
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let options = try Self.options(folder, server.url, timeout: 60_000)
      let log = folder + "/logs/app.log"
      try LogFile.append("Failure: x\n  at one\n", to: log)
      try await withShipper(options) { _ in try await Task.sleep(for: .milliseconds(50)) }
      try LogFile.append("  at two\nNext\n  at", to: log)
      try await withShipper(options) { _ in
        _ = try await eventually("the first is there") { server.messages.count >= 1 ? true : nil }
        try LogFile.append(" three\n", to: log)
        try LogFile.rename(log, log + ".1")
        try LogFile.append("Other\n", to: log)
      }
      try await withShipper(Self.options(folder, server.url, timeout: 50)) { _ in
        _ = try await eventually("all are there") { server.messages.count >= 3 ? true : nil }
      }
      #expect(server.messages.sorted() == ["Failure: x\n  at one\n  at two", "Next\n  at three", "Other"])
      #expect(server.state.faults == [])
      let reports = try await LogAudit.run(options: options)
      #expect(reports.reduce(0) { $0 + $1.found } == 3 && reports.allSatisfy(\.isWhole))
    }
  }

  @Test("a record that time has ended is the same when it is sent again, although more has come behind it")
  func ended() async throws {
    let isCalm = Atomic(false)
    let server = try BulkServer(interrupt: { _, _ in
      // It takes the documents, and the shipper does not hear so.
      isCalm.load(ordering: .relaxed) ? nil : BulkServer.Interruption(answer: .status(503), isDone: true)
    })
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let options = try Self.options(folder, server.url, timeout: 50)
      let log = folder + "/logs/app.log"
      try LogFile.append("A\n b\n", to: log)
      var unheard = options
      unheard.flushDeadline = .milliseconds(200)
      try await withShipper(unheard) { _ in
        _ = try await eventually("it is there") { server.messages.isEmpty ? nil : true }
      }
      #expect(server.messages == ["A\n b"])
      try LogFile.append(" c\nD\n", to: log)
      isCalm.store(true, ordering: .relaxed)
      try await withShipper(options) { shipper in
        _ = try await eventually("all is settled") { shipper.statistics.ledger.lines == 3 ? true : nil }
      }
      #expect(server.messages.sorted() == [" c", "A\n b", "D"] && server.state.repeated >= 1)
      let report = try #require(try await LogAudit.run(options: options).first)
      #expect(report.found == 3 && report.isWhole)
      // Only where the lines do not show the end themselves it is kept.
      let state = try #require(try StateFolder(reading: options.directory).load())
      #expect(state.files.map(\.ends) == [[5, 10]])
      try LogFile.append("E\n", to: log)
      try await withShipper(options) { shipper in
        _ = try await eventually("all is settled") { shipper.statistics.ledger.lines == 4 ? true : nil }
      }
      let later = try #require(try StateFolder(reading: options.directory).load())
      #expect(later.files.map(\.ends) == [[5, 12]])
    }
  }

  @Test("what stands behind the last newline of a file that has gone comes after its last record")
  func gone() async throws {
    let server = try BulkServer()
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let options = try Self.options(folder, server.url, timeout: 400)
      let log = folder + "/logs/app.log"
      try LogFile.append("A\n b\n c", to: log)
      try await withShipper(options) { shipper in
        _ = try await eventually("it is followed") { shipper.statistics.files.first.map { _ in true } }
        try FileManager.default.removeItem(atPath: log)
        _ = try await eventually("all is settled") { shipper.statistics.ledger.lines == 2 ? true : nil }
      }
      #expect(server.messages.sorted() == [" c", "A\n b"])
    }
  }
}
