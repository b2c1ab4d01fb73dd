@testable import DurableQueue
import Glibc
import Testing

func makeDirectory(_ path: String) throws { try #require(mkdir(path, 0o755) == 0) }
func makePipe(_ path: String) throws { try #require(mkfifo(path, 0o644) == 0) }

@Suite("Bounds and trimming")
struct CapacityTests {
  private let small = DurableQueueOptions(segmentBytes: 4096, maximumBytes: 16_384)

  @Test("a full queue refuses, counts, and takes more when it is trimmed")
  func refuse() throws {
    let queue = try Folder().open(small)
    #expect {
      try queue.fill(10_000)
    } throws: {
      if case .full = $0 as? DurableQueueError { true } else { false }
    }
    let full = queue.statistics
    #expect(full.bytes <= 16_384 && full.bytes > 12_000)
    #expect(full.dropped.full == 1 && full.appended == full.nextSequence - 1)
    try queue.trim(through: full.nextSequence / 2)
    #expect(queue.statistics.segments < full.segments)
    #expect(queue.statistics.firstSequence <= full.nextSequence / 2 + 1)
    try queue.fill(20)
    #expect(try queue.drain().isTrue())
  }

  @Test("a queue that is wholly consumed never stays full, whatever the batch")
  func consumedNewest() throws {
    let queue = try Folder().open(DurableQueueOptions(segmentBytes: 8192, maximumBytes: 16_384))
    var batch = RecordBatch()
    batch.append([UInt8](repeating: 1, count: 12_000))
    for _ in 0..<5 {
      let last = try queue.append(batch).upperBound
      try queue.trim(through: last)
    }
    #expect(queue.statistics.nextSequence == 6)
    batch.append([UInt8](repeating: 1, count: 12_000))
    #expect(throws: DurableQueueError.batchTooLarge(bytes: batch.byteCount, maximumBytes: 16_384)) {
      try queue.append(batch)
    }
  }

  @Test("the oldest records are dropped and counted, and a reader they are taken from is told")
  func dropOldest() throws {
    var options = small
    options.whenFull = .dropOldest
    let queue = try Folder().open(options)
    try queue.fill(10)
    let reader = try queue.makeReader(from: 1)
    _ = try reader.next(maximumRecords: 5, maximumBytes: .max) { _, _ in }
    try queue.fill(5000, perBatch: 5)
    let statistics = queue.statistics
    #expect(statistics.bytes <= 16_384)
    #expect(statistics.dropped.oldest == statistics.firstSequence - 1)
    #expect(statistics.nextSequence == 5011)
    // The segment that the reader had open is read to its end; then the gap is named.
    let drained = try Drained(reader)
    #expect(drained.isTrue() && drained.sequences.first == 6)
    #expect(drained.sequences.last == 5010)
    #expect(drained.lost.count == 1 && drained.lost[0].upperBound == statistics.firstSequence - 1)
  }

  @Test("trim removes whole segments only, and never the newest")
  func trim() throws {
    let folder = Folder()
    let queue = try folder.open(small)
    try queue.fill(200)
    let second = UInt64(folder.segments[1].prefix(20))!
    try queue.trim(through: second - 2)
    #expect(queue.statistics.firstSequence == 1)
    try queue.trim(through: second - 1)
    #expect(queue.statistics.firstSequence == second)
    try queue.trim(through: .max)
    #expect(folder.segments.count == 1 && queue.statistics.segments == 1)
    queue.close()
    let again = try folder.open(small)
    #expect(again.openReport.isClean && again.openReport.nextSequence == 201)
  }

  @Test("a disk that has room for one segment only is used again and again")
  func smallDisk() throws {
    let folder = Folder()
    guard mount("tmpfs", folder.path, "tmpfs", 0, "size=64k") == 0 else {
      print("skipped: mounting a small tmpfs is not permitted here")
      return
    }
    defer { umount2(folder.path, Int32(MNT_DETACH)) }
    let options = DurableQueueOptions(segmentBytes: 1 << 20, keepsSpare: true)
    var queue = try folder.open(options)
    var next: UInt64 = 1
    for round in 0..<6 {
      #expect(throws: DurableQueueError.self) { try queue.fill(10_000, perBatch: 10, padding: 100) }
      let last = queue.statistics.nextSequence - 1
      #expect(last >= next + 100, "round \(round)")
      let drained = try queue.drain()
      #expect(drained.isTrue(padding: 100) && drained.sequences == Array(next...last))
      try queue.trim(through: last)
      next = last + 1
      if round == 3 {
        // What the spare was made of is there for the next one, too.
        queue.close()
        queue = try folder.open(options)
        try queue.trim(through: last)
      }
    }
    queue.close()
  }

  @Test("on a full disk nothing of the batch stays, the error is typed, and a later append succeeds")
  func diskFull() throws {
    let folder = Folder()
    guard mount("tmpfs", folder.path, "tmpfs", 0, "size=64k") == 0 else {
      print("skipped: mounting a small tmpfs is not permitted here")
      return
    }
    defer { umount2(folder.path, Int32(MNT_DETACH)) }
    let queue = try folder.open(DurableQueueOptions(segmentBytes: 16 << 10))
    var failure: DurableQueueError?
    do {
      try queue.fill(10_000, perBatch: 10, padding: 100)
    } catch let error as DurableQueueError {
      failure = error
    }
    guard case .system(_, _, ENOSPC) = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    let last = queue.statistics.nextSequence - 1
    #expect(last % 10 == 0 && queue.statistics.dropped.failed == 10)
    #expect(try queue.verify().faults.isEmpty)
    try queue.trim(through: last / 2)
    try queue.fill(10, perBatch: 10, padding: 100)
    let drained = try queue.drain()
    #expect(drained.sequences.last == last + 10 && drained.isTrue(padding: 100) && drained.faults.isEmpty)
    queue.close()
  }
}
