import Foundation
import Logging
import Testing

@testable import StructuredLogging

@Suite("Log writer", .timeLimit(.minutes(10)))
struct LogWriterTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func logger(_ writer: LogWriter) -> Logger {
    Logger(label: "t") { ECSLogHandler(label: $0, identity: testIdentity, writer: writer) }
  }

  @Test("eight tasks with ten thousand lines each: every line is whole, in its task's order, and counted")
  func concurrency() async throws {
    let path = folder("log.jsonl")
    let writer = try LogWriter(
      sinks: [.file(path: path)],
      options: LogWriterOptions(capacityBytes: 256 << 10, flushInterval: .milliseconds(1)))
    let logger = logger(writer)
    await withTaskGroup { group in
      for task in 0..<8 {
        group.addTask {
          for number in 0..<10_000 {
            logger.info("m", metadata: ["a.task": "\(task)", "a.number": .stringConvertible(number)])
          }
        }
      }
    }
    writer.shutdown()
    let statistics = writer.statistics
    #expect(statistics.linesWritten + statistics.droppedTotal == 80_000)
    #expect(statistics.linesPending == 0)
    #expect(statistics.linesByLevel[.info] == 80_000)
    let (whole, rest) = try lines(ofFile: path)
    #expect(rest.isEmpty)
    #expect(UInt64(whole.count) == statistics.linesWritten)
    var last: [String: Int] = [:]
    for line in whole {
      let object = try parse(line)
      let task = try #require(object["a.task"] as? String)
      let number = try #require(object["a.number"] as? Int)
      #expect(number > last[task] ?? -1)
      last[task] = number
    }
  }

  @Test(
    "a pipe that nobody reads: callers go on, the newest lines are dropped and counted, the oldest arrive")
  func blockedSink() async throws {
    let pipe = Pipe()
    let writer = try LogWriter(
      sinks: [.fileDescriptor(pipe.fileHandleForWriting.fileDescriptor)],
      options: LogWriterOptions(capacityBytes: 16 << 10, maximumLineBytes: 4096))
    for number in 0..<5000 {
      writer.write("line \(number) " + String(repeating: "x", count: 100), level: .info)
    }
    let isFlushed = await writer.flush(timeout: .milliseconds(50))
    #expect(!isFlushed)
    let dropped = writer.statistics.linesDropped
    #expect(dropped[.bufferFull] ?? 0 > 0)
    #expect(dropped.keys.allSatisfy { $0 == .bufferFull })
    let reader = Task.detached { pipe.fileHandleForReading.readDataToEndOfFile() }
    writer.shutdown()
    try pipe.fileHandleForWriting.close()
    let text = String(decoding: await reader.value, as: UTF8.self)
    let statistics = writer.statistics
    #expect(text.hasSuffix("\n"))
    let received = text.split(separator: "\n")
    #expect(UInt64(received.count) == statistics.linesWritten)
    #expect(statistics.linesWritten + statistics.droppedTotal == 5000)
    #expect(received.first?.hasPrefix("line 0 ") == true)
    #expect(received.allSatisfy { $0.hasPrefix("line ") && $0.hasSuffix("x") })
  }

  @Test("a blocked sink does not hold up another one")
  func isolation() async throws {
    let pipe = Pipe()
    let path = folder("log")
    let writer = try LogWriter(
      sinks: [.fileDescriptor(pipe.fileHandleForWriting.fileDescriptor), .file(path: path)],
      options: LogWriterOptions(
        capacityBytes: 256 << 10, maximumLineBytes: 4096, shutdownTimeout: .milliseconds(50)))
    for _ in 0..<200 { writer.write(String(repeating: "x", count: 1000), level: .info) }
    let arrived = await eventually { writer.statistics.sinks[1].linesWritten == 200 }
    #expect(arrived)
    #expect(writer.statistics.sinks[0].linesPending > 0)
    writer.shutdown()
    #expect(writer.statistics.sinks[0].linesDropped[.sinkFailed] ?? 0 > 0)
    #expect(writer.statistics.linesPending == 0)
    withExtendedLifetime(pipe) {}
  }

  @Test("a pipe whose reader is gone is an error and counted drops, not a signal")
  func closedPipe() async throws {
    let pipe = Pipe()
    try pipe.fileHandleForReading.close()
    let writer = try LogWriter(sinks: [.fileDescriptor(pipe.fileHandleForWriting.fileDescriptor)])
    writer.write("lost", level: .info)
    let isCounted = await eventually { writer.statistics.linesDropped[.sinkFailed] == 1 }
    #expect(isCounted)
    #expect(writer.statistics.lastError?.contains("pipe") == true)
  }

  @Test("flush returns when earlier lines are in the file, however long the interval")
  func flush() async throws {
    let path = folder("log")
    let writer = try LogWriter(
      sinks: [.file(path: path)], options: LogWriterOptions(flushInterval: .seconds(3000)))
    for round in 1...20 {
      writer.write("one", level: .info)
      let isFlushed = await writer.flush(timeout: .seconds(20))
      #expect(isFlushed)
      #expect(try lines(ofFile: path).whole.count == round)
    }
    writer.write("two", level: .info)
    #expect(writer.flushBlocking(timeout: .seconds(20)))
    #expect(writer.statistics.linesWritten == 21)
    #expect(writer.statistics.lastWriteNanoseconds ?? 0 > 0)
  }

  @Test("an error is written at once, however long the interval")
  func urgency() async throws {
    let writer = try LogWriter(
      sinks: [.file(path: folder("log"))], options: LogWriterOptions(flushInterval: .seconds(3000)))
    writer.write("first", level: .info)
    writer.write("second", level: .error)
    let arrived = await eventually { writer.statistics.linesWritten == 2 }
    #expect(arrived)
  }

  @Test("shutdown flushes, can be repeated, and later lines are counted drops")
  func shutdown() throws {
    let path = folder("log")
    let writer = try LogWriter(
      sinks: [.file(path: path)], options: LogWriterOptions(flushInterval: .seconds(3000)))
    for _ in 0..<100 { writer.write("x", level: .info) }
    writer.shutdown()
    writer.shutdown()
    #expect(!writer.write("late", level: .info))
    #expect(try lines(ofFile: path).whole.count == 100)
    #expect(writer.statistics.linesDropped == [.shutDown: 1])
  }

  @Test("the last reference flushes as well")
  func lastReference() throws {
    let path = folder("log")
    do {
      let writer = try LogWriter(sinks: [.file(path: path)])
      for _ in 0..<100 { writer.write("x", level: .info) }
    }
    #expect(try lines(ofFile: path).whole.count == 100)
  }

  @Test("a line with a newline in it, an empty one and one that is too long are counted as invalid")
  func invalidLines() throws {
    let writer = try LogWriter(sinks: [.file(path: folder("log"))])
    writer.write("a\nb", level: .info)
    writer.write("", level: .info)
    writer.write(String(repeating: "x", count: 64 << 10), level: .info)
    #expect(writer.statistics.linesDropped == [.invalidLine: 3])
  }

  @Test("options out of range and a writer without sinks are refused by name")
  func refusals() {
    func refusal(_ options: LogWriterOptions, sinks: [LogSink] = [.standardError]) -> LogWriterError? {
      do {
        _ = try LogWriter(sinks: sinks, options: options)
        return nil
      } catch { return error }
    }
    #expect(refusal(LogWriterOptions(), sinks: []) == .noSinks)
    #expect(
      refusal(LogWriterOptions(maximumLineBytes: 4095))?.description.contains("maximumLineBytes") == true)
    #expect(refusal(LogWriterOptions(capacityBytes: 1))?.description.contains("capacityBytes") == true)
    #expect(refusal(LogWriterOptions(capacityBytes: .max))?.description.contains("capacityBytes") == true)
    #expect(refusal(LogWriterOptions(flushInterval: .zero))?.description.contains("flushInterval") == true)
  }
}
