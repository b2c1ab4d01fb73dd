import CDBDomain
import CDBGate
import CDBPipeline
import Foundation
import Glibc
import Logging
import Synchronization
import Testing

@testable import CDBServices

@Suite("The probe of the log path")
struct LogPathProbeTests {
  /// A file of log lines, and clocks that stand until they are put on.
  private final class Place: Sendable {
    let path: String
    private let seconds = Mutex(1_000.0)

    init() throws {
      path = FileManager.default.temporaryDirectory.appending(path: "cdb-\(UUID().uuidString).jsonl").path()
      try Data().write(to: URL(filePath: path))
    }

    var times: PipelineClock {
      PipelineClock(
        monotonic: { UInt64(self.seconds.withLock { $0 } * 1e9) },
        wall: {
          EventTime(nanoseconds: 1_700_000_000_000_000_000 + Int64(self.seconds.withLock { $0 } * 1e9))
        })
    }

    func pass(_ passed: Double) { seconds.withLock { $0 += passed } }

    func add(_ line: String) {
      guard let handle = FileHandle(forWritingAtPath: path) else { return }
      _ = try? handle.seekToEnd()
      try? handle.write(contentsOf: Data((line + "\n").utf8))
      try? handle.close()
    }

    /// An error that is logged now, by the clock of whoever logs it.
    func fail(_ message: String, said: EventTime? = nil) {
      add(
        #"{"@timestamp":"\#((said ?? times.wall()).rfc3339)","log.level":"error","message":"\#(message)"}"#)
    }

    var logger: Logger { Logger(label: "test") { _ in Handler(place: self) } }
  }

  private struct Handler: LogHandler {
    let place: Place
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let mark = event.metadata?["labels.canary"].map { "\($0)" } ?? ""
      place.add(#"{"log.level":"info","message":"\#(event.message)","labels.canary":"\#(mark)"}"#)
    }
  }

  @Test("an error counts from when it was logged, and not from when it was read")
  func logged() async throws {
    let place = try Place()
    defer { try? FileManager.default.removeItem(atPath: place.path) }
    let probe = LogPathProbe(path: place.path, logger: place.logger, window: 30, times: place.times)
    #expect(await probe.look(number: 1).errors == 0)
    place.pass(1)
    place.fail("the first")
    place.pass(20)
    var seen = await probe.look(number: 2)
    #expect(seen.canarySeconds != nil && seen.errors == 1 && seen.lastError == "the first")
    #expect(abs((seen.lastErrorAge ?? 0) - 20) < 0.01)
    place.pass(11)
    seen = await probe.look(number: 3)
    #expect(seen.errors == 0 && seen.lastErrorAge == nil)
  }

  @Test(
    "what a line says of its time counts as far as it can be: after the look before, and not after this one")
  func bounded() async throws {
    let place = try Place()
    defer { try? FileManager.default.removeItem(atPath: place.path) }
    let probe = LogPathProbe(path: place.path, logger: place.logger, window: 30, times: place.times)
    _ = await probe.look(number: 1)
    place.pass(5)
    place.fail("of long ago", said: EventTime(nanoseconds: 0))
    #expect(abs((await probe.look(number: 2).lastErrorAge ?? 0) - 5) < 0.01)
    place.pass(5)
    place.fail("of the future", said: EventTime(nanoseconds: .max))
    #expect(abs(await probe.look(number: 3).lastErrorAge ?? 9) < 0.01)
    place.pass(1)
    place.add(#"{"@timestamp":"never","log.level":"critical","message":"of no time"}"#)
    let seen = await probe.look(number: 4)
    #expect(seen.errors == 3 && seen.lastError == "of no time")
    #expect(abs(seen.lastErrorAge ?? 9) < 0.01)
  }

  @Test("whatever stands where the log file was, nobody waits for it", .timeLimit(.minutes(1)))
  func other() async throws {
    let place = try Place()
    defer { try? FileManager.default.removeItem(atPath: place.path) }
    let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let probe = LogPathProbe(path: place.path, logger: silent, window: 30)
    try FileManager.default.removeItem(atPath: place.path)
    #expect(await probe.look(number: 1).canarySeconds == nil)
    try #require(mkfifo(place.path, 0o600) == 0)
    #expect(await probe.look(number: 2).canarySeconds == nil)
    try FileManager.default.removeItem(atPath: place.path)
    try FileManager.default.createDirectory(atPath: place.path, withIntermediateDirectories: false)
    #expect(await probe.look(number: 3).canarySeconds == nil)
  }

  @Test("checkpoints that are made again take back the errors that they failed by, and no others")
  func cured() async throws {
    let place = try Place()
    defer { try? FileManager.default.removeItem(atPath: place.path) }
    let probe = LogPathProbe(path: place.path, logger: place.logger, window: 30, times: place.times)
    _ = await probe.look(number: 1)
    func add(_ level: String, _ reason: String, _ outcome: String) {
      place.add(
        #"{"log.level":"\#(level)","message":"m","event.reason":"\#(reason)","event.outcome":"\#(outcome)"}"#)
    }
    add("error", "checkpoint_failed", "failure")
    add("error", "stage_failed", "failure")
    #expect(await probe.look(number: 2).errors == 2)
    add("notice", "stage_failed", "success")
    #expect(await probe.look(number: 3).errors == 2)
    add("notice", "checkpoint_failed", "success")
    let seen = await probe.look(number: 4)
    #expect(seen.errors == 1 && seen.lastError == "stage_failed: m")
    // What fails anew counts anew.
    add("error", "checkpoint_failed", "failure")
    #expect(await probe.look(number: 5).errors == 2)
  }
}
