import Logging
import Synchronization
import TaskTiming

extension Bridge {
  // MARK: - Targets

  /// Lets targets go and come as they were found.
  func settle(_ work: inout DiscardingTaskGroup) async {
    let (before, gone) = fleet.withLock { fleet in
      let faults = Set(fleet.plans.flatMap(\.faults).map(\.description))
      fleet.plan()
      return (faults, fleet.leave())
    }
    for scraper in gone { scraper.leaving.set() }
    // Their series have ended before others begin, which may have the same.
    for scraper in gone { await scraper.ended.wait() }
    let time = gone.map(\.time).max() ?? 0
    let (new, faults) = fleet.withLock { fleet in
      for scraper in gone { fleet.count(scraper) }
      let new = fleet.missing().map { job, found in
        TargetScraper(
          found, way: way(of: job), outlet: outlet, after: time, userAgent: options.userAgent, clock: clock)
      }
      fleet.scrapers += new
      for (scraper, job, found) in fleet.order() {
        scraper.change(way(of: job), discovered: found.discovered)
      }
      return (new, fleet.plans.flatMap(\.faults))
    }
    for scraper in new { work.addTask { await scraper.run() } }
    for fault in faults where !before.contains(fault.description) {
      logger.warning("\(fault)", metadata: ["event.reason": "discovery"])
    }
    if !gone.isEmpty || !new.isEmpty {
      logger.info("targets: \(new.count) new, \(gone.count) gone", metadata: ["event.reason": "discovery"])
    }
  }

  private func way(of job: ScrapeJob) -> TargetScraper.Way {
    TargetScraper.Way(job: job, client: clients.client(for: job.access.tls))
  }

  // MARK: - Another configuration

  /// Goes on with another configuration.
  ///
  /// - Throws: where it cannot be used; everything is as before then.
  func adopt(
    _ configuration: PrometheusConfiguration, _ senders: inout DiscardingTaskGroup,
    _ work: inout DiscardingTaskGroup
  ) async throws {
    try configuration.checkTargets()
    try await adopt(endpoints: configuration, &senders)
    let (ended, begun) = fleet.withLock { fleet in
      let ended = fleet.searches
      var begun: [DiscoveryTask] = []
      fleet.configuration = configuration
      fleet.searches = configuration.searches.map { search in
        if let known = ended.first(where: { $0.job == search.job && $0.source == search.source }) {
          return known
        }
        begun.append(search)
        return search
      }
      return (ended.filter { search in !fleet.searches.contains { $0 === search } }, begun)
    }
    for search in ended { search.ending.set() }
    // What a new search has to say is known before targets go that it may have again.
    for search in begun { start(search, &work) }
    await waitForFirstLook(begun)
    await settle(&work)
    clients.keep(configuration.trusted)
  }

  private func waitForFirstLook(_ searches: [DiscoveryTask]) async {
    let isDone = Signal()
    await withDiscardingTaskGroup { group in
      group.addTask {
        for search in searches { await search.hasLooked.wait() }
        isDone.set()
      }
      await isDone.wait(atMost: .seconds(5), clock: clock)
      group.cancelAll()
    }
  }

  /// Opens the queues of endpoints that are new, gives up those of endpoints that are gone, and lets others speak to those that
  /// have changed. Scrapes wait meanwhile where a queue changes hands.
  private func adopt(
    endpoints configuration: PrometheusConfiguration, _ senders: inout DiscardingTaskGroup
  ) async throws {
    await recall(Set(configuration.endpoints.map(\.name)))
    let before = fleet.withLock { $0.senders }
    var byName = Dictionary(before.map { ($0.endpoint.name, $0) }) { $1 }
    var opened: [RunningSender] = []
    do {
      for endpoint in configuration.endpoints where byName[endpoint.name] == nil {
        opened.append(RunningSender(try Self.sender(endpoint, options, clients, clock, logger)))
      }
    } catch {
      for sender in opened { await sender.sender.close() }
      throw error
    }
    for sender in opened { byName[sender.endpoint.name] = sender }
    let names = Set(configuration.endpoints.map(\.name))
    let gone = before.filter { !names.contains($0.endpoint.name) }
    await outlet.hold()
    for endpoint in configuration.endpoints {
      guard let sender = byName[endpoint.name], sender.endpoint != endpoint else { continue }
      let successor = await replace(sender, by: endpoint)
      byName[endpoint.name] = successor
      if successor !== sender { opened.append(successor) }
    }
    let after = configuration.endpoints.compactMap { byName[$0.name] }
    fleet.withLock { $0.senders = after }
    outlet.release(
      ScrapeOutlet.Queues(after.map(\.sender), externalLabels: configuration.externalLabels))
    for sender in opened { senders.addTask { await sender.run() } }
    giveUp(gone, &senders)
  }

  /// Lets endpoints that are leaving give up their folders at once, for they are back. What they have not sent is in them.
  private func recall(_ names: Set<String>) async {
    let back = fleet.withLock { fleet in fleet.leaving.filter { names.contains($0.endpoint.name) } }
    for sender in back { sender.hurrying.set() }
    for sender in back { await sender.closed.wait() }
  }

  /// Another sender for the folder of one that is ended. The batch that is under way is cut, and is sent again as it is.
  private func replace(_ sender: RunningSender, by endpoint: WriteEndpoint) async -> RunningSender {
    await sender.close(clock: clock)
    for candidate in [endpoint, sender.endpoint] {
      do {
        return RunningSender(try Self.sender(candidate, options, clients, clock, logger))
      } catch {
        logger.error(
          "the endpoint's folder cannot be opened again: \(error)",
          metadata: ["endpoint": "\(endpoint.name)", "event.reason": "reload"])
      }
    }
    return sender
  }

  /// Sends what waits for endpoints that are gone, while all else goes on; what cannot be sent in time stays on disk.
  private func giveUp(_ gone: [RunningSender], _ senders: inout DiscardingTaskGroup) {
    fleet.withLock { $0.leaving += gone }
    for sender in gone {
      senders.addTask {
        await sender.close(after: self.options.flushDeadline, hurry: self.stopping, clock: self.clock)
        self.fleet.withLock { fleet in fleet.leaving.removeAll { $0 === sender } }
      }
    }
  }
}
