import Foundation
import Glibc
import LoopbackPorts
import RedisServerFixture
import RedisTransport
import Testing

/// A service that cannot work yet says what it waits for, and ends as soon as it is told to.
@Suite(
  "Services that wait", .enabled(if: RedisServer.isExpected, "\(RedisServer.missing)"), .twoAtATime)
struct WaitingServiceTests {
  private func core(bus port: Int, in folder: String, _ name: String) throws -> ChildProcess {
    try ChildProcess(
      Surroundings.binary,
      [
        "core", "--bus", "redis://127.0.0.1:\(port)", "--listen", "127.0.0.1:\(FreePort.next())",
        "--data-dir",
        "\(folder)/\(name)",
      ], in: folder)
  }

  private func says(_ child: ChildProcess, _ words: String) async throws {
    _ = try await eventually("it says \(words); \(child.errors.suffix(600))") {
      child.errors.split(separator: "\n").contains { $0.hasPrefix("cdb: ") && $0.contains(words) }.found
    }
  }

  /// Ends it by a signal; within the time in which a service manager grows impatient.
  private func ends(_ child: ChildProcess, by signal: Int32, with code: Int32) async throws {
    let watch = PromiseWatch()
    #expect(child.send(signal))
    #expect(try await child.exit() == .code(code), "\(child.errors.suffix(600))")
    let took = watch.elapsed
    #expect(took < .seconds(2), "\(took)")
  }

  @Test(
    "a second instance says that it stands by, in a line and in the log, and ends with 0",
    arguments: [SIGTERM, SIGINT])
  func standBy(signal: Int32) async throws {
    try await withTemporaryDirectory { folder in
      try await RedisServer.run { redis in
        let first = try core(bus: redis.port, in: folder, "first")
        try await says(first, "core waits: waiting for ws")
        let second = try core(bus: redis.port, in: folder, "second")
        try await says(second, "core stands by: ")
        _ = try await eventually("the log has it") {
          second.errors.split(separator: "\n").contains {
            $0.hasPrefix("{") && $0.contains(#""event.action":"stand_by""#)
          }.found
        }
        try await ends(second, by: signal, with: 0)
        try await ends(first, by: signal, with: 0)
      }
    }
  }

  @Test(
    "without its bus it says so, in a line and in the log, and ends with 3", arguments: [SIGTERM, SIGINT])
  func noBus(signal: Int32) async throws {
    try await withTemporaryDirectory { folder in
      let child = try core(bus: Int(FreePort.next()), in: folder, "data")
      try await says(child, "core waits: Redis at 127.0.0.1:")
      #expect(child.errors.contains(#""event.reason":"bus_failed""#))
      // Long enough for the pauses between attempts to grow.
      try await Task.sleep(for: .seconds(4))
      try await ends(child, by: signal, with: 3)
      let told = child.errors.split(separator: "\n").filter { !$0.hasPrefix("{") }
      #expect(told.count == 2 && told.last?.contains("it ends without its bus") == true, "\(told)")
    }
  }

  @Test(
    "a password that the bus does not know, or that it wants, is said in a line by its key, and it ends with 2"
  )
  func refused() async throws {
    var probe = RedisOptions()
    probe.credential = RedisCredential(password: "bus s3cret")
    try await withTemporaryDirectory { folder in
      let wrong = try ServiceStack.secret("wr0ng", in: folder, "password")
      try await RedisServer.run(["--requirepass", "bus s3cret"], probe: probe) { redis in
        for (options, key) in [
          ([], "bus.password_file"), (["--set", "bus.password_file=\(wrong)"], "bus.password or bus.user"),
        ] {
          let finished = try await CDB.run(
            [
              "core", "--bus", "redis://127.0.0.1:\(redis.port)", "--listen",
              "127.0.0.1:\(FreePort.next())", "--data-dir", "data",
            ] + options, in: folder)
          #expect(finished.exit == .code(2), "\(finished.told)")
          #expect(finished.told.count == 1 && finished.told[0].contains(key), "\(finished.told)")
          #expect(!finished.errors.contains("wr0ng"), "\(finished.told)")
        }
      }
    }
  }

  @Test("db-writer says that it was not told its store")
  func noStore() async throws {
    try await withTemporaryDirectory { folder in
      let finished = try await CDB.run(
        ["db-writer", "--listen", "127.0.0.1:\(FreePort.next())", "--data-dir", "data"], in: folder)
      #expect(finished.exit == .code(2))
      #expect(
        finished.told.count == 1 && finished.told[0].contains("store.url is missing"), "\(finished.told)")
      #expect(!FileManager.default.fileExists(atPath: folder + "/data"))
    }
  }
}
