import Synchronization

/// What all instruments of a registry share.
final class InstrumentContext: Sendable {
  let statistics = RegistryStatistics()
  let clock: any MetricClock
  private let sampling = Mutex(Sampling())
  private let isSampling = Atomic<Bool>(false)
  /// How often updates may still find nothing to refer to before the next scrape.
  private let vainQuestions = Atomic<Int>(0)
  /// A source costs some hundred nanoseconds: in all, less than a millisecond for each scrape.
  private static let vainQuestionsPerScrape = 4_096

  private struct Sampling: Sendable {
    var source: (@Sendable () -> LabelSet?)?
    var interval: Duration = .seconds(10)
  }

  init(clock: any MetricClock) { self.clock = clock }

  /// Whether exemplars are made without being asked for.
  var samplesExemplars: Bool { isSampling.load(ordering: .relaxed) }

  var exemplarSource: (@Sendable () -> LabelSet?)? {
    get { sampling.withLock { $0.source } }
    set {
      sampling.withLock { $0.source = newValue }
      allowVainQuestions()
      isSampling.store(newValue != nil, ordering: .relaxed)
    }
  }

  var exemplarInterval: Duration {
    get { sampling.withLock { $0.interval } }
    set { sampling.withLock { $0.interval = newValue } }
  }

  /// What came of asking the source.
  enum Sample {
    case exemplar(Exemplar)
    /// Not before the next scrape: it came too early, there is no source, or its labels make no exemplar.
    case none
    /// This update belongs to nothing, such as a request whose trace is not sampled. The next one may.
    case tryNext
  }

  /// An exemplar from the source, stamped now. Labels that make no exemplar count as a rejected update.
  ///
  /// - Parameter earlier: when the exemplar was made that it would replace.
  func sampleExemplar(_ value: Double, after earlier: MetricTimestamp?) -> Sample {
    guard let source = exemplarSource, isExemplarDue(after: earlier) else { return .none }
    guard let labels = source() else { return mayAskInVain() ? .tryNext : .none }
    guard let exemplar = try? Exemplar(labels: labels, value: value, timestamp: clock.now()) else {
      statistics.rejectUpdate()
      return .none
    }
    return .exemplar(exemplar)
  }

  /// A scrape has come: updates that belong to nothing may be asked after again.
  func allowVainQuestions() { vainQuestions.store(Self.vainQuestionsPerScrape, ordering: .relaxed) }

  private func mayAskInVain() -> Bool {
    guard vainQuestions.load(ordering: .relaxed) > 0 else { return false }
    return vainQuestions.subtract(1, ordering: .relaxed).oldValue > 0
  }

  /// Whether the interval has passed since `earlier`.
  private func isExemplarDue(after earlier: MetricTimestamp?) -> Bool {
    guard let earlier else { return true }
    let now = clock.now()
    // A wall clock that was put back does not hold exemplars up.
    return now < earlier || now.secondsSinceEpoch - earlier.secondsSinceEpoch >= exemplarInterval.inSeconds
  }
}
