import Foundation
import ServiceRuntime
import Testing

@testable import CDBServices

@Suite("Who holds a data directory")
struct DataDirectoryHolderTests {
  /// A data directory with a lock that names a process, and what a kernel tells of it.
  private struct Scene {
    let folder: String
    var data: String { folder + "/data" }
    var system: String { folder + "/proc" }

    init(lock: String? = "123\n", state: String = "T", holds: Bool = true) throws {
      folder =
        FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path + "/holder-"
        + UUID().uuidString
      let (files, process) = (FileManager.default, folder + "/proc/123")
      let path = folder + "/data/journal/lock"
      try files.createDirectory(atPath: folder + "/data/journal", withIntermediateDirectories: true)
      try files.createDirectory(atPath: process + "/fd", withIntermediateDirectories: true)
      if let lock { try Data(lock.utf8).write(to: URL(filePath: path)) }
      try Data("123 (c) (db) \(state) 1 123".utf8).write(to: URL(filePath: process + "/stat"))
      try files.createSymbolicLink(
        atPath: process + "/fd/7", withDestinationPath: holds ? path : "/dev/null")
    }

    func find() -> DataDirectoryHolder? {
      defer { remove() }
      return DataDirectoryHolder.find(in: data, system: system)
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
  }

  @Test("a process that has the lock open is found, with its state behind a name with brackets")
  func found() throws {
    let stopped = try #require(try Scene().find())
    #expect(stopped.process == 123 && stopped.state == "T" && stopped.isStopped)
    let running = try #require(try Scene(state: "S").find())
    #expect(running.state == "S" && !running.isStopped)
  }

  @Test("a lock that is left over, is none, or names something else is nobody's")
  func nobody() throws {
    #expect(try Scene(holds: false).find() == nil)
    #expect(try Scene(lock: nil).find() == nil)
    for lock in ["", "x", "-1", "0", "99999999999999999999", "124"] {
      #expect(try Scene(lock: lock).find() == nil, "\(lock)")
    }
    #expect(DataDirectoryHolder.find(in: "/nowhere/at/all") == nil)
  }

  @Test("of this machine it is read where the kernel has it")
  func real() throws {
    let scene = try Scene(lock: "\(ProcessInfo.processInfo.processIdentifier)")
    defer { scene.remove() }
    let lock = try #require(FileHandle(forReadingAtPath: scene.data + "/journal/lock"))
    defer { try? lock.close() }
    let holder = try #require(DataDirectoryHolder.find(in: scene.data))
    #expect(holder.process == ProcessInfo.processInfo.processIdentifier && !holder.isStopped)
    // A way to it over a link is as good.
    let link = scene.folder + "/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: scene.data)
    #expect(DataDirectoryHolder.find(in: link)?.process == holder.process)
  }

  @Test("where nothing answers, a process that was stopped is not to be started, but to go on")
  func words() {
    var silent = ServiceOutOfReach(address: "127.0.0.1:8000", reason: "timed out")
    #expect(silent.description.contains("start it with `cdb run`"))
    let stopped = "process 123 holds data: it is stopped (state T) and goes on with `kill -CONT 123`"
    silent.holder = DataDirectoryHolder(directory: "data", process: 123, state: "T")
    #expect(silent.description == "nothing answers at 127.0.0.1:8000 (timed out), and \(stopped)")
    silent.sent = "stop"
    #expect(silent.description.hasSuffix("; \(stopped)"), "\(silent)")
    silent.sent = nil
    silent.holder?.state = "S"
    #expect(silent.description.contains("it runs (state S): name its address with --listen"), "\(silent)")
    #expect(!silent.description.contains("start it") && silent.exitCode == 3)
  }

  @Test("a second start names the process and both ways out, with exit code 2")
  func second() {
    let error = DataDirectoryInUse("/nowhere", process: 123)
    #expect(
      error.description
        == "process 123 runs on /nowhere: ask it with `cdb why`, stop it with `kill 123`, or choose another place "
        + "with --data-dir")
    #expect(Failures.exitCode(for: error) == 2)
    let unnamed = DataDirectoryInUse("/nowhere", process: nil)
    #expect(unnamed.description.contains("choose another place with --data-dir"))
  }
}
