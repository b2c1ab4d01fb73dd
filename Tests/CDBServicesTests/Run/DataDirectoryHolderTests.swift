import Foundation
import ServiceRuntime
import Testing

#if canImport(Glibc)
  import Glibc
#endif

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

  @Test("without a holder it is said what is known of the address, and how to ask further")
  func reach() async throws {
    /// An address at which nobody takes connections, or somebody does and says nothing.
    func asked(listens: Bool) async throws -> String {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      try #require(descriptor >= 0)
      defer { close(descriptor) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
        }
      }
      try #require(isBound && (!listens || listen(descriptor, 1) == 0))
      let port = Int(UInt16(bigEndian: address.sin_port))
      let client = ServiceClient(
        address: ListenAddress(host: "127.0.0.1", port: port), patience: .milliseconds(300),
        dataDirectory: "/nowhere/at/all")
      do {
        _ = try await client.why()
        return ""
      } catch let error as ServiceOutOfReach {
        return error.description.replacing("\(port)", with: "PORT")
      }
    }
    let nobody = try await asked(listens: false)
    #expect(nobody.hasPrefix("nothing listens at 127.0.0.1:PORT (cannot connect: "), "\(nobody)")
    #expect(nobody.contains("start it with `cdb run`") && nobody.contains("--data-dir"))
    let silent = try await asked(listens: true)
    #expect(
      silent.hasPrefix("something listens at 127.0.0.1:PORT and does not answer (timed out: "), "\(silent)")
    #expect(silent.contains("`kill -CONT PID`") && silent.contains("--data-dir"))
    #expect(silent.contains("`ss -ltnp 'sport = :PORT'`") && !silent.contains("start it"), "\(silent)")
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
