// Measures a typical line: run in release mode.
import Glibc
import Logging
import StructuredLogging

func nanoseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

func measure(_ name: String, count: Int, rounds: Int = 15, _ body: (Int) -> Void) {
  var best = Double.infinity
  for _ in 0..<rounds {
    let start = nanoseconds()
    for index in 0..<count { body(index) }
    best = min(best, Double(nanoseconds() - start) / Double(count))
  }
  print("\(name): \(Int(best.rounded())) ns")
}

let null = open("/dev/null", O_WRONLY)
// Room for a whole round, so that nothing is dropped while a round is measured.
let writer = try LogWriter(
  sinks: [.fileDescriptor(null)], options: LogWriterOptions(capacityBytes: 64 << 20))
let identity = ServiceIdentity(name: "cdb_core", version: "1.0.0", nodeName: "node-1")
let logger = Logger(label: "stage.core") {
  ECSLogHandler(label: $0, identity: identity, writer: writer)
}
let metadata: Logger.Metadata = [
  "cdb.stage": "core", "cdb.symbol": "BTCUSDT", "event.reason": "signal_emitted",
  "trace.id": "4bf92f3577b34da6a3ce929d0e0e4736",
]
measure("constant metadata, 4 entries, log call to return", count: 50_000) { _ in
  logger.info("signal emitted after threshold crossed", metadata: metadata)

}
measure("metadata built at the call, 4 entries, one integer", count: 50_000) { index in
  logger.info(
    "signal emitted after threshold crossed",
    metadata: [
      "cdb.stage": "core", "cdb.symbol": "BTCUSDT", "event.sequence": .stringConvertible(index),
      "trace.id": "4bf92f3577b34da6a3ce929d0e0e4736",
    ])
}
measure("building that dictionary alone", count: 50_000) { index in
  let metadata: Logger.Metadata = [
    "cdb.stage": "core", "cdb.symbol": "BTCUSDT", "event.sequence": .stringConvertible(index),
    "trace.id": "4bf92f3577b34da6a3ce929d0e0e4736",
  ]
  if metadata.count == 99 { print("never") }
}
measure("no metadata", count: 50_000) { _ in logger.info("signal emitted after threshold crossed") }
writer.shutdown()
let statistics = writer.statistics
print("written \(statistics.linesWritten), dropped \(statistics.linesDropped)")
