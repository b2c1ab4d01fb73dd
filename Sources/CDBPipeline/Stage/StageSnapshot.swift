import CDBDomain
import Foundation

/// All that a stage needs to go on from a barrier: its values, its books, and its place on every edge.
public struct StageSnapshot<S: Stage>: Codable, Sendable {
  /// One value per partition, or a single one.
  public var stages: [S]
  public var ledger: NodeLedger
  /// Per edge into the stage and partition, the number of the last event accepted.
  public var accepted: [StreamName: [UInt64]]
  /// Per partition of the edge out of the stage, the number of the last event emitted.
  public var emitted: [UInt64]
  public var emittedFeedback: UInt64
  /// Feedback that was emitted and that the other end takes only after the barrier: emitted again when the
  /// stage resumes.
  public var undelivered: [Envelope]
  /// Event time at the barrier.
  public var watermark: EventTime

  /// A beginning.
  public init(stages: [S], outputs: Int) {
    self.init(
      stages: stages, ledger: NodeLedger(), accepted: [:],
      emitted: Array(repeating: 0, count: outputs), emittedFeedback: 0, undelivered: [],
      watermark: .distantPast)
  }

  init(
    stages: [S], ledger: NodeLedger, accepted: [StreamName: [UInt64]], emitted: [UInt64],
    emittedFeedback: UInt64, undelivered: [Envelope], watermark: EventTime
  ) {
    self.stages = stages
    self.ledger = ledger
    self.accepted = accepted
    self.emitted = emitted
    self.emittedFeedback = emittedFeedback
    self.undelivered = undelivered
    self.watermark = watermark
  }

  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try encoder.encode(self)
  }
}
