import CDBDomain
import CDBGate
import CDBPipeline

/// Everything that the status page shows, as it was at one instant. A value: sections are made of it, and of nothing
/// else.
struct PageSnapshot: Sendable {
  /// By the wall clock of whoever looked.
  var now: EventTime
  var status: PipelineStatus
  var diagnosis: Diagnosis
  /// Nil where nothing guards the pipeline.
  var gate: GateReport?
  /// When each check's verdict came; absent where there is none yet.
  var checkedAt: [GateCheck: EventTime] = [:]
  /// Nil where answers are not kept.
  var timeline: TimelineReport?
  /// Nil before the store was read for the first time.
  var trades: LatestTrades?
  /// Why the store could not be read; nil where it could.
  var tradesFailure: String?
  /// All that are not closed, and the newest that are; by number.
  var incidents: [Incident] = []
  /// Nil where there are none, or those of before are not known yet.
  var block: BlockStatus?
  var history = PageHistory()
  /// Whether the emergency stop is kept in force by a file.
  var isStopFileThere = false

  /// Why the emergency stop is in force, in the words of whoever engaged it.
  var stopWords: String? { status.account?.killSwitch }
}
