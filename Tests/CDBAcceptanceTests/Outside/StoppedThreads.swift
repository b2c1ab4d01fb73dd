import Foundation
import Glibc

/// Threads of a process that are held still, while the others go on: a fault that the engine has no name for.
///
/// A signal stops a process as a whole; a tracer stops one thread. It lets go when its input ends, and the kernel lets
/// go for it where it dies.
struct StoppedThreads: Sendable {
  private let tracer: ChildProcess
  private let input: String

  private static let script = """
    import ctypes, os, sys
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    SEIZE, INTERRUPT, DETACH, ALL = 0x4206, 0x4207, 17, 0x40000000
    for thread in map(int, sys.argv[2:]):
        if libc.ptrace(SEIZE, thread, None, None) or libc.ptrace(INTERRUPT, thread, None, None):
            sys.exit(os.strerror(ctypes.get_errno()))
        os.waitpid(thread, ALL)
    print('stopped', flush=True)
    with open(sys.argv[1]) as pipe: pipe.read()
    for thread in map(int, sys.argv[2:]): libc.ptrace(DETACH, thread, None, None)
    """

  /// Stops the threads whose names end so; there must be one.
  init(of pid: pid_t, named suffix: String, in folder: String) async throws {
    let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task").filter {
      let name = try? String(contentsOfFile: "/proc/\(pid)/task/\($0)/comm", encoding: .utf8)
      return name?.trimmingCharacters(in: .newlines).hasSuffix(suffix) ?? false
    }
    guard !threads.isEmpty else {
      throw Tool.Failed(command: ["ptrace"], words: "no thread is called \(suffix)")
    }
    input = folder + "/tracer"
    guard mkfifo(input, 0o600) == 0 else { throw SocketError("mkfifo") }
    let tracer = try ChildProcess(Surroundings.python, ["-c", Self.script, input] + threads, in: folder)
    self.tracer = tracer
    _ = try await eventually("the threads stand still; \(tracer.errors)") {
      tracer.output.contains("stopped").found
    }
  }

  func release() async {
    // It waits for somebody to write; where it has died nobody does, and opening must not wait.
    let descriptor = open(input, O_WRONLY | O_NONBLOCK)
    if descriptor >= 0 { close(descriptor) }
    _ = try? await tracer.exit()
    await tracer.end()
    unlink(input)
  }
}
