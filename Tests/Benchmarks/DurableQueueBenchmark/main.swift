// Measures the hot paths against memcpy on the same machine. Build with -c release.
// Usage: DurableQueueBenchmark [DIRECTORY]

import CCRC32C
import DurableQueue
import Glibc

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let elapsed = try ContinuousClock().measure(body)
  return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
}

func report(_ what: String, bytes: Int, records: Int? = nil, seconds: Double) {
  let megabytes = Int(Double(bytes) / seconds / 1e6)
  let rate = records.map { ", \(Int(Double($0) / seconds / 1e3)) k records/s" } ?? ""
  print("\(what): \(megabytes) MB/s\(rate)")
}

func measureMemory() {
  let count = 64 << 20
  let rounds = 16
  let source = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
  let target = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
  defer {
    source.deallocate()
    target.deallocate()
  }
  memset(source.baseAddress!, 1, count)
  memset(target.baseAddress!, 2, count)
  report(
    "memcpy", bytes: count * rounds,
    seconds: seconds { for _ in 0..<rounds { memcpy(target.baseAddress!, source.baseAddress!, count) } })
  var crc: UInt32 = 0
  for size in [250, 4096, count] {
    let calls = count * rounds / size
    let elapsed = seconds {
      for _ in 0..<calls { crc = ccrc32c(crc, source.baseAddress!, size) }
    }
    report(
      "crc32c \(String(cString: ccrc32c_implementation())), \(size) bytes", bytes: calls * size,
      seconds: elapsed)
  }
  let elapsed = seconds { crc = ccrc32c_portable(crc, source.baseAddress!, count) }
  report("crc32c portable", bytes: count, seconds: elapsed)
  print("(\(crc))")
}

func measureQueue(in directory: String) throws {
  let batches = 8192
  let perBatch = 512
  let payload = [UInt8](repeating: 0x61, count: 250)
  let queue = try DurableQueue.open(directory: directory, options: DurableQueueOptions(fsync: .onRequest))
  let first = queue.openReport.nextSequence
  var batch = RecordBatch()
  let records = batches * perBatch
  let building = seconds {
    for _ in 0..<batches {
      batch.removeAll()
      for _ in 0..<perBatch { batch.append(payload) }
    }
  }
  report("batch building", bytes: records * 250, records: records, seconds: building)
  let appending = try seconds { for _ in 0..<batches { try queue.append(batch) } }
  report("append alone", bytes: records * 250, records: records, seconds: appending)
  report("build and append", bytes: records * 250, records: records, seconds: building + appending)
  let syncing = try seconds { try queue.synchronize() }
  print("synchronize after that: \(Int(syncing * 1000)) ms")
  for pass in ["first", "second"] {
    let reader = try queue.makeReader(from: first)
    var bytes = 0
    let reading = try seconds {
      while try reader.next(maximumRecords: 4096, maximumBytes: 1 << 20, { bytes += $1.count }) > 0 {}
    }
    report("read, \(pass) pass", bytes: bytes, records: records, seconds: reading)
  }
  queue.close()
  let opening = try seconds { _ = try DurableQueue.open(directory: directory) }
  print("open with \(queue.statistics.segments) segments: \(Int(opening * 1000)) ms")
  try queue.verify().faults.forEach { print($0) }
}

measureMemory()
let directory = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : "/tmp/durable-queue-benchmark"
try measureQueue(in: directory)
