import Foundation
import Glibc
import LoopbackPorts
import PostgresTesting
import RedisServerFixture
import RedisTransport
import Synchronization
import Testing

/// The stages as services over a Redis and a store, started again whenever one ends before its work is done, as a container
/// engine or systemd would.
final class ServiceStack: Sendable {
  static let stages = ["ws", "core", "risk", "execution", "db_writer"]

  /// An end that a stage makes for itself when it comes to a step for the n-th time.
  struct Crash: Sendable, Hashable {
    var step: String
    var count: Int
  }

  struct Unexpected: Error, CustomStringConvertible {
    var description: String
  }

  let folder: String
  let ports: [String: UInt16]
  private let redis: RedisServer
  private let settings: [String: String]
  /// By stage, what it has otherwise than the others.
  private let own: [String: [String: String]]
  private struct State: Sendable {
    var running: [String: ChildProcess] = [:]
    var kills: [String: Int] = [:]
    var startedAnew = 0
    var finished: Set<String> = []
  }
  private let state = Mutex(State())

  /// - Parameters:
  ///   - settings: of all services, by key.
  ///   - own: of single ones, by stage.
  init(
    in folder: String, redis: RedisServer, settings: [String: String], own: [String: [String: String]] = [:]
  ) throws {
    self.own = own
    self.redis = redis
    self.folder = folder
    var ports: [String: UInt16] = [:]
    for stage in Self.stages { ports[stage] = try FreePort.next() }
    self.ports = ports
    self.settings = [
      "bus.url": "redis://127.0.0.1:\(redis.port)", "bus.lease": "1s", "data_dir": folder + "/data",
      "log.stderr": "never",
    ].merging(settings) { $1 }
  }

  /// Writes what nobody else may read; gives the file's path.
  static func secret(_ text: String, in folder: String, _ name: String = "url") throws -> String {
    let path = folder + "/" + name
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    guard chmod(path, 0o600) == 0 else { throw Unexpected(description: "chmod \(path): \(errno)") }
    return path
  }

  /// How often a step was the last thing that a stage did, by `stage step`.
  var kills: [String: Int] { state.withLock { $0.kills } }
  /// How often a stage could not go on, and was started anew.
  var startedAnew: Int { state.withLock { $0.startedAnew } }
  func running(_ stage: String) -> ChildProcess? { state.withLock { $0.running[stage] } }

  /// Runs all stages until each has come to the end of its input.
  ///
  /// - Parameter crashes: by stage, what it dies of, one after the other.
  func run(_ crashes: [String: [Crash]] = [:], within limit: Duration) async throws {
    let deadline = ContinuousClock.now + limit
    try await withThrowingTaskGroup(of: Void.self) { group in
      for stage in Self.stages {
        group.addTask { try await self.supervise(stage, crashes[stage] ?? [], deadline) }
      }
      do {
        try await group.waitForAll()
      } catch {
        group.cancelAll()
        await end()
        throw error
      }
    }
  }

  /// Ends all that still run, at once.
  func end() async {
    let running = state.withLock { Array($0.running.values) }
    for child in running { await child.end() }
  }

  private func supervise(
    _ stage: String, _ crashes: [Crash], _ deadline: ContinuousClock.Instant
  ) async throws {
    var crashes = crashes[...]
    while true {
      try Task.checkCancellation()
      let crash = crashes.first
      let child = try start(stage, crash)
      state.withLock { $0.running[stage] = child }
      let exit: ChildProcess.Exit
      do {
        exit = try await child.exit(within: deadline - ContinuousClock.now)
      } catch {
        await child.end()
        let finished = state.withLock { $0.finished.sorted() }
        throw Unexpected(description: "\(stage): \(error); finished: \(finished); \(await streams())")
      }
      switch exit {
      case .code(0):
        guard crash == nil else {
          throw Unexpected(description: "\(stage) came to the end before it died of \(crashes)")
        }
        state.withLock { _ = $0.finished.insert(stage) }
        return
      case .signal(SIGKILL) where crash != nil:
        state.withLock { $0.kills["\(stage) \(crash?.step ?? "")", default: 0] += 1 }
        crashes.removeFirst()
      case .signal(SIGKILL):
        state.withLock { $0.kills["\(stage) from outside", default: 0] += 1 }
      case .code(3):
        state.withLock { $0.startedAnew += 1 }
      default: throw Unexpected(description: "\(stage) ended with \(exit): \(child.errors.suffix(800))")
      }
    }
  }

  /// What the streams hold, for whoever reads why a test failed.
  private func streams() async -> String {
    var told: [String] = []
    for stream in [
      "market_data:0", "market_data:1", "signals:0", "signals:1", "orders:0", "feedback:0", "order_results:0",
    ] {
      let key = "cdb:{\(stream)}"
      let length = try? await redis.ask("XLEN", key).integer
      let last = try? await redis.ask("XREVRANGE", key, "+", "-", "COUNT", "1").array?.first?.array?.first?
        .text
      let covered = try? await redis.ask("GET", key + ":covered").text
      told.append("\(stream): \(length ?? -1) entries to \(last ?? "?"), covered to \(covered ?? "?")")
    }
    return told.joined(separator: "; ")
  }

  /// Starts a stage, and leaves it to the caller.
  @discardableResult
  func start(_ stage: String) throws -> ChildProcess {
    let child = try start(stage, nil)
    state.withLock { $0.running[stage] = child }
    return child
  }

  /// Starts another instance of a stage beside the one that runs; it listens at `port`.
  func startSecond(_ stage: String, at port: UInt16) throws -> ChildProcess {
    let child = try start(stage, nil, port: port)
    state.withLock { $0.running[stage + ", the second"] = child }
    return child
  }

  /// Starts the gate service for these stages, and gives what asks it.
  ///
  /// - Parameter seen: by stage, the port that the gate asks instead of the stage's own.
  func startGate(seeing seen: [String: UInt16] = [:]) throws -> LiveRun {
    var gate = try LiveRun(in: folder, dataDirectory: folder + "/data")
    gate.options = settings.sorted { $0.key < $1.key }.flatMap { ["--set", "\($0.key)=\($0.value)"] }
    for (stage, port) in ports {
      gate.options += ["--set", "services.\(stage)=127.0.0.1:\(seen[stage] ?? port)"]
    }
    let child = try ChildProcess(
      Surroundings.binary, ["gate", "serve", "--listen", "127.0.0.1:\(gate.port)"] + gate.options, in: folder)
    state.withLock { $0.running["gate"] = child }
    return gate
  }

  private func start(_ stage: String, _ crash: Crash?, port: UInt16? = nil) throws -> ChildProcess {
    var settings = settings.merging(own[stage] ?? [:]) { $1 }
    settings["http.listen"] = "127.0.0.1:\(port ?? ports[stage] ?? 0)"
    let assignments = settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    if let crash {
      return try ChildProcess(
        Surroundings.products + "/StageCrashChild", [stage, crash.step, "\(crash.count)"] + assignments,
        in: folder)
    }
    return try ChildProcess(
      Surroundings.binary,
      [stage == "db_writer" ? "db-writer" : stage] + assignments.flatMap { ["--set", $0] }, in: folder)
  }
}
