import CDBDomain
import CDBGate
import CDBPipeline
import ServiceLifecycle
import ServiceRuntime

/// The page at `/`: looks at the run once a second, keeps what the page remembers, and tells those who watch of the
/// sections that have changed.
///
/// While nobody watches, it notes a few figures and renders nothing. A watcher is woken and takes what has changed since
/// he was last told, so a slow one misses steps in between and never holds anything up.
actor StatusPage: Service {
  static let interval = Duration.seconds(1)
  /// How often the store is read while somebody watches.
  static let storeInterval = Duration.seconds(2)
  /// A watcher hears at least so often, nanoseconds of an even clock.
  static let beat: UInt64 = 2_000_000_000
  /// Those who watch at once; more are refused.
  static let maximumWatchers = 32
  /// The span of the timeline, nanoseconds.
  static let span: Int64 = 86_400_000_000_000

  /// What the page looks at.
  struct Sources: Sendable {
    var board: PipelineBoard
    var gateBoard: GateBoard
    /// Nil where answers are not kept.
    var answers: AnswerKeeper?
    var store: any StoreView
    var stopFile: MarkerFile
    /// Nil where nothing guards the pipeline.
    var blocks: BlockBoard?
  }

  /// A section's markup, and the step at which it became so.
  struct Rendered: Sendable {
    var html: HTML
    var step: UInt64
  }

  nonisolated let document: PageDocument
  /// Tells the steps of this process from those of another.
  nonisolated let origin: String
  private let sources: Sources
  private let maximumWatchers: Int
  private var history = PageHistory()
  private var instants = SteadyInstants()
  private var timeline: TimelineReport?
  private var trades: LatestTrades?
  private var tradesFailure: String?
  private var storeReadAt: ContinuousClock.Instant?
  private var isReadingStore = false
  private var snapshot: (page: PageSnapshot, at: ContinuousClock.Instant)?
  private var rendered: [Language: [PageSection: Rendered]] = [:]
  private var step: UInt64 = 0
  private var watchers: [UInt64: (language: Language, wake: AsyncStream<Void>.Continuation)] = [:]
  private var lastWatcher: UInt64 = 0
  private var hasEnded = false

  init(_ sources: Sources, document: PageDocument, maximumWatchers: Int = StatusPage.maximumWatchers) {
    self.sources = sources
    self.document = document
    self.maximumWatchers = maximumWatchers
    origin = String(sources.board.startedAt.nanoseconds, radix: 36)
  }

  func run() async throws {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.keepReading() }
      while !Task.isCancelled, !Task.isShuttingDownGracefully {
        look()
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
      }
      group.cancelAll()
    }
    hasEnded = true
    for watcher in watchers.values { watcher.wake.finish() }
  }

  /// Reads the store while somebody watches, beside the looks: a store that hangs does not hold up the rest.
  private func keepReading() async {
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      if !watchers.isEmpty { await readStore() }
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.storeInterval) }
    }
  }

  private func readStore() async {
    guard !isReadingStore else { return }
    isReadingStore = true
    defer { isReadingStore = false }
    timeline = await sources.answers?.report(since: ProcessClock.wall().advanced(by: -Self.span))
    do {
      trades = try await sources.store.latestTrades(limit: TradesSection.rows)
      tradesFailure = nil
    } catch {
      tradesFailure = "\(error)"
    }
    storeReadAt = ContinuousClock.now
  }

  private func look() {
    history.look(sources.board.status(), wall: ProcessClock.wall(), monotonic: ProcessClock.monotonic())
    guard !watchers.isEmpty else { return }
    let page = take()
    for language in Set(watchers.values.map(\.language)) { render(page, language) }
    for watcher in watchers.values { watcher.wake.yield() }
  }

  /// Everything as it is now; for a short while the same for all who ask.
  private func take() -> PageSnapshot {
    let clock = ContinuousClock.now
    if let snapshot, clock - snapshot.at < .milliseconds(250) { return snapshot.page }
    let now = ProcessClock.wall()
    let status = sources.board.status()
    var page = PageSnapshot(
      now: now, status: status, diagnosis: sources.gateBoard.diagnosis(of: status),
      gate: sources.gateBoard.report)
    for check in page.gate?.checks ?? [] {
      page.checkedAt[check.check] = instants.instant(check.check.rawValue, age: check.ageSeconds, now: now)
    }
    page.timeline = timeline
    page.incidents = sources.gateBoard.incidents.incidents
    page.block = sources.blocks?.status
    page.trades = trades
    page.tradesFailure = tradesFailure
    page.history = history
    page.isStopFileThere = sources.stopFile.exists
    snapshot = (page, clock)
    return page
  }

  /// Takes a step where a section has changed.
  private func render(_ page: PageSnapshot, _ language: Language) {
    for section in PageSection.allCases {
      let html = section.render(page, language)
      guard rendered[language]?[section]?.html != html else { continue }
      step += 1
      rendered[language, default: [:]][section] = Rendered(html: html, step: step)
    }
  }

  // MARK: What is asked of it

  /// The whole page as it is now.
  func page(_ language: Language) async -> HTML {
    if storeReadAt.map({ ContinuousClock.now - $0 > Self.storeInterval }) ?? true { await readStore() }
    let page = take()
    render(page, language)
    return document.render(
      rendered[language]?.mapValues(\.html) ?? [:], position: position, now: page.now, language)
  }

  private var position: String { "\(origin)-\(step)" }

  /// Whether there is room for one more who watches.
  var hasRoom: Bool { !hasEnded && watchers.count < maximumWatchers }

  /// Registers one who watches; nil where there are too many.
  func watch(_ language: Language) -> (key: UInt64, wakes: AsyncStream<Void>)? {
    guard hasRoom else { return nil }
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    lastWatcher += 1
    watchers[lastWatcher] = (language, continuation)
    continuation.yield()
    return (lastWatcher, stream)
  }

  func leave(_ key: UInt64) { watchers[key] = nil }

  /// How many watch.
  var watching: Int { watchers.count }

  /// The sections that became what they are after a step, in the order of their steps.
  func changes(after step: UInt64, _ language: Language) -> [(section: PageSection, rendered: Rendered)] {
    if rendered[language] == nil { render(take(), language) }
    return (rendered[language] ?? [:]).filter { $0.value.step > step }.map { ($0.key, $0.value) }
      .sorted { $0.1.step < $1.1.step }
  }
}
