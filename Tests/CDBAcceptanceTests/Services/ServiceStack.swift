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
    /// The steps are counted only while this file is there, and what has died is started again once it is gone; nil for always,
    /// and at once.
    var armedBy: String?
  }

  struct Unexpected: Error, CustomStringConvertible {
    var description: String
  }

  let folder: String
  /// The processes that are kept running: the stages, and where core is shared its instances, `core` and `core-1`….
  let instances: [String]
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
    var retired: Set<String> = []
  }
  private let state = Mutex(State())

  /// - Parameters:
  ///   - settings: of all services, by key.
  ///   - own: of single ones, by stage.
  ///   - shares: the partitions of each instance of core; empty for one that has all.
  init(
    in folder: String, redis: RedisServer, settings: [String: String], own: [String: [String: String]] = [:],
    shares: [String] = []
  ) throws {
    var own = own
    var cores: [String] = []
    for (index, share) in shares.enumerated() {
      cores.append(index == 0 ? "core" : "core-\(index)")
      own[cores[index], default: [:]]["core.partitions"] = share
    }
    self.own = own
    let instances = Self.stages.flatMap { $0 == "core" && !cores.isEmpty ? cores : [$0] }
    self.instances = instances
    self.redis = redis
    self.folder = folder
    var ports: [String: UInt16] = [:]
    for instance in instances { ports[instance] = try FreePort.next() }
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
  /// - Parameters:
  ///   - crashes: by stage, what it dies of, one after the other.
  ///   - limit: for all of it; only for what hangs, however slow the machine is.
  func run(_ crashes: [String: [Crash]] = [:], within limit: Duration = .seconds(900)) async throws {
    let deadline = ContinuousClock.now + limit
    try await withThrowingTaskGroup(of: Void.self) { group in
      for instance in instances {
        group.addTask { try await self.supervise(instance, crashes[instance] ?? [], deadline) }
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
        try await disarmed(crash, stage, deadline)
      case .signal(SIGKILL):
        let isRetired = state.withLock { state in
          state.kills["\(stage) from outside", default: 0] += 1
          return state.retired.contains(stage)
        }
        if isRetired { return }
      case .code(3):
        state.withLock { $0.startedAnew += 1 }
      default: throw Unexpected(description: "\(stage) ended with \(exit): \(child.errors.suffix(800))")
      }
    }
  }

  /// Waits until what armed a crash is gone.
  private func disarmed(_ crash: Crash?, _ stage: String, _ deadline: ContinuousClock.Instant) async throws {
    guard let file = crash?.armedBy else { return }
    while FileManager.default.fileExists(atPath: file) {
      guard ContinuousClock.now < deadline else {
        throw Unexpected(description: "\(stage) died and was not to be started again: \(file) is there")
      }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  /// What the streams hold, for whoever reads why a test failed.
  func streams() async -> String {
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

  /// Kills a process for good: it is not started again.
  func retire(_ instance: String) {
    state.withLock { state in
      state.retired.insert(instance)
      _ = state.running[instance]?.send(SIGKILL)
    }
  }

  /// Starts another instance of a stage beside the one that runs; it listens at `port`.
  ///
  /// - Parameters:
  ///   - other: settings that the first has not.
  ///   - name: what it is called beside the stage.
  @discardableResult
  func startSecond(
    _ stage: String, at port: UInt16, with other: [String: String] = [:], as name: String = "the second"
  ) throws -> ChildProcess {
    let child = try start(stage, nil, port: port, with: other)
    state.withLock { $0.running[stage + ", " + name] = child }
    return child
  }

  /// Starts the gate service for these stages, and gives what asks it.
  ///
  /// - Parameters:
  ///   - seen: by stage, the port that the gate asks instead of the stage's own.
  ///   - others: ports of further instances of core.
  func startGate(seeing seen: [String: UInt16] = [:], and others: [UInt16] = []) throws -> LiveRun {
    var gate = try LiveRun(in: folder, dataDirectory: folder + "/data")
    gate.options = settings.sorted { $0.key < $1.key }.flatMap { ["--set", "\($0.key)=\($0.value)"] }
    for stage in Self.stages {
      let own = instances.filter { Self.stage(of: $0) == stage }.compactMap { seen[$0] ?? ports[$0] }
      let addresses = (own + (stage == "core" ? others : [])).map { "127.0.0.1:\($0)" }
      gate.options += ["--set", "services.\(stage)=" + addresses.joined(separator: ",")]
    }
    let child = try ChildProcess(
      Surroundings.binary, ["gate", "serve", "--listen", "127.0.0.1:\(gate.port)"] + gate.options, in: folder)
    state.withLock { $0.running["gate"] = child }
    return gate
  }

  /// The stage that an instance runs.
  private static func stage(of instance: String) -> String { String(instance.prefix { $0 != "-" }) }

  private func start(
    _ instance: String, _ crash: Crash?, port: UInt16? = nil, with other: [String: String] = [:]
  ) throws -> ChildProcess {
    var settings = settings.merging(own[instance] ?? [:]) { $1 }.merging(other) { $1 }
    settings["http.listen"] = "127.0.0.1:\(port ?? ports[instance] ?? 0)"
    let stage = Self.stage(of: instance)
    let assignments = settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    if let crash {
      return try ChildProcess(
        Surroundings.products + "/StageCrashChild", [stage, crash.step, "\(crash.count)"] + assignments,
        in: folder, environment: crash.armedBy.map { ["STAGE_CRASH_ARMED": $0] } ?? [:])
    }
    return try ChildProcess(
      Surroundings.binary,
      [stage == "db_writer" ? "db-writer" : stage] + assignments.flatMap { ["--set", $0] }, in: folder)
  }
}
