import Foundation
import HTTPServerFixture
import ProgramFixture
import Synchronization
import Testing

@testable import LogShipping

/// What happens to files while a shipper follows them, and while none does.
@Suite("What happens to files", .serialized)
struct FileTests {
  /// Runs `body` with a server and a file; at the end each of the numbers has come once.
  private static func check(
    _ range: ClosedRange<Int>, pattern: String = "*.log*",
    _ body: @Sendable (_ options: ShipperOptions, _ log: String, _ server: BulkServer) async throws -> Void
  ) async throws {
    let server = try BulkServer()
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      try await body(options(folder, [server.url], pattern: pattern), folder + "/logs/app.log", server)
      #expect(server.numbers.sorted() == Array(range))
      #expect(server.state.faults == [])
    }
  }

  @Test("lines come in order, from the start of a file that was there and as they are written")
  func follows() async throws {
    try await Self.check(1...30) { options, log, server in
      try LogFile.append(LogFile.lines(1...10), to: log)
      try await withShipper(options) { shipper in
        try await server.expects(1...10)
        try LogFile.append(LogFile.lines(11...20), to: log)
        try await server.expects(1...20)
        try LogFile.append(LogFile.lines(21...30), to: log)
        try await server.expects(1...30)
        let file = try await eventually("it is settled") {
          shipper.statistics.files.first { $0.ledger.lines == 30 }
        }
        #expect(file.path == log && file.pending == 0 && file.ledger.accepted == 30)
        #expect(file.settled == file.size && file.ledger.bytes == file.size)
      }
      #expect(server.numbers == Array(1...30))
      let offsets = server.documents.compactMap { $0["log.offset"] as? Int }
      #expect(offsets.first == 0 && offsets == offsets.sorted() && Set(offsets).count == 30)
      #expect(server.state.order.allSatisfy { $0.utf8.count == LineID.count })
    }
  }

  @Test("a start goes on where the last end was, and sends nothing twice")
  func restart() async throws {
    try await Self.check(1...20) { options, log, server in
      try LogFile.append(LogFile.lines(1...10), to: log)
      try await withShipper(options) { _ in try await server.expects(1...10) }
      try LogFile.append(LogFile.lines(11...20), to: log)
      try await withShipper(options) { _ in try await server.expects(1...20) }
      #expect(server.state.repeated == 0)
    }
  }

  @Test("a line without its newline waits for it, over a restart too")
  func partial() async throws {
    try await Self.check(1...3) { options, log, server in
      try LogFile.append(LogFile.lines(1...1) + "{\"n\":", to: log)
      try await withShipper(options) { _ in try await server.expects(1...1) }
      try await withShipper(options) { shipper in
        _ = try await eventually("it is seen") { shipper.statistics.unreadBytes > 0 ? true : nil }
        try LogFile.append("2", to: log)
        try LogFile.append("}\n" + LogFile.lines(3...3), to: log)
        try await server.expects(1...3)
      }
    }
  }

  @Test("a rename: the rest of the old file is read, and the new one from its start")
  func rename() async throws {
    for pattern in ["*.log*", "*.log"] {
      try await Self.check(1...40, pattern: pattern) { options, log, server in
        try LogFile.append(LogFile.lines(1...10), to: log)
        try await withShipper(options) { _ in
          try await server.expects(1...10)
          try LogFile.append(LogFile.lines(11...20), to: log)
          try LogFile.rename(log, log + ".1")
          try LogFile.append(LogFile.lines(21...30), to: log + ".1")
          try LogFile.append(LogFile.lines(31...40), to: log)
          try await server.expects(1...40)
        }
      }
    }
  }

  @Test("several renames between two looks", arguments: [true, false])
  func renames(isStopped: Bool) async throws {
    try await Self.check(1...50) { options, log, server in
      try LogFile.append(LogFile.lines(1...10), to: log)
      let rotate: @Sendable () throws -> Void = {
        for index in 0..<3 {
          for old in stride(from: index, to: 0, by: -1) {
            try LogFile.rename(log + ".\(old)", log + ".\(old + 1)")
          }
          try LogFile.append(LogFile.lines(11 + index * 10...15 + index * 10), to: log)
          try LogFile.rename(log, log + ".1")
          try LogFile.append(LogFile.lines(16 + index * 10...20 + index * 10), to: log + ".1")
        }
        try LogFile.append(LogFile.lines(41...50), to: log)
      }
      try await withShipper(options) { _ in
        try await server.expects(1...10)
        if !isStopped { try rotate() }
      }
      if isStopped { try rotate() }
      try await withShipper(options) { _ in try await server.expects(1...50) }
    }
  }

  @Test("a file that was renamed out of every pattern while nobody looked is found by its inode")
  func renamedWhileStopped() async throws {
    try await Self.check(1...30, pattern: "app.log") { options, log, server in
      try LogFile.append(LogFile.lines(1...10), to: log)
      try await withShipper(options) { _ in try await server.expects(1...10) }
      try LogFile.append(LogFile.lines(11...20), to: log)
      try LogFile.rename(log, log + "-20261130")
      try LogFile.append(LogFile.lines(21...30), to: log)
      try await withShipper(options) { _ in try await server.expects(1...30) }
    }
  }

  @Test(
    "copytruncate: what was not read is read from the copy, in the patterns or out of them, looking or not",
    arguments: ["*.log*", "app.log"], [true, false])
  func copyTruncate(pattern: String, isStopped: Bool) async throws {
    try await Self.check(1...40, pattern: pattern) { options, log, server in
      try LogFile.append(LogFile.lines(1...10), to: log)
      let rotate: @Sendable () throws -> Void = {
        try LogFile.append(LogFile.lines(11...20), to: log)
        try LogFile.copyTruncate(log, to: log + ".1")
        try LogFile.append(LogFile.lines(21...25), to: log)
      }
      try await withShipper(options) { _ in
        try await server.expects(1...10)
        if !isStopped { try rotate() }
      }
      if isStopped { try rotate() }
      try await withShipper(options) { shipper in
        try await server.expects(1...25)
        try LogFile.append(LogFile.lines(26...40), to: log)
        try await server.expects(1...40)
        #expect(shipper.statistics.lost == LostText())
      }
      #expect(server.state.repeated == 0)
    }
  }

  @Test("copytruncate after lines were sent and before any was settled: the copy goes on with their ids")
  func truncatedBeforeSettled() async throws {
    let isMute = Atomic(true)
    let server = try BulkServer(interrupt: { _, _ in
      isMute.load(ordering: .relaxed)
        ? BulkServer.Interruption(answer: HTTPServer.Answer(isReset: true), isDone: true) : nil
    })
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      var options = options(folder, [server.url])
      options.flushDeadline = .zero
      let log = folder + "/logs/app.log"
      try LogFile.append(LogFile.lines(1...10), to: log)
      try await withShipper(options) { _ in try await server.expects(1...10) }
      try LogFile.append(LogFile.lines(11...15), to: log)
      try LogFile.copyTruncate(log, to: log + ".1")
      try LogFile.append(LogFile.lines(16...20), to: log)
      isMute.store(false, ordering: .relaxed)
      try await withShipper(options) { shipper in
        try await server.expects(1...20)
        _ = try await eventually("all is settled") { shipper.statistics.ledger.lines == 20 ? true : nil }
        #expect(shipper.statistics.ledger.repeated == 10 && shipper.statistics.lost == LostText())
      }
      #expect(server.numbers.sorted() == Array(1...20))
    }
  }

  @Test("copytruncate to a file that has grown beyond the position again is seen by its bytes")
  func truncatedAndGrown() async throws {
    try await Self.check(1...60) { options, log, server in
      try LogFile.append(LogFile.lines(1...10), to: log)
      try await withShipper(options) { _ in try await server.expects(1...10) }
      try LogFile.append(LogFile.lines(11...20), to: log)
      try LogFile.copyTruncate(log, to: log + ".1")
      try LogFile.append(LogFile.lines(21...60), to: log)
      try await withShipper(options) { _ in try await server.expects(1...60) }
    }
  }

  @Test("a copy that grows for a while, before its original is truncated, is not sent for itself")
  func slowCopy() async throws {
    try await Self.check(1...30) { options, log, server in
      try LogFile.append(LogFile.lines(1...20), to: log)
      try await withShipper(options) { shipper in
        try await server.expects(1...20)
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: log)))
        try LogFile.append(Array(bytes[..<30]), to: log + ".1")
        _ = try await eventually("it is held") { shipper.statistics.held == 1 ? true : nil }
        try LogFile.append(Array(bytes[30...]), to: log + ".1")
        truncate(log, 0)
        try LogFile.append(LogFile.lines(21...30), to: log)
        try await server.expects(1...30)
        _ = try await eventually("none is held") { shipper.statistics.held == 0 ? true : nil }
        #expect(shipper.statistics.lost == LostText())
      }
      #expect(server.state.repeated == 0)
    }
  }

  @Test("two files that begin alike are two files")
  func alike() async throws {
    try await Self.check(1...20) { options, log, server in
      try LogFile.append("# program 1.0\n" + LogFile.lines(1...5), to: log)
      try await withShipper(options) { _ in
        _ = try await eventually("the first is there") { server.state.order.count == 6 ? true : nil }
        try LogFile.append("# program 1.0\n" + LogFile.lines(6...20), to: log + ".other")
        _ = try await eventually("the second is there") { server.state.order.count == 22 ? true : nil }
      }
    }
  }

  @Test("a truncation without a copy: what was read is kept, what was not is counted, the new text is read")
  func truncation() async throws {
    try await Self.check(1...20) { options, log, server in
      try LogFile.append(LogFile.lines(1...10), to: log)
      try await withShipper(options) { shipper in
        try await server.expects(1...10)
        truncate(log, 0)
        try LogFile.append(LogFile.lines(11...11), to: log)
        try await server.expects(1...11)
        #expect(shipper.statistics.lost == LostText())
      }
      try LogFile.append("{\"gone\":1}\n{\"gone\":2}\n", to: log)
      try await withShipper(options) { shipper in
        _ = try await eventually("both are there") { server.state.order.count == 13 ? true : nil }
        truncate(log, 0)
        try LogFile.append(LogFile.lines(12...20), to: log)
        try await server.expects(1...20)
        #expect(shipper.statistics.lost == LostText())
      }
    }
  }

  @Test("a deleted file is read to its end, its last line too, and then forgotten")
  func deleted() async throws {
    try await Self.check(1...21) { options, log, server in
      try LogFile.append(LogFile.lines(1...10), to: log)
      try await withShipper(options) { shipper in
        try await server.expects(1...10)
        let descriptor = open(log, O_WRONLY | O_APPEND)
        defer { close(descriptor) }
        unlink(log)
        try writeAll(Array((LogFile.lines(11...20) + "{\"n\":21}").utf8), to: descriptor, path: log)
        try await server.expects(1...21)
        _ = try await eventually("it is forgotten") { shipper.statistics.files.isEmpty ? true : nil }
        #expect(shipper.statistics.ledger.lines == 21 && shipper.statistics.lost == LostText())
      }
    }
  }

  @Test("a file that is deleted and made again, with the same inode or not, is another one")
  func recreated() async throws {
    try await Self.check(1...30) { options, log, server in
      for part in 0..<3 {
        try LogFile.append(LogFile.lines(part * 10 + 1...part * 10 + 10), to: log)
        try await withShipper(options) { _ in try await server.expects(1...part * 10 + 10) }
        unlink(log)
      }
    }
  }

  @Test("a file that is moved by copying and deleting it goes on in its copy")
  func moved() async throws {
    try await Self.check(1...30) { options, log, server in
      try LogFile.append(LogFile.lines(1...10), to: log)
      try await withShipper(options) { shipper in
        try await server.expects(1...10)
        try LogFile.append([UInt8](try Data(contentsOf: URL(filePath: log))), to: log + ".moved")
        unlink(log)
        try LogFile.append(LogFile.lines(11...20), to: log + ".moved")
        try await server.expects(1...20)
        try LogFile.append(LogFile.lines(21...30), to: log)
        try await server.expects(1...30)
        #expect(shipper.statistics.lost == LostText())
      }
      #expect(server.state.repeated == 0)
    }
  }

  @Test("a link that is pointed elsewhere: both files are read")
  func links() async throws {
    try await Self.check(1...20, pattern: "link-*") { options, log, server in
      let link = PathPatterns.folder(of: log) + "/link-a"
      try LogFile.append(LogFile.lines(1...10), to: log)
      try LogFile.append(LogFile.lines(11...20), to: log + ".new")
      symlink(log, link)
      try await withShipper(options) { _ in
        try await server.expects(1...10)
        unlink(link)
        symlink(log + ".new", link)
        try await server.expects(1...20)
      }
    }
  }

  @Test("what is packed, and what is no file, is passed over")
  func passedOver() async throws {
    try await Self.check(1...5) { options, log, server in
      try LogFile.append([31, 139, 8, 0, 10], to: log + ".2.gz")
      mkfifo(log + ".fifo", 0o600)
      try FileManager.default.createDirectory(atPath: log + ".d", withIntermediateDirectories: false)
      try LogFile.append(LogFile.lines(1...5), to: log)
      try await withShipper(options) { _ in try await server.expects(1...5) }
      #expect(server.state.order.count == 5)
    }
  }

  @Test("many files are read in turn: a small one does not wait for a large one")
  func fairness() async throws {
    let server = try BulkServer()
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      var options = options(folder, [server.url])
      options.batchBytes = 64 << 10
      options.connections = 1
      let long = String(repeating: "x", count: 1_000)
      try LogFile.append(
        (1...1_000).map { "large \($0) \(long)\n" }.joined(), to: folder + "/logs/a.log")
      for index in 0..<50 { try LogFile.append("small \(index)\n", to: folder + "/logs/b\(index).log") }
      try await withShipper(options) { _ in
        _ = try await eventually("all are there") { server.state.order.count == 1_050 ? true : nil }
      }
      let last = server.messages.lastIndex { $0.hasPrefix("small") }
      #expect(try #require(last) < 700)
    }
  }

  @Test("a line that is too long is cut, flagged and not in the way; its neighbours are whole")
  func hugeLine() async throws {
    let server = try BulkServer()
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      var options = options(folder, [server.url])
      options.longestLine = 10_000
      let log = folder + "/logs/app.log"
      try LogFile.append("before\n" + String(repeating: "ä", count: 2_000_000), to: log)
      try await withShipper(options) { shipper in
        _ = try await eventually("the first is there") { server.state.order.count == 1 ? true : nil }
        _ = try await eventually("the rest is seen") {
          shipper.statistics.unreadBytes == 4_000_000 ? true : nil
        }
        try LogFile.append("end\r\nafter\r\n" + String(repeating: "y", count: 10_001) + "\nlast\n", to: log)
        _ = try await eventually("all are there") { server.state.order.count == 5 ? true : nil }
      }
      let documents = server.documents
      #expect(server.messages.map(\.count) == [6, 5_000, 5, 10_000, 4])
      #expect(documents[1]["log.flags"] as? [String] == ["truncated"])
      #expect(documents[2]["message"] as? String == "after" && documents[2]["log.flags"] == nil)
      #expect(documents[3]["log.flags"] as? [String] == ["truncated"])
    }
  }

  @Test("empty lines are counted and not sent")
  func blank() async throws {
    try await Self.check(1...2) { options, log, server in
      try LogFile.append("\n\r\n" + LogFile.lines(1...1) + "\n\u{0}\u{0}\n" + LogFile.lines(2...2), to: log)
      try await withShipper(options) { shipper in
        let ledger = try await eventually("all is settled") {
          shipper.statistics.ledger.lines == 6 ? shipper.statistics.ledger : nil
        }
        #expect(ledger.blank == 4 && ledger.accepted == 2)
      }
    }
  }
}
