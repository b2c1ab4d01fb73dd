import Logging
import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Runs services until they are done or told to stop, and stops them within a deadline.
///
/// The first SIGTERM or SIGINT starts the drain: every service is told to finish what it has taken on,
/// last started first. A second signal ends the process at once with 128 and the signal's number; a drain that
/// misses the deadline ends it with 70. A service that returns or throws drains the others likewise.
public struct ServiceRunner: Sendable {
  private let services: [any Service]
  private let drainDeadline: Duration
  private let signals: [UnixSignal]
  private let logger: Logger
  private let onDrain: @Sendable () -> Void
  private let terminate: @Sendable (Int32, String) -> Void

  /// - Parameters:
  ///   - services: started in this order, drained in reverse.
  ///   - drainDeadline: from the first signal to the hard end.
  ///   - signals: what starts the drain; none leaves the process's signals alone.
  ///   - logger: hears of the start and the end of the drain.
  ///   - onDrain: called once, when the drain starts because of a signal.
  ///   - terminate: ends the process at once; gets the exit code and the reason. The default writes the reason
  ///     to standard error and calls `_exit`, which runs no exit handlers: they may be what is stuck.
  public init(
    services: [any Service], drainDeadline: Duration = .seconds(5),
    signals: [UnixSignal] = [.sigterm, .sigint],
    logger: Logger, onDrain: @escaping @Sendable () -> Void = {},
    terminate: @escaping @Sendable (Int32, String) -> Void = ServiceRunner.endProcess
  ) {
    self.services = services
    self.drainDeadline = drainDeadline
    self.signals = signals
    self.logger = logger
    self.onDrain = onDrain
    self.terminate = terminate
  }

  /// Runs until everything has stopped. The process may then have as many files open as the system allows it.
  public func run() async -> ServiceExit {
    OpenFiles.raiseLimit()
    let watchdog = DrainWatchdog(deadline: drainDeadline) { [terminate, drainDeadline] in
      terminate(
        ExitCode.softwareError,
        "services did not stop within \(DurationText.render(drainDeadline)); ending the process")
    }
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services.map {
          ServiceGroupConfiguration.ServiceConfiguration(
            service: WatchedService(service: $0, watchdog: watchdog),
            successTerminationBehavior: .gracefullyShutdownGroup,
            failureTerminationBehavior: .gracefullyShutdownGroup,
            serviceName: String(describing: type(of: $0)))
        }, logger: logger))
    let termination = TerminationSignals()
    await termination.start(signals) { [logger, onDrain, terminate] signal, earlier in
      guard earlier == 0 else {
        return terminate(ExitCode.signal(signal.rawValue), "second signal (\(signal)); ending the process")
      }
      watchdog.arm()
      logger.info("draining", metadata: ["signal": "\(signal)"])
      onDrain()
      Task { await group.triggerGracefulShutdown() }
    }
    defer {
      watchdog.disarm()
      termination.cancel()
    }
    do {
      try await group.run()
      logger.info("drained")
      return .drained
    } catch {
      logger.error("a service failed", metadata: ["error": "\(error)"])
      return .failed(error)
    }
  }

  /// The last part of the path that the program was started by.
  private static var programName: String {
    String(CommandLine.arguments.first?.split(separator: "/").last ?? "service")
  }

  /// Writes `reason` as one line, with the program's name before it, to standard error and ends the process with
  /// `code`, without exit handlers.
  public static func endProcess(_ code: Int32, _ reason: String) {
    let line = Array("\(programName): \(reason)\n".utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    _exit(code)
  }
}

/// Arms the watchdog as soon as a service ends by itself, for then the group drains.
private struct WatchedService: Service {
  let service: any Service
  let watchdog: DrainWatchdog

  func run() async throws {
    defer { watchdog.arm() }
    try await service.run()
  }
}
