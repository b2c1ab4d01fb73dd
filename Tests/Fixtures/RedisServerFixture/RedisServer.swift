import Foundation
import LoopbackPorts
import RedisTransport
import Synchronization

/// A real redis-server on loopback, on a free port, in a folder of its own; it ends with the closure that uses it, and with the
/// process that made it, however that ends: a shell beside it waits for the end of its input.
public final class RedisServer: Sendable {
  public struct Failure: Error, CustomStringConvertible {
    public var description: String
    public init(description: String) { self.description = description }
  }

  public let port: Int
  /// Where nodes of a cluster talk to this one.
  public let clusterPort: Int
  public let directory: URL
  private let arguments: [String]
  private let probe: RedisOptions
  private let isSecure: Bool
  private let process = Mutex<Process?>(nil)
  private let watching = Mutex<(shell: Process, input: Pipe)?>(nil)

  public var endpoint: RedisEndpoint { RedisEndpoint(host: "127.0.0.1", port: port) }
  public var address: RedisAddress { RedisAddress(isSecure: isSecure, endpoints: [endpoint]) }

  /// Debian's package `redis-server` has it. Where it is missing tests are skipped, but not under CI.
  public static var executable: String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
      .map { "\($0)/redis-server" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Whether tests with a server are to run.
  public static var isExpected: Bool {
    executable != nil || ProcessInfo.processInfo.environment["CI"] == "true"
  }

  public static let missing = "redis-server is missing (Debian: apt-get install redis-server)"

  init(_ arguments: [String], probe: RedisOptions, tls: TestAuthority?) throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "redis-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    port = Int(try FreePort.next())
    clusterPort = Int(try FreePort.next())
    isSecure = tls != nil
    self.probe = probe
    let listening =
      if let tls {
        [
          "--port", "0", "--tls-port", "\(port)", "--tls-cert-file", tls.certificate.path, "--tls-key-file",
          tls.key.path, "--tls-ca-cert-file", tls.authority.path, "--tls-auth-clients", "no",
        ]
      } else {
        ["--port", "\(port)"]
      }
    self.arguments =
      listening + [
        "--cluster-port", "\(clusterPort)", "--bind", "127.0.0.1", "--dir", directory.path, "--save", "",
        "--daemonize", "no", "--logfile",
        directory.appending(path: "redis.log").path, "--enable-debug-command", "yes",
      ] + arguments
  }

  /// Starts a server, runs `body`, and ends the server.
  public static func run<Result>(
    _ arguments: [String] = [], probe: RedisOptions = RedisOptions(), tls: TestAuthority? = nil,
    _ body: (RedisServer) async throws -> Result
  ) async throws -> Result {
    let server = try RedisServer(arguments, probe: probe, tls: tls)
    defer {
      server.kill()
      try? FileManager.default.removeItem(at: server.directory)
    }
    try await server.start()
    return try await body(server)
  }

  /// Starts a sentinel that watches a master, alone, and takes it for dead after a second without an answer.
  public static func runSentinel<Result>(
    of master: RedisServer, name: String, _ body: (RedisServer) async throws -> Result
  ) async throws -> Result {
    // It writes to its configuration itself.
    let file = FileManager.default.temporaryDirectory.appending(path: "sentinel-\(UUID().uuidString).conf")
    try """
    sentinel monitor \(name) 127.0.0.1 \(master.port) 1
    sentinel down-after-milliseconds \(name) 1000
    sentinel failover-timeout \(name) 10000

    """.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    let server = try RedisServer([], probe: RedisOptions(), tls: nil)
    defer {
      server.kill()
      try? FileManager.default.removeItem(at: server.directory)
    }
    try await server.launch([
      file.path, "--sentinel", "--port", "\(server.port)", "--bind", "127.0.0.1", "--dir",
      server.directory.path,
      "--logfile", server.directory.appending(path: "redis.log").path,
    ])
    return try await body(server)
  }

