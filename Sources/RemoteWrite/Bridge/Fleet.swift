import HTTPTransport

/// What a bridge has under way.
struct Fleet: Sendable {
  var configuration: PrometheusConfiguration
  /// In the order of the configuration.
  var senders: [RunningSender]
  /// Those of endpoints that are gone, as long as they send what waits.
  var leaving: [RunningSender] = []
  var searches: [DiscoveryTask]
  /// What each job makes of what was found.
  private(set) var plans: [JobTargets] = []
  /// In the order of ``plans``.
  var scrapers: [TargetScraper] = []
  /// The counters of targets that have left, by job.
  private var departed: [String: TargetStatistics] = [:]

  init(configuration: PrometheusConfiguration, senders: [RunningSender]) {
    self.configuration = configuration
    self.senders = senders
    searches = configuration.searches
  }

  /// Takes up what was found.
  mutating func plan() {
    plans = configuration.jobs.map { job in
      let found = searches.filter { $0.job == job.name }.flatMap(\.groups)
      return JobTargets(job: job, groups: job.groups + found)
    }
  }

  /// Takes out the scrapers of targets that are not planned any more.
  mutating func leave() -> [TargetScraper] {
    var planned: [String: Set<Target>] = [:]
    for plan in plans { planned[plan.job.name] = Set(plan.active.map(\.target)) }
    let gone = scrapers.filter { planned[$0.status.job]?.contains($0.target) != true }
    scrapers.removeAll { planned[$0.status.job]?.contains($0.target) != true }
    return gone
  }

  /// Keeps the counters of one that has left.
  mutating func count(_ gone: TargetScraper) {
    departed[gone.status.job, default: TargetStatistics()].count(gone.status.statistics)
    departed[gone.status.job]?.job = gone.status.job
  }

  /// The planned targets that nobody scrapes.
  func missing() -> [(job: ScrapeJob, found: JobTargets.Active)] {
    var known: [String: Set<Target>] = [:]
    for scraper in scrapers { known[scraper.status.job, default: []].insert(scraper.target) }
    return plans.flatMap { plan in
      plan.active.filter { known[plan.job.name]?.contains($0.target) != true }.map { (plan.job, $0) }
    }
  }

  /// Puts the scrapers into the order of the plans, and says of each how its job and its target are now.
  mutating func order() -> [(scraper: TargetScraper, job: ScrapeJob, found: JobTargets.Active)] {
    var known: [String: [Target: TargetScraper]] = [:]
    for scraper in scrapers { known[scraper.status.job, default: [:]][scraper.target] = scraper }
    let ordered = plans.flatMap { plan in
      plan.active.compactMap { found in
        known[plan.job.name]?[found.target].map { ($0, plan.job, found) }
      }
    }
    scrapers = ordered.map(\.0)
    return ordered
  }

  var statistics: BridgeStatistics {
    BridgeStatistics(
      targets: scrapers.map(\.status.statistics), endpoints: senders.map(\.sender.statistics),
      departed: departed.values.sorted { $0.job < $1.job }, dropped: plans.flatMap(\.dropped),
      droppedCounts: Dictionary(plans.map { ($0.job.name, $0.droppedCount) }) { $1 },
      searches: searches.map(\.statistics), targetFaults: plans.flatMap(\.faults))
  }
}

extension PrometheusConfiguration {
  /// A search for each entry; the same entry twice in a job is one.
  var searches: [DiscoveryTask] {
    var searches: [DiscoveryTask] = []
    for job in jobs {
      for source in job.discoveries {
        let search = DiscoveryTask(job: job.name, source: source)
        if !searches.contains(where: { $0.isSame(as: search) }) { searches.append(search) }
      }
    }
    return searches
  }

  /// - Throws: where a rule makes of a static target something that cannot be asked.
  func checkTargets() throws(ConfigurationFault) {
    for job in jobs {
      if let fault = JobTargets(job: job, groups: job.groups).faults.first { throw fault }
    }
  }

  /// Whom clients trust, each once.
  var trusted: [TLSOptions] {
    endpoints.map(\.access.tls) + jobs.map(\.access.tls) + jobs.flatMap { $0.discoveries.map(\.tls) }
  }
}

extension DiscoverySource {
  var tls: TLSOptions {
    switch self {
    case .file: TLSOptions()
    case .http(let source): source.access.tls
    case .docker(let source): source.access.tls
    }
  }
}
