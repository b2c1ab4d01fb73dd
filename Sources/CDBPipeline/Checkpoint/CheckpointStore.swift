import CDBDomain
import Foundation

/// What one stage contributes to a checkpoint.
struct StageCheckpoint: Sendable {
  var cut: StageCut
  /// The stage's snapshot, coded.
  var snapshot: Data
}

/// A complete checkpoint: every stage's snapshot at one barrier.
public struct CheckpointManifest: Codable, Sendable, Hashable {
  /// The form of snapshots that this code writes.
  public static let currentSchema = 1

  public var schema = CheckpointManifest.currentSchema
  public var barrier: UInt64
  /// The journal's last record before the barrier.
  public var journalSequence: UInt64
  /// How many frames were accepted up to there: where a recording goes on.
  public var framesAccepted: UInt64
  /// The fingerprint of the configuration in force.
  public var configurationFingerprint: String
  /// The journal's identity, from which traces derive.
  public var journalIdentity: UInt64
  /// When its barrier was put into the input, by the wall clock; nil in those of earlier versions.
  public var madeAt: EventTime?
  /// Whether the input ended with it, in order; nil in those of earlier versions.
  public var isLast: Bool?
}

/// Keeps checkpoints as folders of small files; the newest two complete ones stay.
///
/// A checkpoint is written whole into a folder with a temporary name, forced to the disk, and then renamed:
/// a folder with its final name is complete, whenever the process died.
public struct CheckpointStore: Sendable {
  /// Why a checkpoint cannot be written or read.
  public enum CheckpointError: Error, Sendable, CustomStringConvertible {
    case cannotWrite(String)
    case unreadable(String, reason: String)

    public var description: String {
      switch self {
      case .cannotWrite(let reason): "a checkpoint cannot be written: \(reason)"
      case .unreadable(let path, let reason): "the checkpoint \(path) cannot be read: \(reason)"
      }
    }
  }

  public let directory: String
  static let kept = 2

  public init(directory: String) throws(CheckpointError) {
    self.directory = directory
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw .cannotWrite("\(directory) is no folder that can be written")
    }
  }

  func save(_ manifest: CheckpointManifest, _ stages: [StageName: StageCheckpoint]) throws(CheckpointError) {
    var files: [String: Data] = [:]
    for (stage, checkpoint) in stages { files[stage.rawValue] = checkpoint.snapshot }
    do {
      files["manifest"] = try JSONEncoder().encode(manifest)
    } catch {
      throw .cannotWrite("the manifest of barrier \(manifest.barrier): \(error)")
    }
    try write(files, barrier: manifest.barrier)
    for old in barriers().dropLast(Self.kept) { remove(old) }
  }

  /// Writes a folder of files, all or none.
  ///
  /// - Parameter files: by their names without `.json`.
  func write(_ files: [String: Data], barrier: UInt64) throws(CheckpointError) {
    let final = directory + "/" + Self.folder(barrier)
    let temporary = final + ".partial"
    do {
      let system = FileManager.default
      try? system.removeItem(atPath: temporary)
      try system.createDirectory(atPath: temporary, withIntermediateDirectories: true)
      for (name, content) in files { try Self.write(content, to: "\(temporary)/\(name).json") }
      try Self.synchronize(directory: temporary)
      try? system.removeItem(atPath: final)
      try system.moveItem(atPath: temporary, toPath: final)
      try Self.synchronize(directory: directory)
    } catch {
      throw .cannotWrite("\(final): \(error)")
    }
  }

  func remove(_ barrier: UInt64) {
    try? FileManager.default.removeItem(atPath: directory + "/" + Self.folder(barrier))
  }

  /// The complete checkpoints, oldest first.
  public func barriers() -> [UInt64] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return names.compactMap { $0.hasPrefix("barrier-") ? UInt64($0.dropFirst(8)) : nil }.sorted()
  }

  public func manifest(of barrier: UInt64) throws(CheckpointError) -> CheckpointManifest {
    let manifest: CheckpointManifest = try read("manifest", of: barrier)
    guard manifest.schema == CheckpointManifest.currentSchema else {
      throw .unreadable(path("manifest", barrier), reason: "its schema \(manifest.schema) is not known")
    }
    return manifest
  }

  func snapshot<S: Stage>(of barrier: UInt64, as stage: S.Type) throws(CheckpointError) -> StageSnapshot<S> {
    try read(S.name.rawValue, of: barrier)
  }

  /// A snapshot that the runtime can go on from: with a value for every partition, and a number for every
  /// output. A file may be whole JSON and still be none.
  func snapshot<S: Stage>(
    of barrier: UInt64, as stage: S.Type, stages: Int, outputs: Int
  ) throws(CheckpointError) -> StageSnapshot<S> {
    let snapshot = try snapshot(of: barrier, as: stage)
    guard snapshot.stages.count == stages, snapshot.emitted.count == outputs else {
      throw .unreadable(
        path(S.name.rawValue, barrier),
        reason: "it has \(snapshot.stages.count) stages and \(snapshot.emitted.count) outputs, and "
          + "\(stages) and \(outputs) are needed")
    }
    return snapshot
  }

  func read<T: Decodable>(_ name: String, of barrier: UInt64) throws(CheckpointError) -> T {
    let path = path(name, barrier)
    do {
      return try JSONDecoder().decode(T.self, from: try Data(contentsOf: URL(filePath: path)))
    } catch {
      throw .unreadable(path, reason: "\(error)")
    }
  }

  private func path(_ name: String, _ barrier: UInt64) -> String {
    "\(directory)/\(Self.folder(barrier))/\(name).json"
  }

  private static func folder(_ barrier: UInt64) -> String { "barrier-\(barrier)" }

  private static func write(_ data: Data, to path: String) throws {
    let url = URL(filePath: path)
    try data.write(to: url)
    let handle = try FileHandle(forUpdating: url)
    try handle.synchronize()
    try handle.close()
  }

  private static func synchronize(directory: String) throws {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY)
    guard descriptor >= 0 else { throw CocoaError(.fileReadUnknown) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw CocoaError(.fileWriteUnknown) }
  }
}
