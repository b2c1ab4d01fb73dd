import Foundation
import Synchronization

/// A program that a test started; it is ended with the last reference at the latest.
final class Program: Sendable {
  struct NotFound: Error {
    var name: String
  }

  private let process: Process
  private let status = Mutex<Int32?>(nil)
  private let outputPath: String
  private let errorPath: String

  /// Its output goes to two files in `folder`, so that nothing blocks when nobody reads.
  init(_ name: String, _ arguments: [String], in folder: String) throws {
    guard let path = Surroundings.path(of: name) else { throw NotFound(name: name) }
    let stem = folder + "/.program-" + UUID().uuidString
    outputPath = stem + ".out"
    errorPath = stem + ".err"
    process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.file(outputPath)
    process.standardError = try Self.file(errorPath)
    process.terminationHandler = { [weak self] ended in self?.status.withLock { $0 = ended.terminationStatus }
    }
    try process.run()
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  private static func file(_ path: String) throws -> FileHandle {
    try Data().write(to: URL(filePath: path))
    return try FileHandle(forWritingTo: URL(filePath: path))
  }

  var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }
  var errors: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }

  /// Waits for its end.
  func exit(within limit: Duration) async throws -> Int32 {
    try await eventually("\(process.executableURL?.path ?? "") has ended", within: limit) {
      status.withLock { $0 }
    }
  }

  /// Asks it to end, and waits until it has.
  func end() async {
    if process.isRunning { process.terminate() }
    if (try? await exit(within: .seconds(300))) == nil { kill(process.processIdentifier, SIGKILL) }
  }

  struct Failed: Error, CustomStringConvertible {
    var description: String
  }

  /// Runs a program to its end; what it printed. Throws with its last words where it ends other than with 0.
  static func run(_ name: String, _ arguments: [String], in folder: String) async throws -> String {
    let program = try Program(name, arguments, in: folder)
    guard try await program.exit(within: .seconds(300)) == 0 else {
      throw Failed(description: "\(name): \(program.errors.suffix(2000))")
    }
    return program.output
  }
}
