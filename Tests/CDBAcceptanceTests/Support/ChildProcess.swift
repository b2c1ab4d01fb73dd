import Foundation
import Glibc
import Synchronization

/// A process that a test started. Its output goes to two files, so that nothing blocks when nobody reads;
/// a thread of its own waits for its end.
final class ChildProcess: Sendable {
  enum Exit: Sendable, Hashable {
    case code(Int32)
    case signal(Int32)
  }

  struct SpawnFailed: Error, CustomStringConvertible {
    var path: String
    var errno: Int32
    var description: String { "cannot start \(path): \(String(cString: strerror(errno)))" }
  }

  let pid: pid_t
  private let outputPath: String
  private let errorPath: String
  private let ended = Mutex<Exit?>(nil)

  /// The children that are still running: they end with the test process at the latest.
  private static let living: Mutex<Set<pid_t>> = {
    atexit { ChildProcess.living.withLock { $0.forEach { _ = Glibc.kill($0, SIGKILL) } } }
    return Mutex([])
  }()

  /// - Parameters:
  ///   - folder: the working directory, and where the output files are kept.
  ///   - environment: added to a small one without any `CDB_…`.
  ///   - input: a file that becomes the standard input.
  init(
    _ path: String, _ arguments: [String], in folder: String, environment: [String: String] = [:],
    input: String = "/dev/null"
  ) throws {
    let stem = "\(folder)/.child-\(UUID().uuidString)"
    outputPath = stem + ".out"
    errorPath = stem + ".err"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errorPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // What the test runner blocks or ignores is not the child's to inherit.
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    // The spawn calls that Swift sees cannot change the folder; env(1) can, and becomes the program.
    let argv = (["env", "-C", folder, path] + arguments).map { strdup($0) } + [nil]
    let envp = Self.environment(adding: environment).map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, "/usr/bin/env", &actions, &attributes, argv, envp)
    guard code == 0 else { throw SpawnFailed(path: path, errno: code) }
    self.pid = pid
    Self.living.withLock { _ = $0.insert(pid) }
    Thread { [self] in reap() }.start()
  }

  private static func environment(adding extra: [String: String]) -> [String: String] {
    ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("CDB_") }.merging(extra) { $1 }
  }

  private func reap() {
    var information = siginfo_t()
    // The number stays taken until it is known here that the process has ended.
    while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    ended.withLock { ended in
      var status: Int32 = 0
      waitpid(pid, &status, 0)
      let signal = status & 0x7f
      ended = signal == 0 ? .code((status >> 8) & 0xff) : .signal(signal)
    }
    Self.living.withLock { _ = $0.remove(pid) }
  }

  /// Nil while it runs.
  var exit: Exit? { ended.withLock { $0 } }

  /// Sends a signal; false where the process has ended.
  @discardableResult
  func send(_ signal: Int32) -> Bool {
    ended.withLock { $0 == nil && Glibc.kill(pid, signal) == 0 }
  }

  /// Ends it, if need be, and waits until it has.
  func end() async {
    send(SIGKILL)
    _ = try? await exit()
  }

  func exit(within limit: Duration = .patience) async throws -> Exit {
    try await eventually(
      "process \(pid) has ended; its standard error ends: \(errors.suffix(600))", within: limit
    ) {
      exit
    }
  }

  var output: String { Self.text(outputPath) }
  var errors: String { Self.text(errorPath) }

  private static func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }
}
