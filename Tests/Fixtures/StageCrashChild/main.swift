// One stage of the pipeline as a service that ends itself with SIGKILL when it comes to a step for the n-th time.
// Usage: StageCrashChild STAGE STEP N [key=value …]
// Where STAGE_CRASH_ARMED names a file, it counts only while that file is there.

import CDBDomain
import CDBPipeline
import CDBServices
import Glibc
import Synchronization

let words = CommandLine.arguments
guard words.count >= 4, let stage = StageName(rawValue: words[1]), let step = ServiceStep(rawValue: words[2]),
  let wanted = Int(words[3])
else { exit(2) }
var flags: [String: String] = [:]
for assignment in words.dropFirst(4) {
  guard let equals = assignment.firstIndex(of: "=") else { exit(2) }
  flags[String(assignment[..<equals])] = String(assignment[assignment.index(after: equals)...])
}
let armed = getenv("STAGE_CRASH_ARMED").map { String(cString: $0) }
let seen = Atomic<Int>(0)
let target = step
do {
  let settings = try CDBConfiguration.load(file: nil, environment: [:], flags: flags)
  let code = try await StageProcess(stage, settings: settings, isTerminal: false).run { step in
    guard step == target, armed.map({ access($0, F_OK) == 0 }) ?? true,
      seen.add(1, ordering: .relaxed).newValue == wanted
    else { return }
    kill(getpid(), SIGKILL)
    // Nothing is done between the signal and the end.
    while true { pause() }
  }
  exit(code)
} catch {
  let line = Array("\(error)\n".utf8)
  _ = write(STDERR_FILENO, line, line.count)
  exit(Failures.exitCode(for: error))
}
