import CDBPipeline
import DurableQueue
import Foundation
import ServiceRuntime

#if canImport(Glibc)
  import Glibc
#endif

/// The process that holds a data directory, as the machine that both are on knows it.
public struct DataDirectoryHolder: Sendable, Hashable {
  public var directory: String
  public var process: Int32
  /// The kernel's letter for its state, such as `T` for one that was stopped.
  public var state: Character

  public init(directory: String, process: Int32, state: Character) {
    self.directory = directory
    self.process = process
    self.state = state
  }

  /// Whether it was stopped, by SIGSTOP or a debugger: it is there and does nothing.
  public var isStopped: Bool { state == "T" || state == "t" }

  /// Looks for it. The lock's file names a process, and that one must have this file open: a number alone outlives the
  /// process.
  ///
  /// - Parameters:
  ///   - role: what it does there.
  ///   - system: where the kernel tells of processes.
  /// - Returns: nil where nobody holds it, and where that cannot be seen: of another machine, another user, a container.
  public static func find(
    in directory: String, as role: DataDirectoryRole = .pipeline, system: String = "/proc"
  ) -> Self? {
    let files = FileManager.default
    guard let path = realPath(directory + "/" + role.lock),
      (try? files.attributesOfItem(atPath: path))?[.type] as? FileAttributeType == .typeRegular,
      let process = Int32(beginning(of: path, 16).prefix { $0.isASCII && $0.isNumber }), process > 0
    else { return nil }
    let descriptors = "\(system)/\(process)/fd"
    let isHeld = ((try? files.contentsOfDirectory(atPath: descriptors)) ?? []).contains {
      (try? files.destinationOfSymbolicLink(atPath: "\(descriptors)/\($0)")) == path
    }
    guard isHeld, let state = state(in: beginning(of: "\(system)/\(process)/stat", 512)) else { return nil }
    return Self(directory: directory, process: process, state: state)
  }

  /// The first bytes of a file; none of one that cannot be read.
  private static func beginning(of path: String, _ bytes: Int) -> String {
    guard let file = FileHandle(forReadingAtPath: path) else { return "" }
    defer { try? file.close() }
    return String(decoding: (try? file.read(upToCount: bytes)) ?? Data(), as: UTF8.self)
  }

  /// As the kernel names an open file: absolute, without links; nil where nothing is there.
  private static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The state in a line of `/proc/PID/stat`: behind the name, which is in brackets and may have brackets in it.
  static func state(in line: String) -> Character? {
    guard let end = line.lastIndex(of: ")") else { return nil }
    return line[line.index(after: end)...].first { $0 != " " }
  }

  /// What it is, and how it goes on or where it is found.
  var advice: String {
    isStopped
      ? "it is stopped (state \(state)) and goes on with `kill -CONT \(process)`"
      : "it runs (state \(state)): name its address with --listen, or wait for it; where it hangs, `kill \(process)` ends it"
  }
}

/// What a process does in a data directory. One at a time has each of the two; the services of a pipeline may share a directory.
public enum DataDirectoryRole: Sendable, Hashable {
  /// It writes the journal: `cdb run` and `cdb ws`.
  case pipeline
  /// It is the gate of processes that run for themselves: `cdb gate serve`.
  case gateService

  /// The file that such a process locks, below the data directory.
  var lock: String {
    switch self {
    case .pipeline: "journal/lock"
    case .gateService: Self.gateLock
    }
  }
  private static let gateLock = "gate.lock"

  /// Takes a data directory as the gate service's, until the lock that is returned is released.
  ///
  /// - Throws: ``DataDirectoryInUse`` where another gate service has it, and ``PipelineError`` where it cannot be written.
  static func takeForGateService(_ directory: String) throws -> DirectoryLock {
    try DataFolder.make(directory)
    do {
      return try DirectoryLock(directory: directory, name: gateLock)
    } catch .locked(_, let holder) {
      throw DataDirectoryInUse(directory, process: holder, as: .gateService)
    } catch .system(_, _, let code) {
      throw PipelineError.dataDirectory(
        directory, reason: DataFolder.obstacle(at: directory, otherwise: code))
    }
  }
}

/// A process runs on the data directory already: it has one at a time.
public struct DataDirectoryInUse: Error, CustomStringConvertible, ExitCodeProviding {
  public var directory: String
  /// Nil where the lock does not tell.
  public var process: Int32?
  /// Whether that one was stopped, and does nothing.
  public var isStopped: Bool
  /// What it does there.
  public var role: DataDirectoryRole

  /// - Parameter process: as the lock names it.
  init(_ directory: String, process: Int32?, as role: DataDirectoryRole = .pipeline) {
    self.directory = directory
    self.process = process
    self.role = role
    isStopped =
      DataDirectoryHolder.find(in: directory, as: role).map { $0.process == process && $0.isStopped } ?? false
  }

  public var exitCode: Int32 { 2 }
  public var description: String {
    let isGate = role == .gateService
    let what = isGate ? " as its gate service" : ""
    let listen = isGate ? " --listen 127.0.0.1:\(ServicesSettings.gatePort)` or where it listens" : "`"
    guard let process else {
      return "another process runs on \(directory)\(what): stop it, or choose another place with --data-dir"
    }
    let state = isStopped ? ", and is stopped (`kill -CONT \(process)` lets it go on)" : ""
    return
      "process \(process) runs on \(directory)\(what)\(state): ask it with `cdb why\(listen), stop it with `kill \(process)`, or "
      + "choose another place with --data-dir"
  }
}
