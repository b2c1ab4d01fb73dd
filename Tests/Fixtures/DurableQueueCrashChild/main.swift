// Appends numbered records until it is killed, and says on standard output what was acknowledged.
// Usage: DurableQueueCrashChild DIRECTORY everyAppend|onRequest

import DurableQueue
import Glibc

guard CommandLine.arguments.count == 3 else { exit(2) }
let policy: FsyncPolicy = CommandLine.arguments[2] == "everyAppend" ? .everyAppend : .onRequest

do throws(DurableQueueError) {
  let queue = try DurableQueue.open(
    directory: CommandLine.arguments[1], options: DurableQueueOptions(segmentBytes: 16 << 10, fsync: policy))
  var batch = RecordBatch()
  var next = queue.openReport.nextSequence
  while true {
    batch.removeAll()
    for _ in 0..<(1 + next % 7) {
      batch.append(Array("record \(next)".utf8))
      next += 1
    }
    let acknowledged = try queue.append(batch)
    let line = Array("\(acknowledged.upperBound)\n".utf8)
    guard write(STDOUT_FILENO, line, line.count) == line.count else { exit(3) }
  }
} catch {
  let line = Array("\(error)\n".utf8)
  _ = write(STDERR_FILENO, line, line.count)
  exit(1)
}
