public import Logging

/// A swift-log backend that writes Elastic Common Schema lines through a ``LogWriter``.
///
/// Metadata becomes fields: a dotted key as it stands (`event.reason`), with numbers and booleans as such; any
/// other key, and one that would overwrite a field that is always there, as `labels.<key>` with strings.
/// The event's metadata wins over the provider's, and that over the logger's.
public struct ECSLogHandler: LogHandler {
  public var logLevel: Logger.Level
  public var metadata: Logger.Metadata = [:]
  public var metadataProvider: Logger.MetadataProvider?

  private let core: Core

  /// What the copies of a logger share.
  private final class Core: Sendable {
    let writer: LogWriter
    let json: ECSEncoder
    /// Nil if every sink gets JSON.
    let text: TextEncoder?
    let label: String
    let repetitions: SharedRepetitionLimiter?

    init(
      writer: LogWriter,
      json: ECSEncoder,
      text: TextEncoder?,
      label: String,
      repetitions: SharedRepetitionLimiter?
    ) {
      self.writer = writer
      self.json = json
      self.text = text
      self.label = label
      self.repetitions = repetitions
    }
  }

  /// - Parameters:
  ///   - label: The logger's name, `log.logger`.
  ///   - format: What streams get; files always get JSON.
  ///   - level: The least severe level that is written.
  public init(
    label: String,
    identity: ServiceIdentity,
    writer: LogWriter,
    format: LogFormat = .json,
    level: Logger.Level = .info,
    metadataProvider: Logger.MetadataProvider? = nil
  ) {
    self.init(
      label: label, identity: identity, writer: writer, format: format, level: level,
      metadataProvider: metadataProvider, repetitions: nil)
  }

  init(
    label: String,
    identity: ServiceIdentity,
    writer: LogWriter,
    format: LogFormat,
    level: Logger.Level,
    metadataProvider: Logger.MetadataProvider?,
    repetitions: SharedRepetitionLimiter?
  ) {
    let text =
      format == .text && writer.hasStreams
      ? TextEncoder(label: label, isColoured: TerminalColours.areWanted(by: writer)) : nil
    self.logLevel = level
    self.metadataProvider = metadataProvider
    self.core = Core(
      writer: writer, json: ECSEncoder(identity: identity, label: label), text: text, label: label,
      repetitions: repetitions)
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    if let repetitions = core.repetitions {
      let verdict = repetitions.admit(
        logger: core.label, level: event.level, message: event.message.description)
      for summary in verdict.summaries { write(summary.event) }
      guard verdict.isAdmitted else { return }
    }
    write(event)
  }

  private func write(_ event: LogEvent) {
    let metadata = MetadataLayers(
      event: event.metadata, provider: metadataProvider?.get(), logger: metadata)
    let now = TimestampCache.now()
    let writer = core.writer
    // The newline belongs to the line's length.
    let maximumBytes = writer.options.maximumLineBytes - 1
    writer.count(event.level)
    EncodingContext.withCurrent { threadID, line, timestamps in
      if core.text == nil || writer.hasFiles {
        core.json.encode(
          event, metadata: metadata, at: now, maximumBytes: maximumBytes, threadID: threadID,
          line: &line, timestamps: &timestamps)
        writer.send(line.bytes, level: event.level, to: core.text == nil ? .all : .files)
      }
      if let text = core.text {
        text.encode(
          event, metadata: metadata, at: now, maximumBytes: maximumBytes, line: &line,
          timestamps: &timestamps)
        writer.send(line.bytes, level: event.level, to: .streams)
      }
    }
  }
}
