import HTTPTransport
import Synchronization
import TaskTiming

/// Asks one target, again and again, and hands on what it says.
final class TargetScraper: Sendable {
  /// How it is asked and read. Another configuration may change it while the target stays.
  struct Way: Sendable {
    var job: ScrapeJob
    var client: HTTPClient
  }

  let target: Target
  let status: TargetStatus
  /// Set when there is no such target any more: its series end then.
  let leaving = Signal()
  /// Set when it is not asked any more.
  let ended = Signal()

  private let way: Mutex<Way>
  private let outlet: ScrapeOutlet
  private let userAgent: String
  private let clock: TaskClock
  /// The time of the last scrape, or before which there is none; milliseconds since the epoch.
  private let lastTime: Mutex<Int64>

  /// - Parameter time: that no sample of it comes before, in milliseconds since the epoch.
  init(
    _ found: JobTargets.Active, way: Way, outlet: ScrapeOutlet, after time: Int64, userAgent: String,
    clock: TaskClock
  ) {
    target = found.target
    status = TargetStatus(job: way.job.name, found)
    self.way = Mutex(way)
    self.outlet = outlet
    self.userAgent = userAgent
    self.clock = clock
    lastTime = Mutex(time)
  }

  /// The time of its last sample, or what it was made with.
  var time: Int64 { lastTime.withLock { $0 } }

  /// From the next scrape on.
  func change(_ way: Way, discovered: SeriesLabels) {
    self.way.withLock { $0 = way }
    status.update { $0.discovered = discovered }
  }

  /// Until the target leaves, or the task is cancelled. A scrape that is under way then counts as not made.
  func run() async {
    let schedule = ScrapeSchedule(target: target)
    var reader: ScrapeReader?
    while true {
      let now = clock.wall()
      await leaving.wait(atMost: .milliseconds(schedule.next(after: now) - now), clock: clock)
      guard !Task.isCancelled, !leaving.isSet else { break }
      // Later than the one before, whatever the clock does.
      let time = nextTime()
      let begun = clock.monotonic()
      let way = self.way.withLock { $0 }
      guard let answer = await askUnlessLeaving(way), !Task.isCancelled else { break }
      let duration = Double(clock.monotonic() - begun) / 1e9
      guard let outlet = await outlet.enter() else { break }
      var current = Self.reader(reader, for: target, way.job, outlet.routes)
      reader = nil
      take(answer, at: time, duration, &current, outlet)
      self.outlet.leave()
      reader = current
    }
    if leaving.isSet, let reader { await end(reader) }
    ended.set()
  }

  /// Tells that the series are no more. A bridge that stops does not come here: its series go on when it is back.
  private func end(_ reader: ScrapeReader) async {
    guard let outlet = await outlet.enter() else { return }
    defer { self.outlet.leave() }
    var reader = reader
    enqueue(reader.ended(time: nextTime()), outlet)
  }

  private func nextTime() -> Int64 {
    lastTime.withLock { last in
      last = max(clock.wall(), last + 1)
      return last
    }
  }

  /// The reader that goes on from another one, which stays as it is where nothing has changed.
  private static func reader(
    _ last: ScrapeReader?, for target: Target, _ job: ScrapeJob, _ routes: [SampleRoute]
  ) -> ScrapeReader {
    let labeller = SeriesLabeller(
      target: target.labels, honorsLabels: job.honorLabels, rules: job.metricRules, limits: job.limits)
    let (honors, tracks) = (job.honorTimestamps, job.tracksTimestampsStaleness)
    if var last, last.reads(labeller, routes, honorsTimes: honors, tracksTimes: tracks) {
      last.takesClassicHistograms = job.takesClassicHistograms
      return last
    }
    var fresh = ScrapeReader(
      labeller: labeller, routes: routes, honorsTimes: honors, tracksTimes: tracks)
    fresh.takesClassicHistograms = job.takesClassicHistograms
    return last.map { fresh.following($0) } ?? fresh
  }

