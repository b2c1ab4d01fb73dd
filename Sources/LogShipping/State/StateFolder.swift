import Foundation
import Glibc

/// Why a shipper cannot have its folder.
public enum ShipperError: Error, Sendable, CustomStringConvertible {
  /// Another process has it.
  case locked(directory: String)
  /// There is nothing of a shipper.
  case noState(directory: String)
  /// What is there is newer, or was not written by a shipper.
  case unreadable(directory: String, reason: String)
  /// The disk does not do what it is asked for.
  case disk(String)
  /// The server does not say what it is asked for.
  case server(String)

  public var description: String {
    switch self {
    case .locked(let directory): "\(directory) is in use by another process: end that one first"
    case .noState(let directory): "\(directory) has no checkpoint of a shipper: name the folder of one"
    case .unreadable(let directory, let reason): "the checkpoint in \(directory) cannot be used: \(reason)"
    case .disk(let problem): problem
    case .server(let problem): problem
    }
  }
}

/// The folder in which a shipper keeps its state; one process at a time.
final class StateFolder {
  let path: String
  let deadLetters: String
  private let slots: SlotPair
  private var lock: CInt = -1
  /// What was written last.
  private(set) var written: ShipperState?

  /// Opens the folder to look into it: also while a shipper has it.
  init(reading path: String) {
    self.path = path
    deadLetters = path + "/dead-letters.jsonl"
    slots = SlotPair(path: path + "/checkpoint")
  }

  /// Opens or makes the folder, for this process alone.
  convenience init(path: String) throws {
    try Self.makeFolder(path)
    self.init(reading: path)
    lock = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard lock >= 0 else {
      throw DiskFailure(operation: "open", path: path + "/lock", code: errno)
    }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else { throw ShipperError.locked(directory: path) }
  }

  deinit { if lock >= 0 { close(lock) } }

  /// Makes a folder, and those that it stands in.
  private static func makeFolder(_ path: String) throws(DiskFailure) {
    if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    let (code, parent) = (errno, PathPatterns.folder(of: path))
    guard code == ENOENT, parent != path else { throw DiskFailure(operation: "make", path: path, code: code) }
    try makeFolder(parent)
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw DiskFailure(operation: "make", path: path, code: errno)
    }
  }

  /// Nil where there is no checkpoint.
  ///
  /// - Throws: where there is one, and it cannot be used: going on without it would send everything again.
  func load() throws -> ShipperState? {
    guard let bytes = try slots.read() else {
      let isThere = ["/checkpoint.0", "/checkpoint.1"].filter { access(path + $0, F_OK) == 0 }
      guard isThere.count < 2 else {
        throw ShipperError.unreadable(directory: path, reason: "both its files are damaged")
      }
      return nil
    }
    do {
      let state = try JSONDecoder().decode(ShipperState.self, from: Data(bytes))
      guard state.version == ShipperState.version else {
        throw ShipperError.unreadable(directory: path, reason: "it has version \(state.version)")
      }
      written = state
      return state
    } catch let error as DecodingError {
      throw ShipperError.unreadable(directory: path, reason: "\(error)")
    }
  }

  /// Writes the checkpoint where it says something new.
  func store(_ state: ShipperState) throws {
    guard state != written else { return }
    try slots.write(Array(try JSONEncoder().encode(state)))
    written = state
  }
}
