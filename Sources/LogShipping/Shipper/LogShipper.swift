import Foundation
import Logging
import TaskTiming

/// Follows log files and delivers their lines by `_bulk`; each is there once, or among the dead letters.
///
/// ```swift
/// let shipper = try LogShipper(
///   options: ShipperOptions(
///     directory: "data/ship", patterns: PathPatterns(included: ["/var/log/app/*.log*"]),
///     target: BulkTarget(urls: ["http://127.0.0.1:9200"], index: "logs-app-default")),
///   logger: logger)
/// await shipper.run()  // until stop()
/// ```
public final class LogShipper: Sendable {
  private let options: ShipperOptions
  private let client: BulkClient
  private let status: ShipperStatus
  private let clock: TaskClock
  private let loop: ShippingLoop
  private let stopping: Signal
  private let wake: Signal

  /// Takes up what the checkpoint knows; nothing is read or sent before ``run()``.
  ///
  /// - Parameter shipper: a random number, of which a new folder keeps the first one.
  /// - Throws: ``ShipperError`` where another process has the folder or its checkpoint cannot be used; an error of the disk.
  public init(
    options: ShipperOptions, clock: TaskClock = .system, logger: Logger,
    shipper: UInt64 = .random(in: 0...UInt64.max)
  ) throws {
    guard !options.target.urls.isEmpty else { throw ShipperError.server("no server is named") }
    self.options = options
    self.clock = clock
    status = ShipperStatus(logger: logger)
    client = BulkClient(target: options.target, userAgent: options.userAgent, clock: clock)
    wake = Signal()
    stopping = Signal()
    loop = try ShippingLoop(
      options: options, shipper: shipper, status: status, clock: clock, wake: wake, stopping: stopping,
      client: client)
  }

  /// How the files and the server are.
  public var statistics: ShipperStatistics { status.statistics }

  /// Ends the reading, and ``run()`` when what was read is delivered, or the time for it is over. What is not delivered then is
  /// read again after the next start.
  public func stop() {
    stopping.set()
    wake.set()
  }

  /// Reads and delivers until ``stop()``, or until the task is cancelled; once.
  public func run() async {
    await loop.run()
    client.shutdown()
  }
}
