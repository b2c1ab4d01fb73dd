import Foundation
import Logging
import ProgramFixture
import Synchronization
import TaskTiming
import Testing

@testable import LogShipping

/// Keeps what is logged.
private struct KeepingHandler: LogHandler {
  let kept: Kept
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  final class Kept: Sendable {
    private let all = Mutex<[String]>([])
    var messages: [String] { all.withLock { $0 } }
    func append(_ message: String) { all.withLock { $0.append(message) } }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { kept.append("\(event.message)") }
}

/// Files and folders that are more, larger or less than they should be.
@Suite("Files and folders that are out of the ordinary", .serialized)
struct HostileTests {
  /// How many files this process has open.
  private static var openDescriptors: Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
  }

  @Test("a thousand files at once: all are read in turn, and each takes one descriptor")
  func thousandFiles() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      for file in 0..<1_000 {
        try LogFile.append(
          LogFile.lines(file * 3 + 1...file * 3 + 3), to: folder + "/logs/\(file).log")
      }
      let before = (memory: try residentBytes(), descriptors: Self.openDescriptors)
      let steps = Steps(folder)
      steps.scan()
      #expect(steps.follower.turns().count == 1_000)
      try steps.read()
      #expect(steps.numbers.sorted() == Array(1...3_000))
      #expect(Self.openDescriptors <= before.descriptors + 1_000 + 8)
      #expect(try residentBytes() < before.memory + 48 << 20)
    }
  }

  @Test("more files than can be open wait, which is said once, and are read when others are over")
  func moreThanCanBeOpen() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let paths = (0..<25).map { folder + "/logs/\(10 + $0).log" }
      for (file, path) in paths.enumerated() {
        try LogFile.append(LogFile.lines(file + 1...file + 1), to: path)
      }
      let before = Self.openDescriptors
      let steps = Steps(folder, mostFiles: 10)
      try steps.go(3)
      #expect(steps.numbers.sorted() == Array(1...10) && steps.follower.waiting == 15)
      #expect(Self.openDescriptors <= before + 12 && steps.follower.files.count == 10)
      #expect(steps.follower.problems == ["15 files wait: no more than 10 can be open at a time"])
      for round in 1...2 {
        for path in paths[(round - 1) * 10..<round * 10] { unlink(path) }
        try steps.go(12)
        steps.follower.forgetEnded()
        try steps.go()
      }
      #expect(steps.numbers.sorted() == Array(1...25) && steps.follower.waiting == 0)
      #expect(steps.follower.lost == LostText() && steps.follower.problems.count == 1)
    }
  }

  @Test("a line of 1 GB takes the memory of what is kept of it, is cut and says so; its neighbours are whole")
  func gigabyteLine() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let log = folder + "/logs/app.log"
      try LogFile.append(LogFile.lines(1...1) + String(repeating: "x", count: 1_100_000), to: log)
      // A hole: it is read as a gigabyte, and takes none of the disk.
      truncate(log, 1 << 30)
      try LogFile.append("end\n" + LogFile.lines(2...2), to: log)
      let before = try residentBytes()
      let steps = Steps(folder)
      steps.scan()
      try steps.read()
      #expect(steps.numbers == [1, 2] && steps.others == 1 && steps.flags == ["truncated"])
      #expect(try residentBytes() < before + 48 << 20)
    }
  }

  @Test(
    "a folder that goes away and comes back is read again, whatever became of the old one",
    arguments: [true, false])
  func folderComesBack(isRenamed: Bool) async throws {
    let server = try BulkServer()
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let logs = folder + "/logs"
      try LogFile.append(LogFile.lines(1...10), to: logs + "/app.log")
      try await withShipper(options(folder, [server.url])) { shipper in
        try await server.expects(1...10)
        if isRenamed {
          try LogFile.rename(logs, folder + "/old")
        } else {
          try FileManager.default.removeItem(atPath: logs)
        }
        if !isRenamed {
          _ = try await eventually("the old file is over") { shipper.statistics.files.isEmpty ? true : nil }
        }
        try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: false)
        try LogFile.append(LogFile.lines(11...20), to: logs + "/app.log")
        try await server.expects(1...20)
        _ = try await eventually("the old file is over") { shipper.statistics.files.count == 1 ? true : nil }
        #expect(shipper.statistics.lost == LostText() && shipper.statistics.unwatched == 0)
      }
      #expect(server.numbers.sorted() == Array(1...20))
    }
  }

  @Test("a folder that took another one's place is watched instead of it", arguments: [true, false])
  func folderIsWatchedAgain(isRenamed: Bool) async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let logs = folder + "/logs"
      let watch = FolderWatch(wake: Signal())
      #expect(watch.watch([logs]).unwatched == 0)
      if isRenamed {
        try LogFile.rename(logs, folder + "/old")
      } else {
        rmdir(logs)
      }
      _ = try await eventually("it is seen") { watch.take().isScanDue ? true : nil }
      try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: false)
      #expect(watch.watch([logs]).unwatched == 0)
      try LogFile.append("a\n", to: logs + "/app.log")
      if isRenamed { try LogFile.append("a\n", to: folder + "/old/app.log") }
      var written = Set<String>()
      _ = try await eventually("it is heard of") {
        written.formUnion(watch.take().written)
        return written.isEmpty ? nil : true
      }
      #expect(written == [logs + "/app.log"])
    }
  }

  @Test("without a watch that is left, files are found by looking; it is said once, and counted")
  func noWatches() async throws {
    let server = try BulkServer()
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      var options = options(folder, [server.url])
      options.mostWatches = 0
      let kept = KeepingHandler.Kept()
      let shipper = try LogShipper(
        options: options, logger: Logger(label: "test") { _ in KeepingHandler(kept: kept) })
      async let running: Void = shipper.run()
      for part in 0..<5 {
        try LogFile.append(LogFile.lines(part * 10 + 1...part * 10 + 10), to: folder + "/logs/app.log")
        try await server.expects(1...part * 10 + 10)
      }
      _ = try await eventually("it is counted") { shipper.statistics.unwatched == 1 ? true : nil }
      shipper.stop()
      await running
      #expect(server.numbers == Array(1...50))
      #expect(kept.messages.filter { $0.contains("is not watched") }.count == 1, "\(kept.messages)")
    }
  }
}
