import CDBPipeline
import Foundation
import Logging
import OpenMetrics
import ServiceRuntime
import StructuredLogging

/// The suite's version, as logs, metrics and `--version` say it.
public enum SuiteVersion {
  public static let current = "0.1.0"
}

/// A process's logs and metrics, set up once.
public struct Telemetry: Sendable {
  public let registry: MetricRegistry
  public let writer: LogWriter
  public let logger: Logger
  /// The file that the log lines go to.
  public let logFile: String?

  /// - Parameters:
  ///   - service: the service's name, as in `service.name` and the file's.
  ///   - logDirectory: where `<service>.jsonl` goes; no file where nil.
  ///   - toStandardError: whether standard error gets the lines too.
  public init(
    service: String, settings: EffectiveConfiguration, logDirectory: String?, toStandardError: Bool
  ) throws {
    registry = MetricRegistry()
    var sinks: [LogSink] = toStandardError ? [.standardError] : []
    if let logDirectory {
      try DataFolder.make(logDirectory)
      let path = "\(logDirectory)/\(service).jsonl"
      sinks.append(.file(path: path, rotation: LogFileRotation(maximumBytes: 256 << 20, keep: 4)))
      logFile = path
    } else {
      logFile = nil
    }
    writer = try LogWriter(sinks: sinks)
    installCrashFlush(writer)
    let factory = StructuredLoggingSystem.makeLoggerFactory(
      identity: ServiceIdentity(
        name: service, version: SuiteVersion.current, nodeName: ServiceIdentity.hostName),
      writer: writer, format: LogFormat(rawValue: settings.string("log.format")) ?? .json,
      level: Logger.Level(rawValue: settings.string("log.level")) ?? .info)
    var logger = Logger(label: service, factory: factory)
    let profile = CDBConfiguration.profile(of: settings)
    if profile != .standard { logger[metadataKey: "profile"] = "\(profile.rawValue)" }
    self.logger = logger
    try registry.registerStandardCollectors()
    try registry.register(LogCollector(writer: writer))
  }

  /// Logs what a source left out, once it has ended.
  func warn(of feed: OpenFeed) {
    for notice in feed.notices { logger.warning("\(notice)", metadata: ["event.reason": "recovery"]) }
  }
}

/// Shows the log writer's own counts as metrics.
struct LogCollector: MetricCollector {
  static let written = MetricDescriptor(
    "cdb_log_lines_written", type: .counter, help: "Log lines that reached a sink.", owner: "CDBServices")
  static let dropped = MetricDescriptor(
    "cdb_log_lines_dropped", type: .counter, help: "Log lines that could not be written.", labels: ["reason"],
    owner: "CDBServices")
  let writer: LogWriter

  var descriptors: [MetricDescriptor] { Self.descriptors }

  func collect() throws -> [MetricFamily] {
    let statistics = writer.statistics
    return [
      try .counter(Self.written, counts: [([], statistics.linesWritten)]),
      try .counter(Self.dropped, counts: statistics.linesDropped.map { ([$0.key.rawValue], $0.value) }),
    ]
  }
}
