import CDBDomain
import CDBPipeline
import Foundation
import Logging
import ServiceLifecycle
import ServiceRuntime

/// The feed that a configuration asks for.
public enum FeedSelection: Sendable, Equatable {
  /// The seeded market, live: an exchange in this process, and the client of ``binance(_:)`` to it.
  case simulator(seed: UInt64)
  /// An exchange that speaks Binance's protocol.
  case binance(ExchangeAddress)
  /// Recorded frame files.
  case recordings([String], ReplaySpeed, loops: Int)
  /// A journal's directory: another run, again.
  case journal(String, ReplaySpeed)

  public init(_ settings: EffectiveConfiguration) throws {
    // Wrong is wrong, whether this feed has a speed or not.
    let speed = try Self.speed(settings)
    let text = settings.string("feed.source")
    if text == "sim" {
      self = .simulator(seed: UInt64(settings.int("feed.seed")))
      return
    }
    if text == "binance" {
      self = .binance(try ExchangeAddress(settings))
      return
    }
    guard text.hasPrefix("replay:") else {
      throw InvalidSetting(
        key: "feed.source", value: text, expected: "sim, binance, or replay:PATH,PATH…")
    }
    let paths = Self.paths(text.dropFirst("replay:".count))
    guard !paths.isEmpty else {
      throw InvalidSetting(key: "feed.source", value: text, expected: "a path after replay:")
    }
    for path in paths where !FileManager.default.isReadableFile(atPath: path) {
      throw InvalidSetting(key: "feed.source", value: path, expected: "a file or folder that can be read")
    }
    // A pipe or a device may keep its reader waiting for ever.
    for path in paths where !Self.isDirectory(path) && !Self.isRegularFile(path) {
      throw InvalidSetting(
        key: "feed.source", value: path, expected: "a regular file, not a pipe or a device")
    }
    let journals = paths.compactMap(Self.journalDirectory)
    for path in paths where Self.isDirectory(path) && Self.journalDirectory(path) == nil {
      throw InvalidSetting(
        key: "feed.source", value: path, expected: "a recorded file, or a folder with a journal in it")
    }
    if journals.isEmpty {
      self = .recordings(paths, speed, loops: settings.int("feed.loops"))
    } else if journals.count == 1, paths.count == 1 {
      self = .journal(journals[0], speed)
    } else {
      throw InvalidSetting(
        key: "feed.source", value: text, expected: "either recorded files or a single journal")
    }
  }

  /// Paths are separated by commas or blanks; neither separates where it belongs to a path that exists.
  private static func paths(_ text: Substring) -> [String] {
    if FileManager.default.fileExists(atPath: String(text)) { return [String(text)] }
    return text.split(separator: ",").flatMap { piece in
      FileManager.default.fileExists(atPath: String(piece))
        ? [String(piece)] : piece.split(separator: " ").map(String.init)
    }
  }

  private static func speed(_ settings: EffectiveConfiguration) throws -> ReplaySpeed {
    let text = settings.string("feed.speed")
    if text == "max" { return .maximum }
    guard let factor = Double(text), factor > 0, factor <= 1_000_000 else {
      throw InvalidSetting(
        key: "feed.speed", value: text, expected: "a factor above 0 such as 0.5 or 10, or max")
    }
    return .times(factor)
  }

  private static func isDirectory(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
  }

