import CDBDomain
import CDBPipeline
import Foundation
import ServiceRuntime

/// The feed that a configuration asks for.
public enum FeedSelection: Sendable, Equatable {
  /// The seeded market, live.
  case simulator(seed: UInt64)
  /// Recorded frame files.
  case recordings([String], ReplaySpeed, loops: Int)
  /// A journal's directory: another run, again.
  case journal(String, ReplaySpeed)

  public init(_ settings: EffectiveConfiguration) throws {
    let text = settings.string("feed.source")
    if text == "sim" {
      self = .simulator(seed: UInt64(settings.int("feed.seed")))
      return
    }
    guard text.hasPrefix("replay:") else {
      throw InvalidSetting(key: "feed.source", value: text, expected: "sim, or replay:PATH,PATH…")
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
      self = .recordings(paths, try Self.speed(settings), loops: settings.int("feed.loops"))
    } else if journals.count == 1, paths.count == 1 {
      self = .journal(journals[0], try Self.speed(settings))
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
      throw InvalidSetting(key: "feed.speed", value: text, expected: "a factor such as 1 or 10, or max")
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
    case .recordings: "replay"
    case .journal: "journal"
    }
  }

  /// Opens the feed. A simulated market begins now, as a new connection of the data directory.
  public func open(_ configuration: PipelineConfiguration, lastSource: UInt16?) throws -> any FrameSource {
    switch self {
    case .simulator(let seed):
      let instruments = UInt64(configuration.instruments.instruments.count)
      let connection = lastSource.map { UInt64($0) / instruments + 1 } ?? 0
      return SimulatorSource(
        seed: seed &+ connection, instruments: configuration.instruments, start: ProcessClock.wall(),
        profile: configuration.profile == CDBConfiguration.Profile.demo.rawValue ? .demo : .normal,
        connection: connection)
    case .recordings(let paths, let speed, let loops):
      return Self.paced(try RecordingSource(paths: paths, loops: loops), speed)
    case .journal(let directory, let speed):
      return Self.paced(try JournalSource(directory: directory), speed)
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
      throw PipelineError.noConfiguration(journal: directory)
    }
    return configuration
  }

  /// Whether a gate makes sense: a recording at maximum speed is over before anything could be checked.
  private var isGuarded: Bool {
    switch self {
    case .simulator: true
    case .recordings(_, let speed, _), .journal(_, let speed): speed != .maximum
    }
  }

  /// Whether the configuration has to be journaled: a journal brings its own.
  public var journalsConfiguration: Bool {
    if case .journal = self { false } else { true }
  }
}
