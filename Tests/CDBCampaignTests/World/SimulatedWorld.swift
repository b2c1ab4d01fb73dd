import CDBDomain
import Foundation
import Synchronization

@testable import CDBGate
@testable import CDBPipeline

/// How a world is made.
struct WorldSettings {
  var seed: UInt64
  var profile: MarketSimulator.Profile
  /// Nanoseconds that pass at once, and between two looks for an answer.
  var step: Int64 = 250_000_000
  var look: Int64 = 500_000_000
  var barrierInterval: UInt64 = 5_000_000_000
  var policy = GatePolicy()
  var thresholds = DiagnosisThresholds()
  /// Of each edge between stages, events.
  var capacity = 4_096
  /// Sees every answer as it is found, and those that have begun to hold.
  var observer: (Diagnosis, [Answer], SimulatedProcess) -> Void = { _, _, _ in }
}

/// What is wrong inside the machine; what is wrong with the feed is ``SimulatedExchange/Faults``.
struct WorldFaults: Hashable {
  var stalled: Set<StageName> = []
  /// The stage on whose way in a batch gets lost, once.
  var losing: StageName?
  var logPathIsDead = false
  var store = SimulatedStore.Condition.working
}

/// A machine with a clock, a disk and a way to an exchange, on which a process of the pipeline runs, dies and is started
/// again. Single-threaded: the same seed and the same deeds give the same world.
final class SimulatedWorld {
  let clock = SimulatedClock()
  let log: SimulatedLog
  let directory: String
  var settings: WorldSettings
  var configuration: PipelineConfiguration
  var exchange: SimulatedExchange
  var faults = WorldFaults() {
    didSet { condition.set(faults.store) }
  }
  private(set) var process: SimulatedProcess?
  private let condition = StoreCondition()

  private final class StoreCondition: Sendable {
    private let value = Mutex(SimulatedStore.Condition.working)
    func set(_ new: SimulatedStore.Condition) { value.withLock { $0 = new } }
    var now: SimulatedStore.Condition { value.withLock { $0 } }
  }

  init(directory: String, settings: WorldSettings, configuration: PipelineConfiguration) {
    self.directory = directory
    self.settings = settings
    self.configuration = configuration
    log = SimulatedLog(clock)
    exchange = SimulatedExchange(
      seed: settings.seed, instruments: configuration.instruments, profile: settings.profile)
  }

  var storePath: String { directory + "/store.sqlite" }

  func start() async throws {
    process = try await SimulatedProcess(
      directory: directory, settings: settings, configuration: configuration, clock: clock, log: log,
      condition: { [condition] in condition.now })
  }

  /// The process dies at once.
  func crash() throws {
    try process?.die()
    process = nil
  }

  /// The process ends in order.
  func end() async throws {
    try await process?.end()
    process = nil
  }

  func step() async throws {
    clock.advance(by: settings.step)
    let frames = exchange.frames(until: clock.actual, step: settings.step, wall: clock.wall)
    guard let process else { return }
    if process.connection.isStreaming { process.connection.receive(frames, elapsed: clock.elapsed) }
    try await process.step(faults, exchange: exchange)
  }

  func run(seconds: Double) async throws {
    let end = clock.elapsed + Int64(seconds * 1e9)
    while clock.elapsed < end { try await step() }
  }

  /// Runs until something is so, for no longer than that; says whether it came to be.
  func run(atMost seconds: Double, until isReached: () -> Bool) async throws -> Bool {
    let end = clock.elapsed + Int64(seconds * 1e9)
    while !isReached() {
      guard clock.elapsed < end else { return false }
      try await step()
    }
    return true
  }

  var isOpen: Bool { process?.machine.state == .open && process?.board.status().gate?.state == .open }
}
