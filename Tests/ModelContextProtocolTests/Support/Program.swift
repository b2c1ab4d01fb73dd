import Foundation
import ProgramFixture
import Synchronization
import Testing

/// How a program ended, and what it wrote.
struct Ended: Sendable {
  /// The exit code, or the negative signal.
  var status: Int32
  var output: String
  var errors: String

  /// Runs a program with a file as its input, and waits for its end.
  static func running(
    _ path: String, _ arguments: [String], input: [UInt8] = [], in folder: String
  ) async throws -> Ended {
    let name = folder + "/" + UUID().uuidString
    try Data(input).write(to: URL(filePath: name + ".in"))
    for end in [".out", ".err"] { try Data().write(to: URL(filePath: name + end)) }
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    process.standardInput = try FileHandle(forReadingFrom: URL(filePath: name + ".in"))
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: name + ".out"))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: name + ".err"))
    let status = Mutex<Int32?>(nil)
    process.terminationHandler = { ended in
      status.withLock {
        $0 = ended.terminationReason == .exit ? ended.terminationStatus : -ended.terminationStatus
      }
    }
    try process.run()
    defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
    let ended = try await eventually("\(path) has ended", within: .seconds(180)) { status.withLock { $0 } }
    return Ended(
      status: ended,
      output: String(decoding: try Data(contentsOf: URL(filePath: name + ".out")), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: URL(filePath: name + ".err")), as: UTF8.self))
  }
}

/// What the tests of the wire need around them.
enum Around {
  static let schemas = Surroundings.repository.appending(path: "../shared/data/mcp").standardizedFileURL.path
  static let scripts = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Scripts").path
  static var server: String { Program.sibling("MCPEverythingServer") }

  /// The interpreter of the tests, with its whole path.
  static let python: String = {
    let name = Surroundings.python
    if name.contains("/") { return name }
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) } ?? name
  }()

  static func hasPython(_ module: String) async -> Bool {
    let ended = try? await withTemporaryDirectory { folder in
      try await Ended.running(python, ["-c", "import \(module)"], in: folder)
    }
    return ended?.status == 0
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips with a message where it is missing; in continuous integration it runs, and fails.
  static var needsSchemas: Self {
    .enabled("needs the wire schemas in ../shared/data/mcp") {
      FileManager.default.fileExists(atPath: Around.schemas + "/schema-2026-07-28.json") || Surroundings.isCI
    }
  }

  static func needsPython(_ module: String) -> Self {
    .enabled("needs a Python with \(module); name it with CDB_TEST_PYTHON") {
      await Around.hasPython(module) || Surroundings.isCI
    }
  }
}
