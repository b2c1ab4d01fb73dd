import CDBDomain
import Foundation
import LoopbackPorts
import PostgresTesting
import RedisServerFixture

/// The five services as processes, over a Redis and a PostgreSQL, in a folder of their own.
struct ServiceSet {
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  let redis: RedisServer
  /// Where db_writer shows its metrics.
  let writerPort: UInt16
  private let services: [(stage: StageName, process: Process)]
  private let folder: String

  /// The optimised binary beside this program; nil where it was not built.
  static var binary: String? {
    let path = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path + "/cdb"
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }

  /// Runs `body` beside two servers that keep what they are given, and gives what it gives; nil where a server or the
  /// binary is missing, after saying so.
  static func withServers<Result>(
    _ body: (String, RedisServer, PostgresServer) async throws -> Result
  ) async throws -> Result? {
    guard let binary else {
      print("\nservices: build cdb first (swift build -c release --product cdb)")
      return nil
    }
    guard RedisServer.executable != nil else {
      print("\n\(RedisServer.missing)")
      return nil
    }
    let postgres = try await PostgresServer(["fsync=on", "shared_buffers=128MB"])
    do {
      let result = try await RedisServer.run(["--appendonly", "yes", "--appendfsync", "everysec"]) { redis in
        try await body(binary, redis, postgres)
      }
      await postgres.remove()
      return result
    } catch {
      await postgres.remove()
      throw error
    }
  }

  init(_ binary: String, _ redis: RedisServer, _ postgres: PostgresServer, settings: [String]) throws {
    self.redis = redis
    folder = FileManager.default.temporaryDirectory.path + "/cdb-services-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try postgres.url().write(toFile: folder + "/url", atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder + "/url")
    writerPort = try FreePort.next()
    var services: [(stage: StageName, process: Process)] = []
    for stage in [StageName.dbWriter, .execution, .risk, .core, .ws] {
      let service = Process()
      service.executableURL = URL(filePath: binary)
      service.arguments =
        [
          stage == .dbWriter ? "db-writer" : stage.rawValue, "--data-dir", folder, "--listen",
          "127.0.0.1:\(stage == .dbWriter ? writerPort : 0)",
        ]
        + (["bus.url=redis://127.0.0.1:\(redis.port)", "store.url_file=\(folder)/url", "log.stderr=never"]
        + settings).flatMap { ["--set", $0] }
      service.standardOutput = FileHandle.nullDevice
      service.standardError = FileHandle.nullDevice
      try service.run()
      services.append((stage, service))
    }
    self.services = services
  }

  /// Whether each service has come to the end of the recording.
  ///
  /// - Throws: ``Failure`` where one ended otherwise.
  func areDone() throws -> Bool {
    for (stage, process) in services where !process.isRunning && process.terminationStatus != 0 {
      throw Failure(description: "\(stage.rawValue) ended with \(process.terminationStatus)")
    }
    return services.allSatisfy { !$0.process.isRunning }
  }

  /// Ends what still runs, and removes the folder.
  func end() {
    for (_, process) in services where process.isRunning {
      process.terminate()
      process.waitUntilExit()
    }
    try? FileManager.default.removeItem(atPath: folder)
  }
}
