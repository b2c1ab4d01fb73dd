import Foundation
import Testing

/// What these tests find around them.
enum Surroundings {
  private static let environment = ProcessInfo.processInfo.environment
  /// In continuous integration nothing may be missing: what would be skipped elsewhere fails there.
  static let isCI = environment["CI"] == "true"
  static let python = environment["CDB_TEST_PYTHON"] ?? "python3"

  /// The folder that this package is checked out into.
  static let repository = URL(filePath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// Where metrics.proto and what is made of it are.
  static let messages = repository + "/Sources/CMetricsProtobuf"

  static func path(of program: String) -> String? {
    let folders = (environment["PATH"] ?? "/usr/bin").split(separator: ":")
    return program.contains("/")
      ? program
      : folders.map { "\($0)/\(program)" }.first(where: FileManager.default.isExecutableFile(atPath:))
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips where a program is missing; in continuous integration it runs, and fails.
  static func needs(_ program: String, of package: String) -> Self {
    .enabled("needs \(program), of the Debian package \(package)") {
      Surroundings.path(of: program) != nil || Surroundings.isCI
    }
  }

  static func needsPython(_ module: String) -> Self {
    .enabled("needs a Python with \(module); name it with CDB_TEST_PYTHON") {
      if Surroundings.isCI { return true }
      return try await withTemporaryDirectory { folder in
        let python = try Program(Surroundings.python, ["-c", "import \(module)"], in: folder)
        return try await python.exit(within: .seconds(300)) == 0
      }
    }
  }
}

/// Runs `body` with an empty folder of its own, which is gone afterwards.
func withTemporaryDirectory<Result>(
  isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> Result
) async throws -> Result {
  let path = FileManager.default.temporaryDirectory.path + "/openmetrics-acceptance-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(path)
}

/// A condition did not come true in time.
struct DeadlinePassed: Error, CustomStringConvertible {
  var description: String
}

/// Looks again and again until `condition` gives something, or `limit` is over. An error of it is a reason to look again.
func eventually<Result: Sendable>(
  _ what: String, within limit: Duration, isolation: isolated (any Actor)? = #isolation,
  _ condition: () async throws -> Result?
) async throws -> Result {
  let deadline = ContinuousClock.now + limit
  var lastError: (any Error)?
  while ContinuousClock.now < deadline {
    do {
      if let found = try await condition() { return found }
      lastError = nil
    } catch {
      lastError = error
    }
    try await Task.sleep(for: .milliseconds(50))
  }
  throw DeadlinePassed(
    description: "after \(limit) still not: \(what)" + (lastError.map { "; last: \($0)" } ?? ""))
}