  // MARK: - An answer

  private func take(
    _ answer: Result<HTTPResponse, ScrapeFault>, at time: Int64, _ duration: Double,
    _ reader: inout ScrapeReader, _ outlet: ScrapeOutlet.Queues
  ) {
    let summary: ScrapeSummary
    var fault: ScrapeFault?
    do throws(ScrapeFault) {
      let response = try answer.get()
      switch Self.format(response) {
      case .protobuf: summary = try reader.read(protobuf: response.body, time: time, duration: duration)
      case let format:
        summary = try reader.read(
          response.body, isOpenMetrics: format == .openMetrics, time: time, duration: duration)
      }
    } catch {
      fault = error
      summary = reader.failed(time: time, duration: duration)
    }
    let enqueued = enqueue(summary, outlet)
    status.update { [size = reader.size, fault] in
      $0.scrapes += 1
      if let fault { $0.failures[fault.reason, default: 0] += 1 }
      $0.scraped += UInt64(summary.scraped)
      $0.made += UInt64(summary.made)
      for (reason, count) in summary.dropped { $0.dropped[reason, default: 0] += UInt64(count) }
      $0.enqueued += UInt64(enqueued)
      $0.lastScrape = time
      $0.lastDuration = duration
      $0.lastSamples = summary.scraped
      $0.lastError = fault?.description
      $0.series = size.series
    }
  }

  /// - Returns: the samples that queues took, each queue counted.
  @discardableResult
  private func enqueue(_ summary: ScrapeSummary, _ outlet: ScrapeOutlet.Queues) -> Int {
    var enqueued = 0
    for (route, fragments) in summary.fragments.enumerated() {
      let samples = fragments.reduce(0) { $0 + $1.samples }
      for queue in outlet.queues[route] where queue.append(fragments, time: clock.wall()) {
        enqueued += samples
      }
    }
    return enqueued
  }

  // MARK: - A request

  /// Nil where the target has left meanwhile.
  private func askUnlessLeaving(_ way: Way) async -> Result<HTTPResponse, ScrapeFault>? {
    await withTaskGroup(of: Result<HTTPResponse, ScrapeFault>?.self) { group in
      group.addTask { await self.ask(way) }
      group.addTask {
        await self.leaving.wait()
        return nil
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      return first
    }
  }

  private func ask(_ way: Way) async -> Result<HTTPResponse, ScrapeFault> {
    var headers: [(name: String, value: String)] = [
      ("Accept", ScrapeProtocol.accept(way.job.protocols)), ("User-Agent", userAgent),
      ("X-Prometheus-Scrape-Timeout-Seconds", "\(Double(target.timeout) / 1000)"),
    ]
    do {
      headers += try way.job.access.fields()
    } catch {
      return .failure(.transport("\(error)"))
    }
    let limit = way.job.limits.bodyBytes > 0 ? way.job.limits.bodyBytes : 256 << 20
    let request = HTTPRequest(
      url: target.url, headers: headers,
      timeouts: HTTPTimeouts(
        connect: .milliseconds(target.timeout), total: .milliseconds(target.timeout)),
      maximumResponseBytes: limit, acceptsGzip: true, proxy: way.job.access.proxy)
    do {
      let response = try await way.client.send(request)
      return response.status == 200 ? .success(response) : .failure(.status(response.status))
    } catch {
      guard case .responseTooLarge = error else { return .failure(.transport("\(error)")) }
      return .failure(.bodyTooLarge(limit: limit))
    }
  }

  private enum Format { case openMetrics, protobuf, text }

  /// By the answer's type. One that is none of the formats is read as text, as targets that say nothing are.
  private static func format(_ response: HTTPResponse) -> Format {
    let type = response.header("content-type") ?? ""
    switch type.prefix(while: { $0 != ";" }).lowercased().filter({ $0 != " " }) {
    case "application/openmetrics-text": return .openMetrics
    case "application/vnd.google.protobuf": return .protobuf
    default: return .text
    }
  }
}
