import CDBDomain
import DurableQueue

/// Where a pipeline goes on that has run before, and how it ended then.
public struct Resumption: Sendable, Codable, Hashable {
  /// How the run before ended, as far as what it left tells.
  public enum PreviousEnd: String, Sendable, Codable {
    /// It worked off what it had accepted, and its last checkpoint says so.
    case planned
    /// It left no such checkpoint: it was killed, or it failed.
    case unplanned
    /// Its checkpoint cannot be read, or is from a version that did not write how a run ended.
    case unknown
  }

  /// The barrier of the checkpoint; nil where none can be gone on from, and the journal is read from its beginning.
  public var barrier: UInt64?
  /// When that checkpoint was made, by the wall clock; nil where it does not say.
  public var checkpointedAt: EventTime?
  /// The last record of the journal that is not read again; 0 where all are.
  public var sequence: UInt64
  /// How many records of the journal are read again.
  public var recordsAgain: UInt64
  public var previousEnd: PreviousEnd

  enum CodingKeys: String, CodingKey {
    case barrier, sequence
    case checkpointedAt = "checkpointed_at"
    case recordsAgain = "records_again"
    case previousEnd = "previous_end"
  }

  /// Nil where nothing has run before.
  ///
  /// - Parameter manifest: of the checkpoint that is gone on from; not always the newest one.
  init?(from manifest: CheckpointManifest?, of checkpoints: CheckpointStore, in journal: Journal) {
    let last = journal.lastSequence
    guard last > 0 else { return nil }
    barrier = manifest?.barrier
    checkpointedAt = manifest?.madeAt
    sequence = manifest?.journalSequence ?? (journal.queue.statistics.firstSequence - 1)
    recordsAgain = last > sequence ? last - sequence : 0
    previousEnd = Self.previousEnd(checkpoints, last, isTorn: journal.queue.openReport.tornTail != nil)
  }

  /// An end in order leaves a checkpoint that covers the whole journal and says that it is the last one.
  private static func previousEnd(_ checkpoints: CheckpointStore, _ last: UInt64, isTorn: Bool) -> PreviousEnd
  {
    guard let barrier = checkpoints.barriers().last, !isTorn else { return .unplanned }
    guard let newest = try? checkpoints.manifest(of: barrier) else { return .unknown }
    guard newest.journalSequence >= last else { return .unplanned }
    return newest.isLast.map { $0 ? .planned : .unplanned } ?? .unknown
  }

  /// For a person, in one line: where from, how much is read again, how the run before ended.
  ///
  /// - Parameter now: the wall clock, for the checkpoint's age.
  public func text(at now: EventTime, in language: Language) -> String {
    [start(now)[language], again[language], before[language]].joined(separator: "; ")
  }

  private func start(_ now: EventTime) -> Translation {
    guard let barrier else {
      return Translation(en: "without a checkpoint", de: "ohne Sicherungspunkt")
    }
    let age = checkpointedAt.map {
      AgeText.render(seconds: (now.nanoseconds &- $0.nanoseconds) / 1_000_000_000)
    }
    return Translation(
      en: "from checkpoint \(barrier)" + (age.map { " of \($0) ago" } ?? "") + ", at record \(sequence)",
      de: "ab Sicherungspunkt \(barrier)" + (age.map { " von vor \($0)" } ?? "") + ", bei Satz \(sequence)")
  }

  private var again: Translation {
    switch recordsAgain {
    case 0:
      Translation(en: "nothing of the journal is read again", de: "vom Journal wird nichts erneut gelesen")
    case 1:
      Translation(en: "1 record of the journal is read again", de: "1 Satz des Journals wird erneut gelesen")
    default:
      Translation(
        en: "\(recordsAgain) records of the journal are read again",
        de: "\(recordsAgain) Sätze des Journals werden erneut gelesen")
    }
  }

  private var before: Translation {
    switch previousEnd {
    case .planned:
      Translation(
        en: "the run before was stopped in order (planned)", de: "der Lauf davor endete geordnet (geplant)")
    case .unplanned:
      Translation(
        en: "the run before ended without a stop (unplanned)",
        de: "der Lauf davor endete ohne Halt (ungeplant)")
    case .unknown:
      Translation(
        en: "how the run before ended is not known", de: "wie der Lauf davor endete, ist nicht bekannt")
    }
  }
}
