import Foundation
import Testing

@testable import StructuredLogging

@Suite("Crash flush", .timeLimit(.minutes(10)))
struct CrashFlushTests {
  @Test(
    "a child that crashes has every line on disk, the last one whole, and dies of its signal",
    arguments: [
      ("abort", [SIGABRT]), ("trap", [SIGILL, SIGTRAP]), ("segv", [SIGSEGV]), ("\(SIGBUS)", [SIGBUS]),
      ("\(SIGFPE)", [SIGFPE]),
    ])
  func crash(way: String, signals: [Int32]) throws {
    let folder = try TemporaryFolder()
    let path = folder("log.jsonl")
    let child = Process()
    child.executableURL = Bundle.main.executableURL?.deletingLastPathComponent()
      .appendingPathComponent("StructuredLoggingCrashChild")
    // Test bundles are run by a tool of the toolchain, so the build folder is found through the bundle.
    if let url = child.executableURL, !FileManager.default.isExecutableFile(atPath: url.path) {
      child.executableURL =
        CommandLine.arguments.lazy.compactMap { argument -> URL? in
          let url = URL(fileURLWithPath: argument).deletingLastPathComponent()
            .appendingPathComponent("StructuredLoggingCrashChild")
          return FileManager.default.isExecutableFile(atPath: url.path) ? url : nil
        }.first
    }
    child.arguments = [path, way]
    child.environment = ["SWIFT_BACKTRACE": "enable=no"]
    child.standardError = FileHandle.nullDevice
    try child.run()
    child.waitUntilExit()
    #expect(child.terminationReason == .uncaughtSignal)
    #expect(signals.contains(child.terminationStatus))
    let (whole, rest) = try lines(ofFile: path)
    #expect(rest.isEmpty)
    #expect(whole.count == 2001)
    for (number, line) in whole.dropLast().enumerated() {
      #expect(try parse(line)["test.number"] as? Int == number)
    }
    let last = try parse(#require(whole.last))
    #expect(last["message"] as? String == "the last line")
    #expect(last["event.reason"] as? String == "about_to_crash")
  }
}
