import CDBDomain
import CDBPipeline
import DurableQueue
import ServiceRuntime

extension PipelineOptions {
  /// How a pipeline is run, from the effective configuration.
  ///
  /// - Throws: `PostgresError` where `store.url` cannot be read.
  init(
    _ settings: EffectiveConfiguration, configuration: PipelineConfiguration, telemetry: Telemetry
  ) throws {
    self.init(
      dataDirectory: settings.string("data_dir"), configuration: configuration, logger: telemetry.logger)
    store = try StoreLocation(settings)
    batchRecords = settings.int("pipeline.batch")
    tickInterval = settings.duration("pipeline.tick_interval").nanoseconds
    barrierInterval = UInt64(settings.duration("pipeline.barrier_interval").nanoseconds)
    commitInterval = settings.duration("store.commit_interval")
    journal = DurableQueueOptions(
      segmentBytes: settings.int("journal.segment_bytes"),
      maximumBytes: settings.int("journal.maximum_bytes"), fsync: .onRequest)
    journalRetention = settings.int("journal.retention_bytes")
    registry = telemetry.registry
  }
}
