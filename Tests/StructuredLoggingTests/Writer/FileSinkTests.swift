import Foundation
import Glibc
import Logging
import Testing

@testable import StructuredLogging

@Suite("File sink", .timeLimit(.minutes(10)))
struct FileSinkTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("a file that was renamed, and one that was deleted, is made again", arguments: [true, false])
  func reopening(isRenamed: Bool) async throws {
    let path = folder("log")
    let writer = try LogWriter(sinks: [.file(path: path)])
    writer.write("before", level: .info)
    await writer.flush(timeout: .seconds(20))
    if isRenamed {
      try FileManager.default.moveItem(atPath: path, toPath: path + ".old")
    } else {
      try FileManager.default.removeItem(atPath: path)
    }
    writer.write("after", level: .info)
    await writer.flush(timeout: .seconds(20))
    #expect(try lines(ofFile: path).whole == ["after"])
    if isRenamed { #expect(try lines(ofFile: path + ".old").whole == ["before"]) }
  }

  @Test("a pipe that was put in the file's place is left again when it is gone")
  func pipeInBetween() async throws {
    let path = folder("log")
    let writer = try LogWriter(sinks: [.file(path: path)])
    writer.write("before", level: .info)
    await writer.flush(timeout: .seconds(20))
    try FileManager.default.removeItem(atPath: path)
    try #require(mkfifo(path, 0o600) == 0)
    writer.write("into the pipe", level: .info)
    await writer.flush(timeout: .seconds(20))
    try FileManager.default.removeItem(atPath: path)
    writer.write("after", level: .info)
    await writer.flush(timeout: .seconds(20))
    #expect(try lines(ofFile: path).whole == ["after"])
  }

  @Test("a half line that an earlier process left is closed before the first new one")
  func tornEnd() async throws {
    let path = folder("log")
    try Data("whole\nhal".utf8).write(to: URL(fileURLWithPath: path))
    let writer = try LogWriter(sinks: [.file(path: path)])
    writer.write("new", level: .info)
    await writer.flush(timeout: .seconds(20))
    #expect(try lines(ofFile: path).whole == ["whole", "hal", "new"])
  }

  @Test("a folder that is not there yet loses nothing once it is")
  func missingFolder() async throws {
    let path = folder("later/log")
    let writer = try LogWriter(
      sinks: [.file(path: path)], options: LogWriterOptions(retryInterval: .milliseconds(5)))
    writer.write("patient", level: .info)
    let hasFailed = await eventually { writer.statistics.lastError != nil }
    #expect(hasFailed)
    try FileManager.default.createDirectory(atPath: folder("later"), withIntermediateDirectories: false)
    let arrived = await eventually { writer.statistics.linesWritten == 1 }
    #expect(arrived)
    #expect(writer.statistics.lastError == nil)
    #expect(try lines(ofFile: path).whole == ["patient"])
  }

  @Test("rotation keeps so many files, none too big, and no line is lost or torn in those kept")
  func rotation() throws {
    let path = folder("log")
    let writer = try LogWriter(
      sinks: [.file(path: path, rotation: LogFileRotation(maximumBytes: 1000, keep: 3))])
    for number in 0..<100 {
      writer.write("line \(1000 + number) " + String(repeating: "x", count: 80), level: .info)
    }
    writer.shutdown()
    #expect(!FileManager.default.fileExists(atPath: path + ".4"))
    var all: [String] = []
    for name in [path + ".3", path + ".2", path + ".1", path] {
      let (whole, rest) = try lines(ofFile: name)
      #expect(rest.isEmpty)
      let size = try #require(try FileManager.default.attributesOfItem(atPath: name)[.size] as? Int)
      #expect(size <= 1000 && size > 0)
      all += whole
    }
    #expect(all.map { $0.prefix(9) } == ((100 - all.count)..<100).map { "line \(1000 + $0)" })
    #expect(writer.statistics.linesWritten == 100)
  }

  @Test("a line longer than a whole file is written in one piece all the same")
  func rotationOfLongLines() throws {
    let path = folder("log")
    let writer = try LogWriter(
      sinks: [.file(path: path, rotation: LogFileRotation(maximumBytes: 100, keep: 9))])
    for number in 0..<5 { writer.write("\(number)" + String(repeating: "x", count: 500), level: .info) }
    writer.shutdown()
    for (name, number) in [(path + ".4", 0), (path + ".3", 1), (path + ".2", 2), (path + ".1", 3), (path, 4)]
    {
      #expect(try lines(ofFile: name).whole == ["\(number)" + String(repeating: "x", count: 500)])
    }
  }

  @Test("a full disk: drops are counted, and once there is room the torn line is completed and all goes on")
  func fullDisk() async throws {
    let mountPoint = folder("small")
    try FileManager.default.createDirectory(atPath: mountPoint, withIntermediateDirectories: false)
    guard mount("tmpfs", mountPoint, "tmpfs", 0, "size=64k") == 0 else {
      print("skipped: mounting a tmpfs is not permitted here")
      return
    }
    defer { umount2(mountPoint, 2) }
    let path = mountPoint + "/log"
    let filler = mountPoint + "/filler"
    try Data(count: 40 << 10).write(to: URL(fileURLWithPath: filler))
    let writer = try LogWriter(
      sinks: [.file(path: path)],
      options: LogWriterOptions(
        capacityBytes: 16 << 10, maximumLineBytes: 4096, retryInterval: .milliseconds(5)))
    var sent: UInt64 = 0
    func send(_ mark: String) {
      sent += 1
      writer.write("\(mark) \(sent) " + String(repeating: "x", count: 300) + " end", level: .error)
    }
    let isFull = await eventually {
      // A burst at a time: where the machine is busy, a look in between is rare.
      for _ in 0..<20 { send("filling") }
      return writer.statistics.linesDropped[.sinkFailed] ?? 0 > 0
    }
    #expect(isFull)
    #expect(writer.statistics.lastError?.contains("space") == true)
    try FileManager.default.removeItem(atPath: filler)
    let isDrained = await eventually { writer.statistics.linesPending == 0 }
    #expect(isDrained)
    send("after")
    await writer.flush(timeout: .seconds(20))
    writer.shutdown()
    let (whole, rest) = try lines(ofFile: path)
    #expect(rest.isEmpty)
    #expect(
      whole.allSatisfy { ($0.hasPrefix("filling ") || $0.hasPrefix("after ")) && $0.hasSuffix("x end") })
    #expect(whole.allSatisfy { $0.utf8.count < 330 })
    #expect(whole.last?.hasPrefix("after ") == true)
    let statistics = writer.statistics
    #expect(UInt64(whole.count) == statistics.linesWritten)
    #expect(statistics.linesWritten + statistics.droppedTotal == sent)
    #expect(statistics.lastError == nil)
  }
}
