import Foundation
import Synchronization

/// A program that a test started; it is ended with the last reference at the latest.
final class Program: Sendable {
  private let process: Process
  private let status = Mutex<(code: Int32, isSignal: Bool)?>(nil)
  private let errorPath: String

  init(_ path: String, _ arguments: [String], in folder: String) throws {
    errorPath = folder + "/.program-" + UUID().uuidString
    process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try Data().write(to: URL(filePath: errorPath))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: errorPath))
    process.terminationHandler = { [weak self] ended in
      self?.status.withLock { $0 = (ended.terminationStatus, ended.terminationReason == .uncaughtSignal) }
    }
    try process.run()
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  /// The last of what it wrote on standard error.
  var errors: String {
    String(((try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "").suffix(3_000))
  }

  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Waits for its end; the exit code, or the negative signal.
  func exit(within limit: Duration = .seconds(30)) async throws -> Int32 {
    try await eventually("the program has ended", within: limit) {
      status.withLock { $0.map { $0.isSignal ? -$0.code : $0.code } }
    }
  }

  /// Asks it to end, and waits until it has.
  func end() async {
    if process.isRunning { process.terminate() }
    if (try? await exit(within: .seconds(15))) == nil { kill(process.processIdentifier, SIGKILL) }
  }

  /// A program of the package, which stands beside this one.
  static func sibling(_ name: String) -> String {
    URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path + "/" + name
  }
}

enum Surroundings {
  private static let environment = ProcessInfo.processInfo.environment
  /// How long a campaign of kills goes on, in seconds: ten minutes where all is run at full length.
  static let campaignSeconds = environment["CDB_SOAK"] == nil ? 60.0 : 600.0
  static let isCI = environment["CI"] == "true"
  static let python = environment["CDB_TEST_PYTHON"] ?? "python3"

  /// The folder that this package is checked out into.
  static let repository = (0..<4).reduce(URL(filePath: #filePath).resolvingSymlinksInPath()) { path, _ in
    path.deletingLastPathComponent()
  }
}
