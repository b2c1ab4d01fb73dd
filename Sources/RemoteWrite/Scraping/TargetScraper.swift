import HTTPTransport

/// Asks one target, again and again, and hands on what it says.
struct TargetScraper: Sendable {
  let target: Target
  let job: ScrapeJob
  let routes: [SampleRoute]
  /// The queues of each route's endpoints.
  let queues: [[EndpointQueue]]
  let client: HTTPClient
  let userAgent: String
  let clock: BridgeClock
  let status: TargetStatus

  /// What is asked for: OpenMetrics rather than text. A target that knows neither answers as it can.
  static let accept =
    "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
    + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"

  /// Until the task is cancelled. A scrape that is under way then counts as not made.
  func run() async {
    let schedule = ScrapeSchedule(target: target)
    var reader = ScrapeReader(
      labeller: SeriesLabeller(
        target: target.labels, honorsLabels: job.honorLabels, rules: job.metricRules, limits: job.limits),
      routes: routes, honorsTimes: job.honorTimestamps, tracksTimes: job.tracksTimestampsStaleness)
    var last: Int64 = 0
    while !Task.isCancelled {
      let now = clock.wall()
      do {
        try await clock.sleep(.milliseconds(schedule.next(after: now) - now))
      } catch {
        return
      }
      // Later than the one before, whatever the clock does.
      let time = max(clock.wall(), last + 1)
      last = time
      let begun = clock.monotonic()
      let answer = await ask()
      guard !Task.isCancelled else { return }
      let duration = Double(clock.monotonic() - begun) / 1e9
      take(answer, at: time, duration, &reader)
    }
  }

  private func take(
    _ answer: Result<HTTPResponse, ScrapeFault>, at time: Int64, _ duration: Double,
    _ reader: inout ScrapeReader
  ) {
    let summary: ScrapeSummary
    var fault: ScrapeFault?
    do throws(ScrapeFault) {
      let response = try answer.get()
      summary = try reader.read(
        response.body, isOpenMetrics: try Self.isOpenMetrics(response), time: time, duration: duration)
    } catch {
      fault = error
      summary = reader.failed(time: time, duration: duration)
    }
    var enqueued = 0
    for (route, fragments) in summary.fragments.enumerated() {
      let samples = fragments.reduce(0) { $0 + $1.samples }
      for queue in queues[route] where queue.append(fragments, time: clock.wall()) { enqueued += samples }
    }
    status.update { [size = reader.size, fault] in
      $0.scrapes += 1
      if let fault { $0.failures[fault.reason, default: 0] += 1 }
      $0.scraped += UInt64(summary.scraped)
      $0.made += UInt64(summary.made)
      for (reason, count) in summary.dropped { $0.dropped[reason, default: 0] += UInt64(count) }
      $0.enqueued += UInt64(enqueued)
      $0.lastScrape = time
      $0.lastDuration = duration
      $0.lastError = fault?.description
      $0.series = size.series
    }
  }

  private func ask() async -> Result<HTTPResponse, ScrapeFault> {
    var headers: [(name: String, value: String)] = [
      ("Accept", Self.accept), ("User-Agent", userAgent),
      ("X-Prometheus-Scrape-Timeout-Seconds", "\(Double(target.timeout) / 1000)"),
    ]
    do {
      if let authorization = job.access.authorization {
        headers.append(("Authorization", try authorization.header()))
      }
    } catch {
      return .failure(.transport("\(error)"))
    }
    let limit = job.limits.bodyBytes > 0 ? job.limits.bodyBytes : 256 << 20
    let request = HTTPRequest(
      url: target.url, headers: headers,
      timeouts: HTTPTimeouts(
        connect: .milliseconds(target.timeout), total: .milliseconds(target.timeout)),
      maximumResponseBytes: limit, acceptsGzip: true)
    do {
      let response = try await client.send(request)
      return response.status == 200 ? .success(response) : .failure(.status(response.status))
    } catch {
      guard case .responseTooLarge = error else { return .failure(.transport("\(error)")) }
      return .failure(.bodyTooLarge(limit: limit))
    }
  }

  /// By the answer's type. One that is none of the formats is read as text, as targets that say nothing are.
  private static func isOpenMetrics(_ response: HTTPResponse) throws(ScrapeFault) -> Bool {
    let type = response.header("content-type") ?? ""
    switch type.prefix(while: { $0 != ";" }).lowercased().filter({ $0 != " " }) {
    case "application/openmetrics-text": return true
    case "application/vnd.google.protobuf": throw .contentType(type)
    default: return false
    }
  }
}
