import OpenMetrics

/// What a target says over time: turns each answer into fragments, and knows which series have ended. A pure value.
struct ScrapeReader {
  let labeller: SeriesLabeller
  let routes: [SampleRoute]
  let honorsTimes: Bool
  let tracksTimes: Bool
  private let report: ReportSeries

  private var table: SeriesTable
  private var scrape: UInt32 = 0
  private var fragment: UInt32 = 0
  private var plain: [FragmentBuilder]
  private var alone: [FragmentBuilder]
  /// The last times that the target gave, by series; and those of the scrape that is being read.
  private var times: [[UInt8]: Int64] = [:]
  private var newTimes: [[UInt8]: Int64] = [:]

  /// - Parameter room: for the texts of series and their labels, in bytes; the standard is far above what honest targets expose.
  init(
    labeller: SeriesLabeller, routes: [SampleRoute], honorsTimes: Bool = true, tracksTimes: Bool = false,
    room: Int = 1 << 30
  ) {
    self.labeller = labeller
    self.routes = routes
    self.honorsTimes = honorsTimes
    self.tracksTimes = tracksTimes
    report = ReportSeries(target: labeller.target, routes: routes)
    table = SeriesTable(routes: routes.count, room: room)
    plain = routes.map { FragmentBuilder(samplesPerFragment: $0.samplesPerFragment, isAlone: false) }
    alone = routes.map { FragmentBuilder(samplesPerFragment: $0.samplesPerFragment, isAlone: true) }
  }

  /// Series that are kept in memory, and the bytes of their texts.
  var size: (series: Int, bytes: Int) { (table.count, table.byteCount) }

  // MARK: - Scrapes

  /// Reads an answer.
  ///
  /// - Parameters:
  ///   - time: of its samples, in milliseconds since the epoch; later than that of the scrape before.
  ///   - duration: in seconds.
  /// - Throws: ``ScrapeFault``; then nothing of it counts, and ``failed(time:duration:)`` is to be called.
  mutating func read(
    _ body: [UInt8], isOpenMetrics: Bool, time: Int64, duration: Double
  ) throws(ScrapeFault) -> ScrapeSummary {
    begin()
    var summary = ScrapeSummary()
    try body.withUnsafeBufferPointer { bytes throws(ScrapeFault) in
      var cursor = LineCursor(bytes, isOpenMetrics: isOpenMetrics)
      while try cursor.nextSample() {
        let series = try self.series(&cursor, bytes)
        take(series, try cursor.rest(), time, &summary)
        if labeller.limits.samples > 0, summary.kept > labeller.limits.samples {
          throw .tooManySamples(limit: labeller.limits.samples)
        }
      }
    }
    end(&summary, time)
    times = newTimes
    add(
      [1, duration, Double(summary.scraped), Double(summary.kept), Double(summary.added)], time, &summary)
    table.forget(scrape: scrape)
    summary.fragments = finish()
    return summary
  }

  /// What is sent of a scrape that failed: that it did, and the end of every series.
  mutating func failed(time: Int64, duration: Double) -> ScrapeSummary {
    begin()
    var summary = ScrapeSummary()
    end(&summary, time)
    // A target that is away for a moment is known when it is back; one that is too large is not kept, and its room is free again.
    if table.byteCount > table.room / 4 { table.forget(scrape: scrape, isFull: true) }
    add([0, duration, 0, 0, 0], time, &summary)
    summary.fragments = finish()
    return summary
  }

  // MARK: - Samples

  private mutating func begin() {
    scrape &+= 1
    newTimes = [:]
    table.rewind()
    for route in routes.indices {
      plain[route].discard()
      alone[route].discard()
    }
    nextFragment()
  }

  private mutating func nextFragment() { fragment &+= 1 }

