import CDBDomain
import DurableQueue
import Logging

/// Where the stages start: at a checkpoint, or at the beginning.
struct StartingPoint<Matching: MatchingModel>: Sendable {
  var manifest: CheckpointManifest?
  var feed: StageSnapshot<FeedStage>
  var core: StageSnapshot<CoreStage>
  var risk: StageSnapshot<RiskStage>
  var execution: StageSnapshot<ExecutionStage<Matching>>

  /// The beginning, with this configuration in force.
  init(configuration: PipelineConfiguration, matching: Matching) {
    let ids = configuration.instruments.ids
    feed = StageSnapshot(stages: [FeedStage(configuration: configuration)], outputs: ids.count)
    core = StageSnapshot(
      stages: ids.map { CoreStage(instrument: $0, configuration: configuration) }, outputs: ids.count)
    risk = StageSnapshot(stages: [RiskStage(configuration: configuration)], outputs: 1)
    execution = StageSnapshot(
      stages: [ExecutionStage(configuration: configuration, matching: matching)], outputs: 1)
  }

  /// The beginning of a journal, with the configuration that it begins with; of a new one where it is empty.
  static func beginning(
    of journal: Journal, otherwise configuration: PipelineConfiguration, matching: Matching
  ) throws -> StartingPoint {
    guard journal.lastSequence > 0 else {
      return StartingPoint(configuration: configuration, matching: matching)
    }
    guard
      let initial = try journal.configurations(from: journal.queue.statistics.firstSequence, limit: 1).first
    else {
      throw PipelineError.noConfiguration(
        journal: journal.directory, first: journal.queue.statistics.firstSequence)
    }
    return StartingPoint(configuration: initial, matching: matching)
  }

  /// The instruments that the stages know.
  var instruments: InstrumentCatalogue { risk.stages[0].engine.instruments }

  /// The newest checkpoint that can be read and that the store has come up to; nil where there is none, and
  /// the journal must do. What cannot be used is named.
  static func newest(
    in store: CheckpointStore, storePosition: UInt64, configuration: PipelineConfiguration,
    matching: Matching,
    notice: (String) -> Void
  ) -> StartingPoint? {
    for barrier in store.barriers().reversed() {
      do {
        var point = StartingPoint(configuration: configuration, matching: matching)
        point.manifest = try store.manifest(of: barrier)
        let sink = try store.snapshot(of: barrier, as: DBWriterStage.self)
        let needed = sink.accepted[.orderResults]?.first ?? 0
        guard needed <= storePosition else {
          notice(
            "the store holds \(storePosition) events and checkpoint \(barrier) is at \(needed): going back to what "
              + "the store follows from")
          continue
        }
        point.risk = try store.snapshot(of: barrier, as: RiskStage.self, stages: 1, outputs: 1)
        let partitions = point.instruments.instruments.count
        point.feed = try store.snapshot(of: barrier, as: FeedStage.self, stages: 1, outputs: partitions)
        point.core = try store.snapshot(
          of: barrier, as: CoreStage.self, stages: partitions, outputs: partitions)
        point.execution = try store.snapshot(
          of: barrier, as: ExecutionStage<Matching>.self, stages: 1, outputs: 1)
        return point
      } catch {
        notice("\(error); trying an older one")
      }
    }
    return nil
  }
}

extension Journal {
  /// The configurations in the records from `sequence` on, at most `limit`.
  func configurations(from sequence: UInt64, limit: Int = .max) throws -> [PipelineConfiguration] {
    var found: [PipelineConfiguration] = []
    let reader = try reader(from: sequence)
    while found.count < limit {
      let batch: IngestBatch
      do {
        batch = try reader.read(maximum: 4_096)
      } catch let fault as DurableQueueError {
        throw JournalError.damaged("\(fault)")
      }
      guard !batch.isEmpty else { break }
      found += batch.configurations
    }
    return Array(found.prefix(limit))
  }
}
