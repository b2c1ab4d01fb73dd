import Foundation
import HTTPTransport
import Logging
import Synchronization
import TaskTiming

/// Scrapes targets and sends what they say by remote write; what is not accepted yet is on disk.
///
/// ```swift
/// let bridge = try Bridge(
///   configuration: PrometheusConfiguration(path: "prometheus.yml"), options: BridgeOptions(directory: "data/bridge"),
///   logger: logger)
/// await bridge.run()  // until stop()
/// ```
public final class Bridge: Sendable {
  /// Something that the bridge's own task does, one after the other.
  enum Event: Sendable {
    case stop
    /// A search has found other targets than before.
    case found
    case reload(PrometheusConfiguration, CheckedContinuation<Void, any Error>)
  }

  let options: BridgeOptions
  let clock: TaskClock
  let logger: Logger
  let clients: ClientPool
  let outlet: ScrapeOutlet
  let fleet: Mutex<Fleet>
  let stopping = Signal()
  /// Takes what senders push.
  public let receiver: PushReceiver
  private let events: AsyncStream<Event>
  private let inbox: AsyncStream<Event>.Continuation

  /// Opens the queues; nothing is asked or sent before ``run()``.
  ///
  /// - Throws: ``ConfigurationFault`` where a rule makes a target that cannot be asked; an error of the disk, or that another
  ///   process has the queues.
  public init(
    configuration: PrometheusConfiguration, options: BridgeOptions, clock: TaskClock = .system,
    logger: Logger
  ) throws {
    self.options = options
    self.clock = clock
    self.logger = logger
    let clients = ClientPool()
    self.clients = clients
    (events, inbox) = AsyncStream.makeStream()
    try configuration.checkTargets()
    let senders = try configuration.endpoints.map { endpoint in
      try RunningSender(Self.sender(endpoint, options, clients, clock, logger))
    }
    outlet = ScrapeOutlet(
      ScrapeOutlet.Queues(senders.map(\.sender), externalLabels: configuration.externalLabels))
    receiver = PushReceiver(outlet: outlet, stopping: stopping, clock: clock)
    var fleet = Fleet(configuration: configuration, senders: senders)
    fleet.plan()
    for (job, found) in fleet.missing() {
      fleet.scrapers.append(
        TargetScraper(
          found, way: TargetScraper.Way(job: job, client: clients.client(for: job.access.tls)),
          outlet: outlet, after: 0, userAgent: options.userAgent, clock: clock))
    }
    self.fleet = Mutex(fleet)
  }

  static func sender(
    _ endpoint: WriteEndpoint, _ options: BridgeOptions, _ clients: ClientPool, _ clock: TaskClock,
    _ logger: Logger
  ) throws -> EndpointSender {
    try EndpointSender(
      endpoint: endpoint, directory: options.directory + "/endpoints",
      options: EndpointQueue.Options(
        maximumBytes: options.queueBytes, segmentBytes: options.segmentBytes,
        fsyncInterval: options.fsyncInterval),
      client: clients.client(for: endpoint.access.tls), userAgent: options.userAgent, clock: clock,
      logger: logger)
  }

  /// How targets and endpoints are.
  public var statistics: BridgeStatistics {
    var statistics = fleet.withLock { $0.statistics }
    statistics.received = receiver.statistics
    return statistics
  }

  /// Ends the scrapes, and ``run()`` when what waits is sent, or the time for it is over. What is not sent then stays on disk.
  public func stop() {
    stopping.set()
    inbox.yield(.stop)
  }

  /// Goes on with another configuration, and returns when it does.
  ///
  /// Targets that stay keep what is known of their series, and their instants; endpoints that stay are not disturbed. What has been
  /// scraped is lost for none of them. The series of targets that go end. An endpoint that goes is sent what waits,
  /// afterwards and within ``BridgeOptions/flushDeadline``; the rest stays on disk, for when it comes again.
  ///
  /// - Throws: as ``init(configuration:options:clock:logger:)``, and ``NotRunning``. Everything is as before then.
  public func reload(_ configuration: PrometheusConfiguration) async throws {
    try await withCheckedThrowingContinuation { continuation in
      if case .terminated = inbox.yield(.reload(configuration, continuation)) {
        continuation.resume(throwing: NotRunning())
      }
    }
  }

  /// A bridge that has ended, or is about to.
  public struct NotRunning: Error, Sendable, CustomStringConvertible {
    public var description: String { "the bridge is ending" }
  }

  /// Scrapes and sends until ``stop()``, or until the task is cancelled; once.
  public func run() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.synchronize() }
      let beginning = fleet.withLock { $0.senders }
      for sender in beginning { group.addTask { await sender.run() } }
      await work(&group)
      let senders = fleet.withLock { $0.senders }
      for sender in senders { sender.sender.draining.set() }
      let isSent = Signal()
      group.addTask {
        for sender in senders { await sender.ended.wait() }
        isSent.set()
      }
      await isSent.wait(atMost: options.flushDeadline, clock: clock)
      group.cancelAll()
    }
    for sender in fleet.withLock({ $0.senders }) { await sender.sender.close() }
    clients.shutdown()
  }

  /// Scrapes, and does what comes in, until it is stopped.
  private func work(_ senders: inout DiscardingTaskGroup) async {
    await withDiscardingTaskGroup { work in
      let beginning = fleet.withLock { ($0.scrapers, $0.searches) }
      for scraper in beginning.0 { work.addTask { await scraper.run() } }
      for search in beginning.1 { start(search, &work) }
      loop: for await event in events {
        switch event {
        case .stop: break loop
        case .found: await settle(&work)
        case .reload(let configuration, let continuation):
          do {
            try await adopt(configuration, &senders, &work)
            continuation.resume()
          } catch {
            continuation.resume(throwing: error)
          }
        }
      }
      work.cancelAll()
    }
    inbox.finish()
    for await case .reload(_, let continuation) in events { continuation.resume(throwing: NotRunning()) }
  }

  func start(_ search: DiscoveryTask, _ work: inout DiscardingTaskGroup) {
    let client = clients.client(for: search.source.tls)
    work.addTask { [options, clock, logger, inbox] in
      await search.run(client: client, userAgent: options.userAgent, clock: clock, logger: logger) {
        inbox.yield(.found)
      }
    }
  }

  /// Forces the queues to the disk in time.
  private func synchronize() async {
    let interval = Duration.nanoseconds(Int64(options.fsyncInterval / 4))
    while (try? await clock.sleep(max(interval, .milliseconds(10)))) != nil {
      for sender in fleet.withLock({ $0.senders.map(\.sender) }) {
        do {
          try sender.queue.synchronizeIfDue(now: clock.monotonic())
        } catch {
          sender.status.update { $0.lastError = "\(error)" }
        }
      }
    }
  }
}
