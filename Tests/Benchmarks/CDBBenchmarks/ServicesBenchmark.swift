import Foundation
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

  let paths: [String]
  let loops: Int
  let framesAPass: Int

  /// - Returns: nil where a server or the binary is missing, after saying so.
  func run() async throws -> Result? {
    try await ServiceSet.withServers { binary, redis, postgres in
      let appends = try Self.appendRate(redis.port)
      let clock = ContinuousClock()
      let start = clock.now
      let services = try ServiceSet(
        binary, redis, postgres,
        settings: [
          "feed.source=replay:" + paths.joined(separator: ","), "feed.speed=max", "feed.loops=\(loops)",
        ])
      defer { services.end() }
      while try !services.areDone() { try await clock.sleep(for: .milliseconds(5)) }
      return Result(
        frames: framesAPass * loops, seconds: (clock.now - start) / .seconds(1), appendRate: appends)
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
      throw ServiceSet.Failure(description: "redis-benchmark said \(output.prefix(300))")
    }
    return rate
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
