import Logging
import RemoteWrite
import ServiceLifecycle
import ServiceRuntime
import Synchronization
import UnixSignals

/// Reads the bridge's configuration again where somebody asks for it: a signal, or a caller over HTTP.
struct BridgeReload: Sendable {
  /// What came of it.
  struct Answer: Codable, Sendable {
    var jobs: Int
    var endpoints: Int
    /// What of the file is not supported.
    var notices: [String]
  }

  /// The last time, as metrics have it.
  struct Outcome: Sendable {
    /// Milliseconds since the epoch; of the last one that went well, the start included.
    var lastSuccess: Int64
    /// Nil where the last one went well.
    var lastError: String?
  }

  private final class State: Sendable {
    let outcome: Mutex<Outcome>
    init(_ outcome: Outcome) { self.outcome = Mutex(outcome) }
  }

  let path: String
  private let bridge: Bridge
  private let logger: Logger
  private let now: @Sendable () -> Int64
  private let state: State

  /// - Parameters:
  ///   - path: of the file that the bridge was started with.
  ///   - now: milliseconds since the epoch.
  init(path: String, bridge: Bridge, logger: Logger, now: @escaping @Sendable () -> Int64) {
    self.path = path
    self.bridge = bridge
    self.logger = logger
    self.now = now
    state = State(Outcome(lastSuccess: now()))
  }

  var outcome: Outcome { state.outcome.withLock { $0 } }

  /// Reads the file and goes on with what it says; where it cannot be used, with what there was.
  ///
  /// - Parameter caller: who asked, for the log.
  func run(caller: String) async throws(OperationError) -> Answer {
    do {
      let plan = try PrometheusConfiguration(path: path)
      try await bridge.reload(plan)
      state.outcome.withLock { $0 = Outcome(lastSuccess: now()) }
      for notice in plan.notices { logger.warning("\(path): \(notice)") }
      logger.info(
        "goes on with the configuration as it is now: \(plan.summary)",
        metadata: ["event.action": "reload", "event.outcome": "success", "caller": "\(caller)"])
      return Answer(
        jobs: plan.jobs.count, endpoints: plan.endpoints.count, notices: plan.notices.map(\.description))
    } catch {
      state.outcome.withLock { $0.lastError = "\(error)" }
      logger.error(
        "goes on with the configuration as it was: \(error)",
        metadata: ["event.action": "reload", "event.outcome": "failure", "caller": "\(caller)"])
      if error is Bridge.NotRunning { throw .unavailable("\(error)") }
      throw .conflict("the configuration stays as it was: \(error)")
    }
  }

  /// `POST /-/reload`, as Prometheus has it; the operation `reload` is the same.
  var route: EndpointRoute {
    EndpointRoute("POST", "/-/reload", access: .token, isDoneLate: false) { request in
      .json(200, try await run(caller: "http"))
    }
  }

  var operation: AnyOperation {
    AnyOperation(
      Operation<NoInput, Answer>(
        name: "reload",
        summary: "Reads the configuration again; where it cannot be used, everything stays as it was.",
        effect: .change, permission: "bridge.reload"
      ) { _, context in try await run(caller: context.caller) })
  }
}

/// Reads the configuration again on SIGHUP.
struct ReloadOnSignal: Service {
  let reload: BridgeReload

  func run() async throws {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
      _ = try? await reload.run(caller: "SIGHUP")
    }
  }
}