  private static func isRegularFile(_ path: String) -> Bool {
    // Links are followed: what they lead to is what would be opened.
    let target = URL(filePath: path).resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: target)
    return attributes?[.type] as? FileAttributeType == .typeRegular
  }

  /// The journal that a path is, or a data directory holds.
  private static func journalDirectory(_ path: String) -> String? {
    for candidate in [path + "/journal", path] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: candidate)) ?? []
      if names.contains(where: { $0.hasSuffix(".seg") }) { return candidate }
    }
    return nil
  }

  /// The feed's name on every surface.
  public var name: String {
    switch self {
    case .simulator: "sim"
    case .binance: "binance"
    case .recordings: "replay"
    case .journal: "journal"
    }
  }

  /// Whether it is a recording of any form, which has an end.
  public var isRecorded: Bool {
    switch self {
    case .simulator, .binance: false
    case .recordings, .journal: true
    }
  }

  /// Opens the feed. A simulated market begins now, as a new connection of the data directory.
  ///
  /// - Parameters:
  ///   - lastSource: of the data directory's last frame; nil where there is none.
  ///   - unsynchronised: the symbols whose books wait for a snapshot, as the decoder sees them.
  public func open(
    _ configuration: PipelineConfiguration, lastSource: UInt16?, logger: Logger,
    unsynchronised: @escaping @Sendable () -> [String]
  ) async throws -> OpenFeed {
    try check(configuration)
    let instruments = configuration.instruments
    let base = LiveFeedOptions.sourceBase(after: lastSource, instruments: instruments.instruments.count)
    switch self {
    case .simulator(let seed):
      let connection = UInt64(base) / UInt64(max(1, instruments.instruments.count))
      let isDemo = configuration.profile == CDBConfiguration.Profile.demo.rawValue
      let exchange = try await SimulatedExchange.bind(
        ExchangeOptions(
          market: .seeded(seed &+ connection, isDemo ? .demo : .normal), instruments: instruments))
      let feed = try LiveFeed(
        LiveFeedOptions(
          name: name, webSocketURL: exchange.webSocketURL, restURL: exchange.restURL,
          instruments: instruments, sourceBase: base), logger: logger, unsynchronised: unsynchronised)
      return OpenFeed(source: feed.source, services: [exchange, feed])
    case .binance(let address):
      var options = LiveFeedOptions(
        name: name, webSocketURL: address.webSocketURL, restURL: address.restURL,
        instruments: instruments, sourceBase: base)
      options.authoritiesFile = address.authoritiesFile
      let feed = try LiveFeed(options, logger: logger, unsynchronised: unsynchronised)
      return OpenFeed(source: feed.source, services: [feed])
    case .recordings(let paths, let speed, let loops):
      return OpenFeed(source: Self.paced(try RecordingSource(paths: paths, loops: loops), speed))
    case .journal(let directory, let speed):
      let journal = try JournalSource(directory: directory)
      return OpenFeed(source: Self.paced(journal, speed), journal: journal)
    }
  }

  /// Refuses what this feed cannot deliver.
  func check(_ configuration: PipelineConfiguration) throws {
    let count = configuration.instruments.instruments.count
    guard isRecorded || count <= LiveFeedOptions.maximumInstruments else {
      throw InvalidSetting(
        key: "feed.symbols", value: "a list of \(count)",
        expected: "at most \(LiveFeedOptions.maximumInstruments) symbols: a connection has no more streams")
    }
  }

  private static func paced(_ source: some FrameSource, _ speed: ReplaySpeed) -> any FrameSource {
    switch speed {
    case .maximum: source
    case .times(let factor): PacedSource(source, factor: factor)
    }
  }

  /// What the stages decide by: a journal's own configuration, or what the settings say.
  public func configuration(_ settings: EffectiveConfiguration) throws -> PipelineConfiguration {
    guard case .journal(let directory, _) = self else {
      var configuration = try PipelineConfiguration(settings)
      if settings.string("gate.mode") == "auto" { configuration.gate.enforced = isGuarded }
      return configuration
    }
    guard let configuration = try Journal.openingConfiguration(ofJournalIn: directory) else {
      throw PipelineError.noConfiguration(
        journal: directory, first: try Journal.firstRecord(ofJournalIn: directory) ?? 1)
    }
    return configuration
  }

  /// Whether a gate makes sense, and a record of the answers: a recording at maximum speed is over before anything could
  /// be checked.
  var isGuarded: Bool {
    switch self {
    case .simulator, .binance: true
    case .recordings(_, let speed, _), .journal(_, let speed): speed != .maximum
    }
  }

  /// Whether the configuration has to be journaled: a journal brings its own.
  public var journalsConfiguration: Bool {
    if case .journal = self { false } else { true }
  }
}

/// A feed that is ready: where the pipeline reads, and what has to run beside it.
public struct OpenFeed: Sendable {
  public var source: any FrameSource
  public var services: [any Service] = []
  /// The journal behind it, where it is one.
  public var journal: JournalSource?

  /// What the source left out, in words, once it has ended.
  public var notices: [String] {
    journal?.reading.tail.map { ["\($0); left out, as it is no whole record"] } ?? []
  }
}
