import DurableQueue
import Foundation
import Glibc
import Testing

@Suite("kill -9", .serialized)
struct KillTests {
  @Test(
    "what was acknowledged is there after kill -9, gapless, under any policy",
    .timeLimit(.minutes(10)), arguments: [FsyncPolicy.everyAppend, .onRequest])
  func kill(policy: FsyncPolicy) throws {
    let folder = Folder()
    var random = SeededGenerator(seed: policy == .everyAppend ? 11 : 12)
    for _ in 0..<10 {
      let acknowledgements = Int.random(in: 1...(policy == .everyAppend ? 40 : 2000), using: &random)
      let acknowledged = try runChild(folder, policy, killAfter: acknowledgements)
      let queue = try folder.open()
      #expect(queue.openReport.quarantined.isEmpty)
      #expect(queue.openReport.nextSequence > acknowledged)
      let drained = try queue.drain()
      #expect(drained.sequences == Array(1..<queue.openReport.nextSequence))
      #expect(drained.isTrue() && drained.faults.isEmpty)
      queue.close()
    }
  }

  /// Runs the child until it has acknowledged that many batches, kills it, and returns the last sequence
  /// of all that it had acknowledged by then.
  private func runChild(_ folder: Folder, _ policy: FsyncPolicy, killAfter lines: Int) throws -> UInt64 {
    let executable = try #require(childExecutable, "DurableQueueCrashChild is not beside the tests")
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    let words = [executable, folder.path, policy == .everyAppend ? "everyAppend" : "onRequest"]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    var child: pid_t = 0
    let spawned = posix_spawn(&child, executable, &actions, nil, &arguments, environ)
    close(ends[1])
    try #require(spawned == 0)

    var output: [UInt8] = []
    var seen = 0
    var killed = false
    var chunk = [UInt8](repeating: 0, count: 256)
    while true {
      let count = read(ends[0], &chunk, chunk.count)
      if count <= 0 { break }
      output += chunk[..<count]
      seen += chunk[..<count].count { $0 == 0x0A }
      if seen >= lines, !killed {
        killed = true
        Glibc.kill(child, SIGKILL)
      }
    }
    var status: Int32 = 0
    waitpid(child, &status, 0)
    #expect(killed && status & 0x7F == SIGKILL)
    // The last line may be torn by the kill; the ones before it were acknowledged.
    let whole = output.prefix(through: try #require(output.lastIndex(of: 0x0A)))
    let last = try #require(whole.split(separator: 0x0A).last)
    return try #require(UInt64(String(decoding: last, as: UTF8.self)))
  }

  private var childExecutable: String? {
    var candidates: [String] = []
    // The test bundle is either loaded into a runner or is the executable itself.
    for line in (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8))?.split(separator: "\n")
      ?? []
    where line.hasSuffix(".xctest") {
      if let start = line.firstIndex(of: "/") { candidates.append(String(line[start...])) }
    }
    if let resolved = realpath("/proc/self/exe", nil) {
      candidates.append(String(cString: resolved))
      free(resolved)
    }
    return candidates.lazy
      .compactMap { path in path.lastIndex(of: "/").map { path[...$0] + "DurableQueueCrashChild" } }
      .first { access($0, X_OK) == 0 }
  }
}
