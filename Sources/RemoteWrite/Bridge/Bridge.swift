import Foundation
import HTTPTransport
import Logging

/// Scrapes targets and sends what they say by remote write; what is not accepted yet is on disk.
///
/// ```swift
/// let bridge = try Bridge(
///   configuration: PrometheusConfiguration(path: "prometheus.yml"), options: BridgeOptions(directory: "data/bridge"),
///   logger: logger)
/// await bridge.run()  // until stop()
/// ```
public final class Bridge: Sendable {
  private let options: BridgeOptions
  private let scrapers: [TargetScraper]
  private let senders: [EndpointSender]
  private let clients: [HTTPClient]
  private let clock: BridgeClock
  private let logger: Logger
  private let stopping = Signal()

  /// Opens the queues; nothing is asked or sent before ``run()``.
  ///
  /// - Throws: ``ConfigurationFault`` where a rule makes a target that cannot be asked; an error of the disk, or that another
  ///   process has the queues.
  public init(
    configuration: PrometheusConfiguration, options: BridgeOptions, clock: BridgeClock = .system,
    logger: Logger
  ) throws {
    self.options = options
    self.clock = clock
    self.logger = logger
    var clients = ClientPool()
    let queues = EndpointQueue.Options(
      maximumBytes: options.queueBytes, segmentBytes: options.segmentBytes,
      fsyncInterval: options.fsyncInterval)
    senders = try configuration.endpoints.map { endpoint in
      try EndpointSender(
        endpoint: endpoint, directory: options.directory + "/endpoints", options: queues,
        client: clients.client(for: endpoint.access.tls), userAgent: options.userAgent, clock: clock,
        logger: logger)
    }
    var routes: [SampleRoute] = []
    var routeQueues: [[EndpointQueue]] = []
    for sender in senders {
      let route = SampleRoute(
        externalLabels: configuration.externalLabels, rules: sender.endpoint.rules,
        samplesPerFragment: sender.endpoint.queue.samplesPerBatch)
      if let known = routes.firstIndex(of: route) {
        routeQueues[known].append(sender.queue)
      } else {
        routes.append(route)
        routeQueues.append([sender.queue])
      }
    }
    var scrapers: [TargetScraper] = []
    for job in configuration.jobs {
      let targets = try Target.all(of: job, groups: job.groups)
      if job.limits.targets > 0, targets.count > job.limits.targets {
        throw ConfigurationFault(
          line: nil, path: "job \(job.name)",
          reason: "\(targets.count) targets, and target_limit is \(job.limits.targets)")
      }
      for target in targets {
        scrapers.append(
          TargetScraper(
            target: target, job: job, routes: routes, queues: routeQueues,
            client: clients.client(for: job.access.tls), userAgent: options.userAgent, clock: clock,
            status: TargetStatus(job: job.name, target: target)))
      }
    }
    self.scrapers = scrapers
    self.clients = clients.all
  }

  /// How targets and endpoints are.
  public var statistics: BridgeStatistics {
    BridgeStatistics(
      targets: scrapers.map(\.status.statistics), endpoints: senders.map(\.statistics))
  }

  /// Ends the scrapes, and ``run()`` when what waits is sent, or the time for it is over. What is not sent then stays on disk.
  public func stop() { stopping.set() }

  /// Scrapes and sends until ``stop()``, or until the task is cancelled; once.
  public func run() async {
    await withDiscardingTaskGroup { group in
      let sent = Signal()
      group.addTask { [senders] in
        await withDiscardingTaskGroup { group in
          for sender in senders { group.addTask { await sender.run() } }
        }
        sent.set()
      }
      group.addTask { await self.synchronize() }
      await scrape()
      for sender in senders { sender.draining.set() }
      await sent.wait(atMost: options.flushDeadline, clock: clock)
      group.cancelAll()
    }
    for sender in senders { await sender.close() }
    for client in clients { client.shutdown() }
  }

  private func scrape() async {
    await withDiscardingTaskGroup { group in
      for scraper in scrapers { group.addTask { await scraper.run() } }
      await stopping.wait()
      group.cancelAll()
    }
  }

  /// Forces the queues to the disk in time.
  private func synchronize() async {
    let interval = Duration.nanoseconds(Int64(options.fsyncInterval / 4))
    while (try? await clock.sleep(max(interval, .milliseconds(10)))) != nil {
      for sender in senders {
        do {
          try sender.queue.synchronizeIfDue(now: clock.monotonic())
        } catch {
          sender.status.update { $0.lastError = "\(error)" }
        }
      }
    }
  }
}

/// Clients by whom they trust; each has a thread.
private struct ClientPool {
  private var byTLS: [(TLSOptions, HTTPClient)] = []

  var all: [HTTPClient] { byTLS.map(\.1) }

  mutating func client(for tls: TLSOptions) -> HTTPClient {
    if let known = byTLS.first(where: { $0.0 == tls }) { return known.1 }
    let client = HTTPClient(tls: tls)
    byTLS.append((tls, client))
    return client
  }
}
