import DurableQueue
import Glibc
import Testing

@Suite("Append and read")
struct RoundTripTests {
  @Test("records come back in order, under gapless sequences from 1, also after reopening")
  func roundTrip() throws {
    let folder = Folder()
    let queue = try folder.open()
    #expect(queue.openReport.isClean)
    #expect(queue.openReport.nextSequence == 1)
    var batch = RecordBatch()
    batch.append(payload(1))
    batch.append(payload(2))
    #expect(batch.count == 2)
    #expect(try queue.append(batch) == 1...2)
    try queue.fill(98, perBatch: 7)
    #expect(try queue.drain().sequences == Array(1...100))
    queue.close()

    let again = try folder.open()
    #expect(again.openReport.isClean)
    #expect(again.openReport.nextSequence == 101)
    #expect(again.durableThrough == 100)
    try again.fill(10)
    let drained = try again.drain()
    #expect(drained.sequences == Array(1...110))
    #expect(drained.isTrue())
    #expect(drained.faults.isEmpty)
    #expect(again.openReport.descriptionLines == ["the log holds sequences 1 to 100"])
  }

  @Test("a record may be empty, large, or made of two parts")
  func shapes() throws {
    let queue = try Folder().open(DurableQueueOptions(segmentBytes: 4096))
    var batch = RecordBatch()
    batch.append([])
    [1, 2].withUnsafeBytes { header in
      [UInt8]([3, 4, 5]).withUnsafeBytes { batch.append(header: header, payload: $0) }
    }
    let large = [UInt8](repeating: 9, count: 3 << 20)
    batch.append(large)
    try queue.append(batch)
    let records = try queue.drain().records
    #expect(records[1] == [])
    #expect(records[2]?.count == 19)
    #expect(records[2]?.suffix(3) == [3, 4, 5])
    #expect(records[3] == large)
  }

  @Test("a batch without records is refused, a batch can be reused")
  func batches() throws {
    let queue = try Folder().open()
    var batch = RecordBatch()
    #expect(throws: DurableQueueError.emptyBatch) { try queue.append(batch) }
    batch.append([1])
    batch.removeAll()
    #expect(batch.isEmpty && batch.byteCount == 0)
    #expect(throws: DurableQueueError.emptyBatch) { try queue.append(batch) }
  }

  @Test("a reader starts anywhere, stops at its limits and keeps a record whose consumer threw")
  func readerLimits() throws {
    struct Refusal: Error {}
    let queue = try Folder().open(DurableQueueOptions(segmentBytes: 4096))
    try queue.fill(500, perBatch: 3)
    #expect(queue.statistics.segments > 2)
    for start: UInt64 in [1, 2, 137, 300, 499, 500] {
      #expect(try Drained(queue.makeReader(from: start)).sequences == Array(start...500))
    }
    let reader = try queue.makeReader(from: 10)
    #expect(try reader.next(maximumRecords: 5, maximumBytes: .max) { _, _ in } == 5)
    #expect(try reader.next(maximumRecords: 5, maximumBytes: 0) { _, _ in } == 1)
    #expect(try reader.next(maximumRecords: 5, maximumBytes: 20) { _, _ in } == 2)
    #expect(throws: Refusal.self) {
      try reader.next(maximumRecords: 5, maximumBytes: .max) { sequence, _ in
        if sequence == 19 { throw Refusal() }
      }
    }
    #expect(reader.nextSequence == 19)
    var seen: [UInt64] = []
    _ = try reader.next(maximumRecords: 1, maximumBytes: .max) { sequence, _ in seen.append(sequence) }
    #expect(seen == [19])
    for wrong: UInt64 in [0, 502, .max] {
      #expect(
        throws: DurableQueueError.sequenceUnavailable(requested: wrong, firstSequence: 1, nextSequence: 501)
      ) { try queue.makeReader(from: wrong) }
    }
  }

  @Test("a second opener is refused with the holder's process id, until the first one closes")
  func locking() throws {
    let folder = Folder()
    let first = try folder.open()
    #expect {
      try folder.open()
    } throws: {
      if case .locked(folder.path, .some) = $0 as? DurableQueueError { true } else { false }
    }
    first.close()
    #expect(throws: DurableQueueError.closed) { try first.fill(1) }
    #expect(throws: DurableQueueError.closed) { try first.synchronize() }
    #expect(throws: DurableQueueError.closed) { try first.trim(through: 1) }
    _ = try folder.open()
  }

  @Test("a lock of another name in a directory is one's own, and free again once it is released")
  func directoryLock() throws {
    let folder = Folder()
    let queue = try folder.open()
    let lock = try DirectoryLock(directory: folder.path, name: "other")
    #expect(try folder.read("other") == Array("\(getpid())\n".utf8))
    let second = #expect(throws: DurableQueueError.self) {
      try DirectoryLock(directory: folder.path, name: "other")
    }
    #expect(second == .locked(directory: folder.path, holder: getpid()))
    #expect(throws: DurableQueueError.locked(directory: folder.path, holder: getpid())) {
      try DirectoryLock(directory: folder.path, name: "lock")
    }
    lock.release()
    try DirectoryLock(directory: folder.path, name: "other").release()
    queue.close()
    try DirectoryLock(directory: folder.path + "/is/made", name: "lock").release()
  }

  @Test("a directory that is open elsewhere can be read, follows what is appended, and is not touched")
  func readOnly() throws {
    let folder = Folder()
    let queue = try folder.open(DurableQueueOptions(segmentBytes: 4096))
    let reading = try DurableQueue.openForReading(directory: folder.path)
    let reader = try reading.makeReader()
    #expect(try Drained(reader).sequences.isEmpty)
    for round in 0..<20 {
      try queue.fill(50, perBatch: 4)
      let drained = try Drained(reader)
      #expect(drained.sequences == Array(UInt64(round * 50 + 1)...UInt64(round * 50 + 50)))
      #expect(drained.isTrue() && drained.faults.isEmpty)
    }
    let verification = try reading.verify()
    #expect(verification.faults.isEmpty && verification.records == 1000)
    #expect(throws: DurableQueueError.self) {
      try DurableQueue.openForReading(directory: folder.path + "/no")
    }
  }

  @Test("a torn end of somebody else's log is the end, and reading goes on when it becomes whole")
  func readOnlyTornTail() throws {
    let folder = Folder()
    let queue = try folder.open()
    try queue.fill(5)
    queue.close()
    let name = folder.segments[0]
    let whole = try folder.read(name)
    try folder.write(name, Array(whole.dropLast(3)))
    let reader = try DurableQueue.openForReading(directory: folder.path).makeReader()
    let drained = try Drained(reader)
    #expect(drained.sequences == [1, 2, 3, 4] && drained.faults.isEmpty)
    let tail = try #require(reader.unreadTail)
    #expect(tail.file == name && tail.sequence == 5 && tail.reason == .truncatedRecord)
    #expect(tail.offset + tail.bytes == whole.count - 3 && tail.bytes > 0)
    try folder.write(name, whole)
    #expect(try Drained(reader).sequences == [5])
    #expect(reader.unreadTail == nil)
  }
}
