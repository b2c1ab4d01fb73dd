import CDBDomain
import CDBGate
import CDBPipeline

/// A pipeline as the keepers of its gate see it: its stages run in their process, or in others.
struct GuardedPipeline: Sendable {
  var board: PipelineBoard
  var controls: IntakeControls
  var store: any StoreView
  var beginning: Beginning
  var maximumSlippage: Ratio
}

extension GuardedPipeline {
  /// One that runs in this process.
  ///
  /// - Parameters:
  ///   - keepsAnswers: whether it matters how the run before ended.
  ///   - process: the name that the pipeline's closing of the gate has.
  init(
    _ pipeline: Pipeline<BookMatching>, _ configuration: PipelineConfiguration, keepsAnswers: Bool,
    as process: String?
  ) throws {
    self.init(
      board: pipeline.board, controls: pipeline.controls, store: pipeline.store,
      beginning: .run(
        records: pipeline.journal.lastSequence, past: keepsAnswers ? try AnswerTimeline.Past(pipeline) : nil,
        as: process),
      maximumSlippage: configuration.exchange.maximumSlippage)
  }
}

/// How a process that keeps a gate begins.
enum Beginning: Sendable {
  /// With the pipeline, in one process: in the journal were so many records, and a run of before has ended so.
  case run(records: UInt64, past: AnswerTimeline.Past?, as: String? = nil)
  /// Beside a pipeline that other processes run, perhaps for long. It closes the gate first: what lies before that was
  /// before it.
  case joining(at: EventTime, as: String)

  /// Whether there may be something of before.
  var continues: Bool {
    switch self {
    case .run(let records, _, _): records > 0
    case .joining: true
    }
  }

  /// The run before; nil where there was none, or that was another process's.
  var past: AnswerTimeline.Past? {
    switch self {
    case .run(_, let past, _): past
    case .joining: nil
    }
  }

  /// The name that this process's closing of the gate has.
  var process: String? {
    switch self {
    case .run(_, _, let process): process
    case .joining(_, let process): process
    }
  }

  /// What a process that joins puts into the input before anything else: an open gate was opened by checks of a process that
  /// is gone.
  static func closing(as process: String? = nil) -> Control { .gate(.restarted(by: process)) }

  private static let mostChanges = 50

  /// Whether a store has all of before.
  func isStored(in store: any StoreView) async throws -> Bool {
    switch self {
    case .run(let records, _, _):
      return try await store.position().origin >= records
    case .joining(let begun, let process):
      return try await store.controls(["gate"], limit: Self.mostChanges).contains {
        GateStateMachine.isClosing($0, begunAt: begun, as: process)
      }
    }
  }
}
