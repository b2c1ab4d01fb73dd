import Foundation
import ProgramFixture
import Testing

@testable import LogShipping

/// Rotated files that are packed: each line of them is read once, packed or not.
@Suite("Packed files", .serialized)
struct PackedTests {
  /// Packs a file as gzip does, which writes the pack first, and removes the file when that is whole.
  private static func pack(_ path: String, whole part: Double = 1) throws {
    try LogFile.append(packed(try Data(contentsOf: URL(filePath: path)), part), to: path + ".gz")
    unlink(path)
  }

  private static func packed(_ text: some Sequence<UInt8>, _ part: Double = 1) -> [UInt8] {
    let bytes = BulkBody(Array(text), compressionLevel: 6).bytes
    return Array(bytes.prefix(Int(Double(bytes.count) * part)))
  }

  /// Lines that cannot be packed well.
  private static func rough(_ numbers: ClosedRange<Int>) -> String {
    var random = SeededGenerator(seed: 7)
    return numbers.map { "{\"n\":\($0),\"noise\":\"\(random.next())\(random.next())\"}\n" }.joined()
  }

  @Test(
    "a file that was read before it was packed is not read again, over a restart too",
    arguments: [true, false])
  func packedAfterwards(isAway: Bool) async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let log = folder + "/logs/app.log"
      try LogFile.append(LogFile.lines(1...50), to: log)
      var steps = Steps(folder)
      try steps.go()
      try LogFile.rename(log, log + ".1")
      try LogFile.append(LogFile.lines(51...60), to: log)
      try steps.go()
      #expect(steps.numbers == Array(1...60))
      let state = steps.state
      try Self.pack(log + ".1")
      if isAway { steps = Steps(folder, state: state) }
      try steps.go(10)
      let first = try #require(steps.follower.files[1])
      #expect(first.path == log + ".1.gz" && first.position == first.size && steps.follower.packs.isEmpty)
      #expect(steps.numbers == (isAway ? [] : Array(1...60)) && steps.follower.lost == LostText())
      let later = Steps(folder, state: steps.state)
      try LogFile.append(LogFile.lines(61...61), to: log)
      try later.go(10)
      #expect(later.numbers == [61] && later.follower.files.count == 2 && later.follower.lost == LostText())
    }
  }

  @Test("a file that was packed while nobody looked is read to its end")
  func packedWhileAway() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let log = folder + "/logs/app.log"
      try LogFile.append(LogFile.lines(1...50), to: log)
      var steps = Steps(folder)
      try steps.go()
      try LogFile.append(LogFile.lines(51...5_000), to: log)
      try LogFile.rename(log, log + ".1")
      try Self.pack(log + ".1")
      try LogFile.append(LogFile.lines(5_001...5_010), to: log)
      steps = Steps(folder, state: steps.state)
      try steps.go(3)
      #expect(steps.numbers.sorted() == Array(51...5_010) && steps.follower.lost == LostText())
      #expect(steps.follower.files[1]?.path == log + ".1.gz" && steps.follower.damaged == 0)
    }
  }

  @Test("a copy that was packed before its original was seen to be truncated has what was not read of it")
  func packedCopy() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let log = folder + "/logs/app.log"
      try LogFile.append(LogFile.lines(1...20), to: log)
      let steps = Steps(folder)
      try steps.go()
      try LogFile.append(LogFile.lines(21...30), to: log)
      try LogFile.copyTruncate(log, to: log + ".1")
      try Self.pack(log + ".1")
      try LogFile.append(LogFile.lines(31...40), to: log)
      try steps.go(10)
      #expect(steps.numbers.sorted() == Array(1...40) && steps.follower.lost == LostText())
    }
  }

  @Test("what is being packed is read from its original, and a pack beside its original not at all")
  func beingPacked() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let log = folder + "/logs/app.log"
      let text = Array(Self.rough(1...3_000).utf8)
      try LogFile.append(text, to: log)
      let steps = Steps(folder)
      try steps.go()
      let packed = Self.packed(text)
      for piece in stride(from: 0, to: packed.count, by: packed.count / 3 + 1) {
        try LogFile.append(
          Array(packed[piece..<min(piece + packed.count / 3 + 1, packed.count)]), to: log + ".gz")
        try steps.go(2)
      }
      try LogFile.append("{\"n\":3001}\n", to: log)
      try steps.go(10)
      #expect(steps.numbers == Array(1...3_001) && steps.follower.files.count == 1)
      unlink(log)
      try steps.go(10)
      #expect(steps.numbers == Array(1...3_001) && steps.follower.damaged == 0)
    }
  }

  @Test("packs that were never seen are read whole, their last lines too, one after the other")
  func neverSeen() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      for file in 0..<5 {
        let text = LogFile.lines(file * 100 + 1...file * 100 + 99) + "{\"n\":\(file * 100 + 100)}"
        // Two members, as when one pack is appended to another.
        let half = text.utf8.count / 2
        try LogFile.append(
          Self.packed(text.utf8.prefix(half)) + Self.packed(text.utf8.dropFirst(half)),
          to: folder + "/logs/app.log.\(file).gz")
      }
      let steps = Steps(folder)
      try steps.go(3)
      #expect(steps.numbers == Array(1...500) && steps.follower.damaged == 0)
    }
  }

  @Test(
    "what was packed before the shipper read packs was read before it was packed; what comes later is read")
  func earlierVersion() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      try LogFile.append(Self.packed(LogFile.lines(1...50).utf8), to: folder + "/logs/app.log.2.gz")
      var state = ShipperState(shipper: 1)
      state.nextFile = 7
      let steps = Steps(folder, state: state)
      try steps.go(2)
      try LogFile.append(Self.packed(LogFile.lines(51...60).utf8), to: folder + "/logs/app.log.1.gz")
      try steps.go(2)
      #expect(steps.numbers == Array(51...60) && steps.follower.files.count == 2)
    }
  }

  @Test("of a pack that ends in the middle what can be read is read; it is named and counted once")
  func cut() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      try LogFile.append(Self.packed(Self.rough(1...3_000).utf8, 0.6), to: folder + "/logs/app.log.1.gz")
      let steps = Steps(folder)
      try steps.go(3)
      // It may be one that is being written.
      #expect(steps.numbers.isEmpty && steps.follower.damaged == 0)
      try steps.go(5)
      #expect(steps.numbers.count > 1_000 && steps.numbers == Array(1...steps.numbers.count))
      #expect(steps.follower.damaged == 1 && steps.others <= 1)
      #expect(steps.follower.takeProblem()?.contains("app.log.1.gz ends in the middle") == true)
      let later = Steps(folder, state: steps.state)
      try later.go(10)
      #expect(later.numbers.isEmpty && later.follower.damaged == 1 && later.follower.takeProblem() == nil)
    }
  }

  @Test(
    "of a damaged pack what stands before the damage is read; it is named and counted once",
    arguments: [0, 1])
  func damaged(kind: Int) async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      var packed = Self.packed(LogFile.lines(1...100).utf8)
      if kind == 0 { packed[packed.count - 6] ^= 1 } else { packed += Array("no gzip at all".utf8) }
      try LogFile.append(packed, to: folder + "/logs/app.log.1.gz")
      let steps = Steps(folder)
      try steps.go(10)
      #expect(steps.numbers == Array(1...100) && steps.follower.damaged == 1)
      #expect(steps.follower.takeProblem()?.contains("app.log.1.gz is damaged at byte") == true)
    }
  }

  @Test("what a file had before it was packed, and has not in a pack that ends in the middle, is lost")
  func lostInPack() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let log = folder + "/logs/app.log"
      let text = Self.rough(1...3_000)
      try LogFile.append(text, to: log)
      var steps = Steps(folder)
      steps.scan()
      let state = steps.state
      try Self.pack(log, whole: 0.5)
      steps = Steps(folder, state: state)
      try steps.go(10)
      #expect(steps.numbers.count > 1_000 && steps.numbers == Array(1...steps.numbers.count))
      let file = try #require(steps.follower.files[1])
      #expect(steps.follower.lost == LostText(files: 1, bytes: UInt64(text.utf8.count) - file.size))
      #expect(steps.follower.damaged == 1)
      let later = Steps(folder, state: steps.state)
      try later.go(3)
      #expect(later.numbers.isEmpty && later.follower.lost == steps.follower.lost)
    }
  }

  @Test("1 GB of zeros in 1 MB takes little memory")
  func bomb() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let path = folder + "/logs/bomb.log.gz"
      let member = Self.packed([UInt8](repeating: 0, count: 16 << 20))
      let before = try residentBytes()
      try LogFile.append(Array(repeatElement(member, count: 64).joined()), to: path)
      let file = try OpenedFile(path)
      let text = try #require(file.packed)
      text.reach(.max)
      #expect(text.length == 1 << 30 && text.stop == .whole)
      #expect(try residentBytes() < before + 48 << 20)
    }
  }

  @Test("a pack of zeros is one line in which nothing stands")
  func zeros() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let member = Self.packed([UInt8](repeating: 0, count: 16 << 20))
      try LogFile.append(member + member, to: folder + "/logs/bomb.log.gz")
      let steps = Steps(folder)
      try steps.go(3)
      let file = try #require(steps.follower.files[1])
      #expect(file.position == 32 << 20 && file.size == 32 << 20 && steps.numbers.isEmpty)
    }
  }

  @Test("what is packed with something else is named once, and not read")
  func others() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      try LogFile.append([0x28, 0xB5, 0x2F, 0xFD, 1, 10], to: folder + "/logs/app.log.1.zst")
      try LogFile.append([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 10], to: folder + "/logs/app.log.2.xz")
      let steps = Steps(folder)
      try steps.go()
      #expect(
        steps.follower.problems.map { $0.contains("zstd") || $0.contains("xz") } == [true, true])
      _ = steps.follower.takeProblem()
      try steps.go(3)
      #expect(steps.follower.takeProblem() == nil && steps.follower.files.isEmpty && steps.others == 0)
    }
  }

  @Test("a shipper delivers a rotated file once, packed while it runs and while it does not")
  func shipped() async throws {
    let server = try BulkServer()
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let options = options(folder, [server.url])
      let log = folder + "/logs/app.log"
      try LogFile.append(LogFile.lines(1...10), to: log)
      try await withShipper(options) { _ in
        try await server.expects(1...10)
        try LogFile.rename(log, log + ".1")
        try Self.pack(log + ".1")
        try LogFile.append(LogFile.lines(11...20), to: log)
        try await server.expects(1...20)
      }
      try LogFile.append(LogFile.lines(21...30), to: log)
      try LogFile.rename(log, log + ".2")
      try Self.pack(log + ".2")
      try LogFile.append(LogFile.lines(31...40), to: log)
      try await withShipper(options) { shipper in
        try await server.expects(1...40)
        _ = try await eventually("all is settled") { shipper.statistics.ledger.lines == 40 ? true : nil }
        #expect(shipper.statistics.lost == LostText() && shipper.statistics.damaged == 0)
      }
      #expect(server.numbers.sorted() == Array(1...40) && server.state.repeated == 0)
      let reports = try await LogAudit.run(options: options)
      #expect(reports.map(\.found).reduce(0, +) == 40 && reports.allSatisfy(\.isWhole))
    }
  }

  @Test("the audit does not ask for lines of a pack that was taken for read")
  func auditOfCovered() async throws {
    let server = try BulkServer()
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let options = options(folder, [server.url])
      var state = ShipperState(shipper: 1)
      state.nextFile = 7
      try StateFolder(path: options.directory).store(state)
      try LogFile.append(Self.packed(LogFile.lines(51...60).utf8), to: folder + "/logs/app.log.1.gz")
      try LogFile.append(LogFile.lines(1...10), to: folder + "/logs/app.log")
      try await withShipper(options) { shipper in
        try await server.expects(1...10)
        _ = try await eventually("all is settled") {
          shipper.statistics.ledger.lines == 10 && shipper.statistics.files.count == 2 ? true : nil
        }
      }
      let reports = try await LogAudit.run(options: options)
      #expect(reports.count == 2 && reports.allSatisfy(\.isWhole))
      #expect(reports.map(\.lines).reduce(0, +) == 10 && server.numbers == Array(1...10))
    }
  }
}
