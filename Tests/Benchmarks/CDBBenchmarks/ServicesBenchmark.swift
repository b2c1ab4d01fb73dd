import CDBDomain
import Foundation
import PostgresTesting
import RedisServerFixture

/// Frames a second through five services over Redis and PostgreSQL on this machine, servers included, beside what
/// redis-benchmark appends with the same server: the limit of the way that an event takes alone.
struct ServicesBenchmark {
  struct Result {
    var frames: Int
    var seconds: Double
    /// `XADD`s a second of one client with a hundred commands under way.
    var appendRate: Double
    var rate: Double { Double(frames) / seconds }
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  let paths: [String]
  let loops: Int
  let framesAPass: Int

  /// - Returns: nil where a server or the binary is missing, after saying so.
  func run() async throws -> Result? {
    let binary = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path + "/cdb"
    guard FileManager.default.isExecutableFile(atPath: binary) else {
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
        let appends = try Self.appendRate(redis.port)
        let seconds = try await through(binary, redis, postgres)
        return Result(frames: framesAPass * loops, seconds: seconds, appendRate: appends)
      }
      await postgres.remove()
      return result
    } catch {
      await postgres.remove()
      throw error
    }
  }

  private static func appendRate(_ port: Int) throws -> Double {
    let output = try text(
      "/usr/bin/env",
      [
        "redis-benchmark", "-p", "\(port)", "-P", "100", "-c", "1", "-n", "1000000", "--csv", "XADD", "bench",
        "*",
        "b", "0123456789",
      ])
    // "name","rps",… under a line of headings.
    let cells =
      output.split(separator: "\n").last?.split(separator: ",").map { $0.filter { $0 != "\"" } } ?? []
    guard cells.count > 1, let rate = Double(cells[1]) else {
      throw Failure(description: "redis-benchmark said \(output.prefix(300))")
    }
    return rate
  }

  private func through(_ binary: String, _ redis: RedisServer, _ postgres: PostgresServer) async throws
    -> Double
  {
    let folder = FileManager.default.temporaryDirectory.path + "/cdb-services-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try postgres.url().write(toFile: folder + "/url", atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder + "/url")
    let clock = ContinuousClock()
    let start = clock.now
    var services: [(StageName, Process)] = []
    defer { for (_, service) in services where service.isRunning { service.terminate() } }
    for stage in [StageName.dbWriter, .execution, .risk, .core, .ws] {
      let service = Process()
      service.executableURL = URL(filePath: binary)
      service.arguments =
        [stage == .dbWriter ? "db-writer" : stage.rawValue, "--data-dir", folder, "--listen", "127.0.0.1:0"]
        + [
          "bus.url=redis://127.0.0.1:\(redis.port)", "store.url_file=\(folder)/url",
          "feed.source=replay:" + paths.joined(separator: ","), "feed.speed=max", "feed.loops=\(loops)",
          "log.stderr=never",
        ].flatMap { ["--set", $0] }
      service.standardOutput = FileHandle.nullDevice
      service.standardError = FileHandle.nullDevice
      try service.run()
      services.append((stage, service))
    }
    for (stage, service) in services.reversed() {
      service.waitUntilExit()
      guard service.terminationStatus == 0 else {
        throw Failure(description: "\(stage.rawValue) ended with \(service.terminationStatus)")
      }
    }
    return (clock.now - start) / .seconds(1)
  }

  private static func text(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
