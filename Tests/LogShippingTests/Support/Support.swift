import Foundation
import Logging
import ProgramFixture
import Synchronization

@testable import LogShipping

let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A shipper's options for a test: state in `data`, files in `logs`, everything fast.
func options(_ folder: String, _ urls: [String], pattern: String = "*.log*") -> ShipperOptions {
  ShipperOptions(
    directory: folder + "/data", patterns: PathPatterns(included: [folder + "/logs/" + pattern]),
    target: BulkTarget(urls: urls, index: "logs-test", timeout: 3_000), userAgent: "test/1",
    linger: 20, scanInterval: 50, checkpointInterval: 20, deletedGrace: 200, renamedGrace: 400,
    longestPause: 200, flushDeadline: .seconds(5))
}

/// Runs a shipper for as long as `body` takes, and ends it as SIGTERM would.
func withShipper<Result: Sendable>(
  _ options: ShipperOptions, _ body: @Sendable (LogShipper) async throws -> Result
) async throws -> Result {
  let shipper = try LogShipper(options: options, logger: silent)
  async let running: Void = shipper.run()
  do {
    let result = try await body(shipper)
    shipper.stop()
    await running
    return result
  } catch {
    shipper.stop()
    await running
    throw error
  }
}

/// A log file as a program writes it.
enum LogFile {
  static func append(_ text: String, to path: String) throws {
    try append(Array(text.utf8), to: path)
  }

  static func append(_ bytes: [UInt8], to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    defer { close(descriptor) }
    try writeAll(bytes, to: descriptor, path: path)
  }

  /// Lines with these numbers.
  ///
  /// - Parameter fields: what else stands in them, with a comma before it.
  static func lines(_ numbers: ClosedRange<Int>, fields: String = "") -> String {
    numbers.map { "{\"message\":\"line \($0)\",\"n\":\($0)\(fields)}\n" }.joined()
  }

  static func rename(_ path: String, _ other: String) throws {
    try FileManager.default.moveItem(atPath: path, toPath: other)
  }

  /// As logrotate's `copytruncate` does.
  static func copyTruncate(_ path: String, to copy: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    try append(bytes, to: copy)
    truncate(path, 0)
  }
}

extension BulkServer {
  /// The numbers of the lines, in the order of their coming.
  var numbers: [Int] { documents.compactMap { $0["n"] as? Int } }

  /// Waits for these numbers, each once.
  func expects(_ range: ClosedRange<Int>) async throws {
    _ = try await eventually("lines \(range) are there") { numbers.count >= range.count ? true : nil }
  }
}

/// What this process takes of the memory.
func residentBytes() throws -> Int {
  let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
  let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
  return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
}
