import Foundation
import Glibc
import Testing

/// What tests find around them.
enum Surroundings {
  private static let environment = ProcessInfo.processInfo.environment
  /// In continuous integration nothing may be missing: what would be skipped elsewhere fails there.
  static let isCI = environment["CI"] == "true"
  /// Full length for what is long, with `CDB_SOAK=1`.
  static let isSoak = environment["CDB_SOAK"] == "1"
  static let isRoot = geteuid() == 0
  static let python = environment["CDB_TEST_PYTHON"] ?? "python3"

  /// The folder that this package is checked out into.
  static let repository = URL(filePath: tests).deletingLastPathComponent().deletingLastPathComponent().path

  /// The folder of the tests themselves.
  static let tests = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// `CDB_BINARY`, or the binary beside the test bundle that is running.
  static let binary: String = {
    if let path = environment["CDB_BINARY"] { return path }
    let running =
      [try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")] + CommandLine.arguments
    let folders = running.compactMap { $0 }.map { URL(filePath: $0).deletingLastPathComponent().path }
    return folders.map { $0 + "/cdb" }.first { isExecutable($0) } ?? repository + "/.build/debug/cdb"
  }()

  /// Where the fixtures' programs are: beside the test bundle that is running.
  static let products: String = {
    let running =
      [try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")] + CommandLine.arguments
    let folders = running.compactMap { $0 }.map { URL(filePath: $0).deletingLastPathComponent().path }
    return folders.first { isExecutable($0 + "/StageCrashChild") } ?? repository + "/.build/debug"
  }()

  static func isInstalled(_ program: String) -> Bool {
    (environment["PATH"] ?? "/usr/bin").split(separator: ":").contains { isExecutable("\($0)/\(program)") }
  }

  private static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }
}

extension Trait where Self == ConditionTrait {
  /// Skips with a message where `what` is missing; in continuous integration it runs, and fails.
  static func needs(_ what: Comment, where isPresent: @escaping @Sendable () async throws -> Bool) -> Self {
    .enabled(what) { try await isPresent() || Surroundings.isCI }
  }

  static var needsRecordings: Self {
    needs("needs the recordings in ../shared/data/market") { RecordedData.arePresent }
  }

  static func needsProgram(_ name: String) -> Self {
    needs("needs \(name), of the Debian package prometheus") { Surroundings.isInstalled(name) }
  }

  static var needsChromium: Self {
    needs("needs chromium, of the Debian package of that name") { Surroundings.isInstalled("chromium") }
  }

  static func needsPython(_ module: String) -> Self {
    needs("needs a Python with \(module); name it with CDB_TEST_PYTHON") { await PythonCheck.has(module) }
  }

  /// Mounting takes root.
  static var needsRoot: Self {
    .enabled(if: Surroundings.isRoot, "needs root, to mount a small file system that can be filled")
  }
}
