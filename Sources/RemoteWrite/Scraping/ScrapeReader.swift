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
  /// Which exemplars were sent last, by series; and those of the scrape that is being read.
  private var marks: [[UInt8]: ExemplarMark] = [:]
  private var newMarks: [[UInt8]: ExemplarMark] = [:]
  private let takesExemplars: Bool
  private let takesHistograms: Bool
  /// When metadata were sent last, by route; of the scrape that is being read, to which routes they are, and the family at hand.
  private var metadataTimes: [Int64?]
  private var metadataRoutes: [Int] = []
  private var family: (message: [UInt8], number: Int)?
  /// Of a histogram that is native as well.
  var takesClassicHistograms = false

  /// - Parameter room: for the texts of series and their labels, in bytes; the standard is far above what honest targets expose.
  init(
    labeller: SeriesLabeller, routes: [SampleRoute], honorsTimes: Bool = true, tracksTimes: Bool = false,
    room: Int = 1 << 30
  ) {
    self.labeller = labeller
    self.routes = routes
    self.honorsTimes = honorsTimes
    self.tracksTimes = tracksTimes
    metadataTimes = routes.map { _ in nil }
    takesExemplars = routes.contains(where: \.sendsExemplars)
    takesHistograms = routes.contains(where: \.sendsHistograms)
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
      cursor.keepsComments = isMetadataDue(at: time)
      var said: FamilyMetadata?
      while try cursor.nextSample() {
        if !cursor.comments.isEmpty {
          for line in cursor.comments {
            FamilyMetadata.read(UnsafeBufferPointer(rebasing: bytes[line]), into: &said)
          }
          cursor.comments = []
          take(said)
        }
        let series = try self.series(&cursor, bytes)
        let rest = try cursor.rest()
        if takesExemplars, cursor.isAtExemplar {
          take(series, rest, time, &summary, Extras(exemplars: [try cursor.exemplar()]))
        } else {
          take(series, rest, time, &summary)
        }
        try checkLimit(summary)
      }
    }
    conclude(time, duration, &summary)
    return summary
  }

  /// Whether metadata of this scrape go to any route.
  mutating func isMetadataDue(at time: Int64) -> Bool {
    metadataRoutes = routes.indices.filter { route in
      guard let interval = routes[route].metadataInterval else { return false }
      return metadataTimes[route].map { time < $0 || time - $0 >= interval } ?? true
    }
    return !metadataRoutes.isEmpty
  }

  /// The samples from here on are of this family.
  mutating func take(_ metadata: FamilyMetadata?) {
    let number = (family?.number ?? 0) + 1
    family = metadata.flatMap { $0.isSendable ? ($0.message, number) : nil } ?? ([], number)
  }

  @inline(__always)
  func checkLimit(_ summary: ScrapeSummary) throws(ScrapeFault) {
    if labeller.limits.samples > 0, summary.kept > labeller.limits.samples {
      throw .tooManySamples(limit: labeller.limits.samples)
    }
  }

  /// Ends a scrape that was read to its end.
  mutating func conclude(_ time: Int64, _ duration: Double, _ summary: inout ScrapeSummary) {
    family = nil
    end(&summary, time)
    times = newTimes
    marks = newMarks
    for route in metadataRoutes { metadataTimes[route] = time }
    add(
      [1, duration, Double(summary.scraped), Double(summary.kept), Double(summary.added)], time, &summary)
    table.forget(scrape: scrape)
    summary.fragments = finish()
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

  // MARK: - The end, and other rules

  /// What is sent when there is no such target any more: the end of every series, of those about scrapes too.
  mutating func ended(time: Int64) -> ScrapeSummary {
    let isNew = scrape == 0
    begin()
    var summary = ScrapeSummary()
    guard !isNew else { return summary }
    end(&summary, time)
    addReport(summary: &summary, time) { _ in SampleValue.stale }
    summary.fragments = finish()
    return summary
  }

  /// Whether this is how answers are read.
  func reads(
    _ labeller: SeriesLabeller, _ routes: [SampleRoute], honorsTimes: Bool, tracksTimes: Bool
  ) -> Bool {
    self.labeller == labeller && self.routes == routes && self.honorsTimes == honorsTimes
      && self.tracksTimes == tracksTimes
  }

  /// This reader, in the place of another one of the same target: the series that were there go on, or end with the next answer.
  func following(_ last: ScrapeReader) -> ScrapeReader {
    var reader = self
    reader.begin()
    for (index, series) in last.table.series.enumerated() where series.isLive {
      let identity = last.table.identity(of: index)
      guard let labels = SeriesLabels(encoded: identity) else { continue }
      let encoded = routes.map { $0.labels(of: labels).map(WireWriter.encode) }
      // One that has no room any more goes on without an end.
      guard let made = reader.table.intern(identity: identity, routes: { encoded }) else { continue }
      reader.table.see(Int(made), scrape: reader.scrape, isTracked: true)
    }
    _ = reader.table.endScrape(reader.scrape)
    reader.times = last.times
    reader.marks = last.marks
    return reader
  }

  // MARK: - Samples

  mutating func begin() {
    scrape &+= 1
    newTimes = [:]
    newMarks = [:]
    family = nil
    metadataRoutes = []
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
    return try series(
      UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[try cursor.series()])), line: cursor.line)
  }

  /// The series of a text: below 0 where nothing of it is kept.
  mutating func series(_ text: UnsafeRawBufferPointer, line: Int) throws(ScrapeFault) -> Int32 {
    if let known = table.lookUp(text, scrape: scrape) { return known }
    let index: Int32
    switch try labeller.labels(of: text, line: line) {
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

  /// What few samples have: a histogram instead of a value, and exemplars.
  struct Extras {
    /// A `Histogram` message but for its time.
    var histogram: [UInt8]?
    var exemplars: [ScrapedExemplar] = []
  }

  @inline(__always)
  mutating func take(
    _ series: Int32, _ rest: SampleRest, _ time: Int64, _ summary: inout ScrapeSummary,
    _ extras: Extras? = nil
  ) {
    summary.scraped += 1
    guard series >= 0 else {
      summary.dropped[series == Self.unsendable ? .unsendable : .relabelled, default: 0] += 1
      return
    }
    guard extras?.histogram == nil || takesHistograms else {
      summary.dropped[.unwantedHistogram, default: 0] += 1
      return
    }
    summary.kept += 1
    let index = Int(series)
    if honorsTimes, let own = rest.time {
      take(index, rest.bits, own, &summary, extras)
      return
    }
    guard table.series[index].seen != scrape else {
      summary.dropped[.duplicate, default: 0] += 1
      return
    }
    if !table.series[index].isLive { summary.added += 1 }
    table.see(index, scrape: scrape, isTracked: true)
    if let family { append(family, time, to: \.plain) }
    if let extras {
      append(index, sample(rest.bits, extras, of: index, time), time, to: \.plain)
    } else {
      append(index, rest.bits, time)
    }
  }

  private mutating func append(
    _ family: (message: [UInt8], number: Int), _ time: Int64,
    to builders: WritableKeyPath<ScrapeReader, [FragmentBuilder]>
  ) {
    guard !family.message.isEmpty else { return }
    for route in metadataRoutes {
      self[keyPath: builders][route].append(metadata: family.message, family: family.number, time: time)
    }
  }

  /// With those of its exemplars that were not there in the scrape before.
  private mutating func sample(
    _ bits: UInt64, _ extras: Extras, of index: Int, _ time: Int64
  ) -> ScrapedSample {
    var sample = ScrapedSample(bits: bits, histogram: extras.histogram)
    guard takesExemplars, !extras.exemplars.isEmpty else { return sample }
    let key = table.identity(of: index)
    var mark = ExemplarMark()
    sample.exemplars = mark.messages(of: extras.exemplars, after: newMarks[key] ?? marks[key], time)
    newMarks[key] = mark
    return sample
  }

  private mutating func append(
    _ index: Int, _ sample: ScrapedSample, _ time: Int64,
    to builders: WritableKeyPath<ScrapeReader, [FragmentBuilder]>
  ) {
    for route in routes.indices {
      if let labels = table.encoding(of: index, route: route),
        let fields = sample.fields(for: routes[route], time: time)
      {
        let labels = table.withBytes(of: labels) { Array($0) }
        self[keyPath: builders][route].append(labels: labels, fields: fields, time: time)
      }
    }
  }

  @inline(__always)
  private mutating func append(_ index: Int, _ bits: UInt64, _ time: Int64) {
    for route in routes.indices {
      plain[route].append(index, of: &table, route: route, bits: bits, time: time)
    }
  }

  /// A sample with a time of the target's.
  private mutating func take(
    _ index: Int, _ bits: UInt64, _ time: Int64, _ summary: inout ScrapeSummary, _ extras: Extras?
  ) {
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
    if let family { append(family, time, to: \.alone) }
    if let extras {
      return append(index, sample(bits, extras, of: index, time), time, to: \.alone)
    }
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
    addReport(summary: &summary, time) { SampleValue.bits(values[$0]) }
  }

  private mutating func addReport(
    summary: inout ScrapeSummary, _ time: Int64, _ bits: (_ position: Int) -> UInt64
  ) {
    for position in report.identities.indices {
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
      append(index, bits(position), time)
    }
  }

  private mutating func finish() -> [[Fragment]] {
    routes.indices.map { plain[$0].finish() + alone[$0].finish() }
  }
}