  /// Starts two servers that are a cluster, with half of the slots each, and returns when both know it.
  public static func runCluster<Result>(
    _ body: (_ first: RedisServer, _ second: RedisServer) async throws -> Result
  ) async throws -> Result {
    let arguments = ["--cluster-enabled", "yes", "--cluster-require-full-coverage", "no"]
    return try await run(arguments) { first in
      try await run(arguments) { second in
        try await first.ask("CLUSTER", "ADDSLOTSRANGE", "0", "8191")
        try await second.ask("CLUSTER", "ADDSLOTSRANGE", "8192", "16383")
        try await first.ask("CLUSTER", "MEET", "127.0.0.1", "\(second.port)", "\(second.clusterPort)")
        let isWhole = try await eventually {
          for server in [first, second] {
            let state = try await server.ask("CLUSTER", "INFO").text ?? ""
            guard state.contains("cluster_state:ok"), state.contains("cluster_slots_assigned:16384") else {
              return false
            }
          }
          return true
        }
        guard isWhole else { throw Failure(description: "the two do not become a cluster\n\(first.log)") }
        return try await body(first, second)
      }
    }
  }

  /// Starts it (again), and returns when it answers.
  public func start() async throws { try await launch(arguments) }

  private func launch(_ arguments: [String]) async throws {
    guard let executable = Self.executable else { throw Failure(description: Self.missing) }
    let started = Process()
    started.executableURL = URL(filePath: executable)
    started.arguments = arguments
    started.standardOutput = FileHandle.nullDevice
    started.standardError = FileHandle.nullDevice
    try started.run()
    process.withLock { $0 = started }
    try watch(over: started.processIdentifier)
    var last = "no attempt"
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(300)
    while clock.now < deadline {
      do {
        let connection = try await RedisConnection.connect(to: endpoint, isSecure: isSecure, options: probe)
        await connection.close()
        return
      } catch {
        last = "\(error)"
        guard started.isRunning else { break }
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw Failure(description: "redis-server does not answer: \(last)\n\(log)")
  }

  /// Starts the shell that clears the server and its folder away when this process dies.
  private func watch(over server: pid_t) throws {
    endWatch()
    let shell = Process()
    let input = Pipe()
    shell.executableURL = URL(filePath: "/bin/sh")
    shell.arguments = ["-c", #"read _; kill -KILL "$1"; rm -rf "$2""#, "sh", "\(server)", directory.path]
    shell.standardInput = input
    shell.standardOutput = FileHandle.nullDevice
    shell.standardError = FileHandle.nullDevice
    try shell.run()
    watching.withLock { $0 = (shell, input) }
  }

  /// Before the server ends: its number may be another's afterwards.
  private func endWatch() {
    watching.withLock { watch in
      guard let (shell, input) = watch else { return }
      if shell.isRunning { _ = Foundation.kill(shell.processIdentifier, SIGKILL) }
      shell.waitUntilExit()
      try? input.fileHandleForWriting.close()
      watch = nil
    }
  }

  /// Of the server; nil while it does not run.
  public var pid: pid_t? { process.withLock { $0?.processIdentifier } }

  /// What the death of this process does: the watching shell's input ends.
  public func abandon() { watching.withLock { try? $0?.input.fileHandleForWriting.close() } }

  public var log: String {
    (try? String(contentsOf: directory.appending(path: "redis.log"), encoding: .utf8)) ?? ""
  }

  public func signal(_ number: Int32) {
    process.withLock {
      if let running = $0, running.isRunning { _ = Foundation.kill(running.processIdentifier, number) }
    }
  }

  /// SIGKILL, and waits for the end.
  public func kill() {
    endWatch()
    signal(SIGKILL)
    process.withLock {
      $0?.waitUntilExit()
      $0 = nil
    }
  }

  /// One command on a connection of its own.
  @discardableResult
  public func ask(_ words: String...) async throws -> RedisValue {
    let connection = try await RedisConnection.connect(to: endpoint, isSecure: isSecure, options: probe)
    var command = RedisCommand(words[0])
    for word in words.dropFirst() { command.append(word) }
    do {
      let answer = try await connection.call(command, timeout: .seconds(60))
      await connection.close()
      return answer
    } catch {
      await connection.close()
      throw error
    }
  }
}

/// Waits until a condition holds; false where it does not within the time.
public func eventually(
  within time: Duration = .seconds(300), _ condition: () async throws -> Bool
) async rethrows -> Bool {
  let clock = ContinuousClock()
  let deadline = clock.now + time
  while clock.now < deadline {
    if try await condition() { return true }
    try? await Task.sleep(for: .milliseconds(5))
  }
  return try await condition()
}
