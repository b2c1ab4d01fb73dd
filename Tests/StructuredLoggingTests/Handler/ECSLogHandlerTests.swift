import Foundation
import Logging
import Testing

@testable import StructuredLogging

@Suite("swift-log backend")
struct ECSLogHandlerTests {
  private let folder: TemporaryFolder
  private let writer: LogWriter

  init() throws {
    folder = try TemporaryFolder()
    writer = try LogWriter(sinks: [.file(path: folder("log"))])
  }

  private func written() throws -> [[String: Any]] {
    writer.shutdown()
    return try lines(ofFile: folder("log")).whole.map { try parse($0) }
  }

  @Test("level and metadata are values: a copy of a logger does not change the original")
  func valueSemantics() {
    var first = Logger(label: "a") { ECSLogHandler(label: $0, identity: testIdentity, writer: writer) }
    first.logLevel = .debug
    first[metadataKey: "only-on"] = "first"
    var second = first
    second.logLevel = .error
    second[metadataKey: "only-on"] = "second"
    #expect(first.logLevel == .debug)
    #expect(second.logLevel == .error)
    #expect(first[metadataKey: "only-on"] == "first")
    #expect(second[metadataKey: "only-on"] == "second")
  }

  @Test("a logger made by the factory writes its label, its error and the provider's metadata")
  func factory() throws {
    let factory = StructuredLoggingSystem.makeLoggerFactory(
      identity: testIdentity, writer: writer, level: .notice,
      metadataProvider: Logger.MetadataProvider { ["trace.id": "4bf92f"] })
    var logger = Logger(label: "orders", factory: factory)
    logger[metadataKey: "cdb.stage"] = "risk"
    logger.info("not written")
    logger.error("refused", error: SampleFailure(), metadata: ["event.reason": "limit"])
    let documents = try written()
    let document = try #require(documents.first)
    #expect(documents.count == 1)
    #expect(document["log.logger"] as? String == "orders")
    #expect(document["trace.id"] as? String == "4bf92f")
    #expect(document["cdb.stage"] as? String == "risk")
    #expect(document["event.reason"] as? String == "limit")
    #expect(document["error.message"] as? String == "no \"luck\"")
  }

  @Test("each thread writes its own thread id")
  func threadIDs() throws {
    let logger = Logger(label: "a") { ECSLogHandler(label: $0, identity: testIdentity, writer: writer) }
    logger.info("here")
    let thread = Thread { logger.info("there") }
    thread.start()
    while !thread.isFinished { sched_yield() }
    let ids = try written().compactMap { $0["process.thread.id"] as? Int }
    #expect(Set(ids).count == 2)
  }

  @Test("text is for streams: a file beside them gets JSON, and a pipe gets no colours")
  func formats() async throws {
    let pipe = Pipe()
    let path = folder("both")
    let writer = try LogWriter(
      sinks: [.fileDescriptor(pipe.fileHandleForWriting.fileDescriptor), .file(path: path)])
    let logger = Logger(label: "a") {
      ECSLogHandler(label: $0, identity: testIdentity, writer: writer, format: .text)
    }
    logger.info("hello")
    writer.shutdown()
    try pipe.fileHandleForWriting.close()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(text.hasSuffix("Z INFO     a: hello\n"))
    #expect(try parse(lines(ofFile: path).whole[0])["message"] as? String == "hello")
    #expect(writer.statistics.linesByLevel[.info] == 1)
  }

  @Test("repetitions beyond the limit are held back")
  func repetition() throws {
    let logger = Logger(
      label: "a",
      factory: StructuredLoggingSystem.makeLoggerFactory(
        identity: testIdentity, writer: writer,
        repetition: RepetitionLimiter.Policy(lines: 2, interval: .seconds(3600))))
    for _ in 0..<10 { logger.info("again") }
    logger.info("other")
    #expect(try written().map { $0["message"] as? String } == ["again", "again", "other"])
  }
}
