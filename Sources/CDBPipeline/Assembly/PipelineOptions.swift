import CDBDomain
import DurableQueue
import Logging
import OpenMetrics

/// How a pipeline is run. What it decides by is in its ``CDBDomain/PipelineConfiguration``; nothing here
/// changes an outcome.
public struct PipelineOptions: Sendable {
  /// The one place where state is kept: `journal/`, `checkpoints/` and, unless ``store`` is elsewhere, `store.sqlite`.
  public var dataDirectory: String
  /// Where the order path is kept; nil for `store.sqlite` in the data directory.
  public var store: StoreLocation?
  public var configuration: PipelineConfiguration
  public var feedName = "replay"
  /// Whether the configuration is put into the journal where it is new. A journal that is replayed brings
  /// its own.
  public var journalsConfiguration = true
  /// The settings that all processes of a pipeline must have the same, by key, for whoever compares them; no secrets.
  public var sharedSettings: [String: String]?
  /// A name that no other process has, by which the gate's closing at the start is known as this one's; nil for none.
  public var process: String?
  /// Inputs a batch.
  public var batchRecords = 512
  /// Nanoseconds of event time between ticks.
  public var tickInterval: Int64 = 1_000_000_000
  /// Nanoseconds between barriers.
  public var barrierInterval: UInt64 = 5_000_000_000
  /// Inputs after which a barrier follows in any case.
  public var barrierRecords: UInt64 = 1_000_000
  /// The journal is forced to the disk before every commit and at every barrier, hence on request.
  public var journal = DurableQueueOptions(segmentBytes: 64 << 20, maximumBytes: 16 << 30, fsync: .onRequest)
  /// Bytes of journal kept beyond what recovery needs.
  public var journalRetention = 4 << 30
  public var commitInterval = Duration.milliseconds(20)
  public var health = HealthThresholds()
  public var instrumentation = Instrumentation.all
  public var registry: MetricRegistry?
  /// What the runtime takes for the time; no stage decides by it.
  public var clock = PipelineClock.process
  public var logger: Logger

  public init(dataDirectory: String, configuration: PipelineConfiguration, logger: Logger) {
    self.dataDirectory = dataDirectory
    self.configuration = configuration
    self.logger = logger
  }
}

/// Why a pipeline cannot start.
public enum PipelineError: Error, Sendable, CustomStringConvertible {
  case dataDirectory(String, reason: String)
  /// The directory's history is about other instruments.
  case otherInstruments(kept: [String], asked: [String])
  /// The first record of the journal does not say what the stages decided by.
  case noConfiguration(journal: String, first: UInt64)
  /// The journal ends before what was already acted on: records were lost.
  case journalBehind(last: UInt64, needed: UInt64, by: String)
  /// The journal's last record cannot be read, and a checkpoint follows from it: it was whole once.
  case journalEndDamaged(journal: String, needed: UInt64)

  public var description: String {
    switch self {
    case .dataDirectory(let path, let reason): "the data directory \(path) cannot be used: \(reason)"
    case .otherInstruments(let kept, let asked):
      "the data directory holds \(kept.joined(separator: ", ")) and \(asked.joined(separator: ", ")) was "
        + "asked for; choose another with --data-dir"
    case .journalBehind(let last, let needed, let by):
      "the journal ends at record \(last), but \(by) follows from record \(needed): records were lost; keep "
        + "the directory for an inspection and go on with another --data-dir"
    case .journalEndDamaged(let journal, let needed):
      "the journal \(journal) can be read to before record \(needed), from which the newest checkpoint follows: records "
        + "were lost, or its end is damaged. Nothing was changed; keep the directory for an inspection and go on with "
        + "another --data-dir"
    case .noConfiguration(let journal, let first) where first > 1:
      "the journal \(journal) begins at record \(first): what came before was let go of once checkpoints had it, and "
        + "no checkpoint fits the store any more. Put the store or the checkpoints back from a copy, or begin anew in an "
        + "empty data directory"
    case .noConfiguration(let journal, _):
      "the journal \(journal) does not begin with a configuration; it is not one of cdb's"
    }
  }
}
