import Foundation
import LoopbackPorts
import PostgresClient
import Synchronization

/// A PostgreSQL server of the tests' own: on loopback, at a free port, in a temporary directory.
///
/// It ends with the process that made it, however that ends: a shell beside it waits for the end of its input.
public final class PostgresServer: Sendable {
  public struct Failure: Error, CustomStringConvertible {
    public var description: String
  }

  private struct State {
    var process: Process?
    var input: Pipe?
    var databases = 0
  }

  public let directory: String
  public let port: UInt16
  /// The room of a file system of its own at `directory/small`, MiB; nil where there is none.
  private let smallDisk: Int?
  private let binaries: String
  private let state = Mutex(State())

  /// Where the programs of Debian's package are; nil where it is not installed.
  public static let installed: String? = {
    let root = "/usr/lib/postgresql"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "\(root)/\($0)/bin" }
      .first { FileManager.default.isExecutableFile(atPath: $0 + "/initdb") }
  }()

  public static let isInCI = ProcessInfo.processInfo.environment["CI"] == "true"

  /// Whether tests with a server run: where it is missing, they are skipped, but fail in CI.
  public static var isExpected: Bool { installed != nil || isInCI }

  public static let comment =
    "PostgreSQL is not installed: Tests/setup/packages.sh tests (the tests with a server are skipped)"

  /// The server that most tests share, each with a database of its own.
  public static func shared() async throws -> PostgresServer { try await sharedTask.value }

  private static let sharedTask = Task { try await PostgresServer() }

  /// Makes a data directory and starts a server on it.
  ///
  /// - Parameters:
  ///   - settings: the server's, as `name=value`.
  ///   - smallDisk: makes a file system of so many MiB at `directory/small` that this server alone sees; needs root.
  public init(_ settings: [String] = [], smallDisk: Int? = nil) async throws {
    self.smallDisk = smallDisk
    guard let binaries = Self.installed else { throw Failure(description: Self.comment) }
    self.binaries = binaries
    port = try FreePort.next()
    directory = NSTemporaryDirectory() + "/cdb-postgres-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    if geteuid() == 0 { try Self.run("/bin/chown", ["postgres:postgres", directory]) }
    try Self.run(
      "/bin/sh",
      [
        "-c", "exec \"$@\"", "sh",
      ] + Self.unprivileged + [
        binaries + "/initdb", "-D", directory + "/data", "-U", "cdb", "-A", "trust", "-E", "UTF8",
        "--locale=C.UTF-8",
        "--no-sync", "--no-instructions",
      ])
    try await start(settings)
  }

  /// The server refuses to run as root.
  private static var unprivileged: [String] {
    geteuid() == 0 ? ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--"] : []
  }

  /// Starts it, and waits until it takes connections. Backends of one that was killed may keep a start from succeeding for
  /// a moment.
  ///
  /// - Parameter visitor: how one gets in; nil as everybody does at first.
  public func start(_ settings: [String] = [], as visitor: PostgresSettings? = nil) async throws {
    var process = try launch(settings)
    let visitor = try visitor ?? PostgresSettings(url())
    try await wait("the server takes connections") {
      if Self.state(of: process.processIdentifier) != .running, let again = try? launch(settings) {
        process = again
      }
      return (try? await self.execute("SELECT 1", as: visitor)) != nil
    }
  }

  /// Starts it anew so that it admits nobody without TLS and a password.
  ///
  /// - Returns: the server's certificate, which is its own authority, in PEM.
  public func startSecured(password: String) async throws -> String {
    let (key, certificate) = (directory + "/server.key", directory + "/server.crt")
    try Self.run(
      "/usr/bin/openssl",
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=cdb test", "-addext",
        "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
      ])
    let owner = try FileManager.default.attributesOfItem(atPath: directory + "/data")[.ownerAccountID]
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600, .ownerAccountID: owner ?? 0], ofItemAtPath: key)
    try await execute("ALTER ROLE cdb PASSWORD '\(password)'")
    try "hostssl all all 127.0.0.1/32 scram-sha-256\n".write(
      toFile: directory + "/data/pg_hba.conf", atomically: false, encoding: .utf8)
    try await stop()
    let trusting = "\(url())?sslmode=verify-full&sslrootcert=\(certificate)"
    try await start(
      ["ssl=on", "ssl_cert_file=\(certificate)", "ssl_key_file=\(key)"],
      as: try PostgresSettings(trusting) { password })
    return certificate
  }

  private func launch(_ settings: [String]) throws -> Process {
    let process = Process()
    let input = Pipe()
    process.executableURL = URL(filePath: "/bin/sh")
    let options =
      [
        "fsync=off", "listen_addresses=127.0.0.1", "unix_socket_directories=", "port=\(port)",
        "max_connections=60",
        "log_min_messages=warning", "client_min_messages=warning", "shared_buffers=32MB",
      ] + settings
    let server =
      Self.unprivileged + [binaries + "/postgres", "-D", directory + "/data"]
      + options.flatMap { ["-c", $0] }
    // When the pipe's other end is gone while the server runs, this process has died: then both are cleared away.
    // The shell inherits a mask of signals and must not rely on any but SIGKILL.
    let watch = """
      exec 3<&0
      rm -f '\(directory)/abandoned'
      (cat <&3 >/dev/null; kill -QUIT $(head -1 '\(directory)/data/postmaster.pid') && : >'\(directory)/abandoned') 2>/dev/null &
      c=$!
      "$@" </dev/null 3<&-
      kill -KILL $c
      if [ -e '\(directory)/abandoned' ]; then rm -rf '\(directory)'; fi
      """
    if let smallDisk {
      let small = directory + "/small"
      try FileManager.default.createDirectory(atPath: small, withIntermediateDirectories: true)
      // A mount in a namespace of the server's own ends with it.
      let mount =
        "mount -t tmpfs -o size=\(smallDisk)m,mode=700,uid=$(id -u postgres) small \(small) && \(watch)"
      process.executableURL = URL(filePath: "/usr/bin/unshare")
      process.arguments = ["-m", "--", "/bin/sh", "-c", mount, "sh"] + server
    } else {
      process.arguments = ["-c", watch, "sh"] + server
    }
    process.standardInput = input
    let log = directory + "/server.log"
    if !FileManager.default.fileExists(atPath: log) {
      _ = FileManager.default.createFile(atPath: log, contents: nil)
    }
    let handle = try FileHandle(forWritingTo: URL(filePath: log))
    try handle.seekToEnd()
    process.standardError = handle
    process.standardOutput = handle
    try process.run()
    state.withLock {
      $0.process = process
      $0.input = input
    }
    return process
  }

  private enum Life { case running, ended, gone }

  /// Foundation's own answer waits for whoever has inherited the process's descriptors.
  private static func state(of pid: pid_t) -> Life {
    guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8), !status.isEmpty
    else {
      return .gone
    }
    return status.contains(") Z ") ? .ended : .running
  }

  /// The postmaster's process.
  public var pid: pid_t? {
    guard let text = try? String(contentsOfFile: directory + "/data/postmaster.pid", encoding: .utf8) else {
      return nil
    }
    return text.split(separator: "\n").first.flatMap { pid_t($0) }
  }

  /// Ends it with a signal, and waits until it and its backends are gone: SIGQUIT is the immediate stop, SIGINT the fast one.
  public func stop(_ signal: CInt = SIGINT) async throws {
    guard let pid else { return }
    kill(pid, signal)
    try await wait("the server is gone") {
      Self.state(of: pid) == .gone
    }
    // After SIGKILL the backends see it by themselves, and the next start waits for the last.
    state.withLock { state in
      try? state.input?.fileHandleForWriting.close()
      state.input = nil
    }
  }

  /// Ends it and removes what it had.
  public func remove() async {
    try? await stop(SIGQUIT)
    try? FileManager.default.removeItem(atPath: directory)
  }

  public func url(_ database: String = "postgres", user: String = "cdb") -> String {
    "postgresql://\(user)@127.0.0.1:\(port)/\(database)"
  }

  /// A database that nobody else uses.
  public func database() async throws -> String {
    let number = state.withLock { state in
      state.databases += 1
      return state.databases
    }
    try await execute("CREATE DATABASE t\(number)")
    return "t\(number)"
  }

  /// Runs a statement with a connection of its own; returns the rows as text.
  @discardableResult
  public func execute(_ statement: String, in database: String = "postgres") async throws -> [[String?]] {
    try await execute(statement, as: try PostgresSettings(url(database)))
  }

  private func execute(_ statement: String, as visitor: PostgresSettings) async throws -> [[String?]] {
    let session = PostgresSession(visitor)
    defer { session.close() }
    // CREATE DATABASE stands alone, outside of any transaction.
    return try await session.run { connection in
      try connection.run([PostgresStatement(statement)]).first?.rows ?? []
    }
  }

  /// Waits for a condition.
  public func wait(
    _ what: String, within limit: Duration = .seconds(300), _ condition: () async -> Bool
  ) async throws {
    let deadline = ContinuousClock.now + limit
    while await !condition() {
      guard ContinuousClock.now < deadline else {
        throw Failure(description: "not in \(limit): \(what); see \(directory)/server.log")
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  private static func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let told = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: "\(program): \(String(decoding: told, as: UTF8.self))")
    }
  }
}