  private mutating func series(
    _ cursor: inout LineCursor, _ bytes: UnsafeBufferPointer<UInt8>
  ) throws(ScrapeFault) -> Int32 {
    if let known = table.expectedSeries(&cursor, scrape: scrape) { return known }
    let text = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[try cursor.series()]))
    if let known = table.lookUp(text, scrape: scrape) { return known }
    let index: Int32
    switch try labeller.labels(of: text, line: cursor.line) {
    case .dropped: index = Self.droppedByRule
    case .unsendable: index = Self.unsendable
    case .kept(let labels):
      let encoded = routes.map { $0.labels(of: labels).map(WireWriter.encode) }
      guard let made = table.intern(identity: WireWriter.encode(labels), routes: { encoded }) else {
        throw noRoom
      }
      index = made
    }
    guard table.addSpelling(text, series: index, scrape: scrape) else { throw noRoom }
    return index
  }

  private var noRoom: ScrapeFault { .labels("series whose texts take more than \(table.room) bytes") }

  private static let droppedByRule: Int32 = -1
  private static let unsendable: Int32 = -2

  @inline(__always)
  private mutating func take(
    _ series: Int32, _ rest: SampleRest, _ time: Int64, _ summary: inout ScrapeSummary
  ) {
    summary.scraped += 1
    guard series >= 0 else {
      summary.dropped[series == Self.unsendable ? .unsendable : .relabelled, default: 0] += 1
      return
    }
    summary.kept += 1
    let index = Int(series)
    if honorsTimes, let own = rest.time {
      take(index, rest.bits, own, &summary)
      return
    }
    guard table.series[index].seen != scrape else {
      summary.dropped[.duplicate, default: 0] += 1
      return
    }
    if !table.series[index].isLive { summary.added += 1 }
    table.see(index, scrape: scrape, isTracked: true)
    append(index, rest.bits, time)
  }

  @inline(__always)
  private mutating func append(_ index: Int, _ bits: UInt64, _ time: Int64) {
    for route in routes.indices {
      plain[route].append(index, of: &table, route: route, bits: bits, time: time)
    }
  }

  /// A sample with a time of the target's.
  private mutating func take(_ index: Int, _ bits: UInt64, _ time: Int64, _ summary: inout ScrapeSummary) {
    let key = table.identity(of: index)
    let last = newTimes[key] ?? times[key]
    if let last, time <= last {
      // The same sample as in the last scrape is what such targets always say.
      summary.dropped[time == last ? .duplicate : .outOfOrder, default: 0] += 1
      table.see(index, scrape: scrape)
      newTimes[key] = last
      return
    }
    newTimes[key] = time
    if last == nil { summary.added += 1 }
    if table.series[index].fragment == fragment {
      for route in routes.indices { alone[route].cut() }
      nextFragment()
    }
    table.see(index, scrape: scrape, isTracked: tracksTimes)
    table.put(index, intoFragment: fragment)
    for route in routes.indices {
      if let labels = table.encoding(of: index, route: route) {
        table.withBytes(of: labels) { alone[route].append(labels: $0, bits: bits, time: time) }
      }
    }
  }

  /// Tells the end of the series that the scrape before had and this one has not.
  private mutating func end(_ summary: inout ScrapeSummary, _ time: Int64) {
    for index in table.endScrape(scrape) {
      summary.made += 1
      append(index, SampleValue.stale, time)
    }
  }

  /// Adds the series about the scrape itself, but for those that the target says it has.
  private mutating func add(_ values: [Double], _ time: Int64, _ summary: inout ScrapeSummary) {
    for (position, value) in values.enumerated() {
      let encoded = report.encodings[position]
      guard let made = table.intern(identity: report.identities[position], routes: { encoded }) else {
        // A table that a target has filled to its end.
        summary.dropped[.unsendable, default: 0] += 1
        continue
      }
      let index = Int(made)
      guard table.series[index].seen != scrape else { continue }
      table.see(index, scrape: scrape)
      summary.made += 1
      append(index, SampleValue.bits(value), time)
    }
  }

  private mutating func finish() -> [[Fragment]] {
    routes.indices.map { plain[$0].finish() + alone[$0].finish() }
  }
}

/// The series about a scrape.
struct ReportSeries {
  static let names = [
    "up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
  ]

  /// In the order of ``names``.
  let identities: [[UInt8]]
  /// By name and route; nil where the route drops it.
  let encodings: [[[UInt8]?]]

  init(target: SeriesLabels, routes: [SampleRoute]) {
    let all = Self.names.map { name in
      var labels = target
      labels[SeriesLabels.nameLabel] = name
      return labels
    }
    identities = all.map(WireWriter.encode)
    encodings = all.map { labels in routes.map { $0.labels(of: labels).map(WireWriter.encode) } }
  }
}
