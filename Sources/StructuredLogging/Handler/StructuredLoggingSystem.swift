public import Logging

/// Where an application's logging begins.
///
/// ```swift
/// let writer = try LogWriter(sinks: [.standardError])
/// installCrashFlush(writer)
/// LoggingSystem.bootstrap(
///   StructuredLoggingSystem.makeLoggerFactory(identity: identity, writer: writer))
/// ```
public enum StructuredLoggingSystem {
  /// A factory to hand to `LoggingSystem.bootstrap`.
  ///
  /// - Parameters:
  ///   - format: What streams get; files always get JSON.
  ///   - level: The least severe level that loggers write at first.
  ///   - metadataProvider: Adds metadata to every event, for instance `trace.id` of the current task.
  ///   - repetition: If given, equal lines are limited across all loggers of the factory.
  public static func makeLoggerFactory(
    identity: ServiceIdentity,
    writer: LogWriter,
    format: LogFormat = .json,
    level: Logger.Level = .info,
    metadataProvider: Logger.MetadataProvider? = nil,
    repetition: RepetitionLimiter.Policy? = nil
  ) -> @Sendable (String) -> any LogHandler {
    let repetitions = repetition.map(SharedRepetitionLimiter.init)
    return { label in
      ECSLogHandler(
        label: label, identity: identity, writer: writer, format: format, level: level,
        metadataProvider: metadataProvider, repetitions: repetitions)
    }
  }
}
