@testable import DurableQueue
import Foundation
import Glibc
import Synchronization
import Testing

/// System calls that fail when told to.
private final class Faults: Sendable {
  let write = Mutex<[Int]>([])
  let syncError = Atomic<Int32>(0)
  let truncateError = Atomic<Int32>(0)
  let duringSync = Mutex<(@Sendable () -> Void)?>(nil)

  /// Writes take the next answer from `write`: at most that many bytes, or minus an error number.
  var calls: SystemCalls {
    SystemCalls(
      write: { [self] descriptor, bytes, offset in
        guard let answer = write.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else {
          return SystemCalls.live.write(descriptor, bytes, offset)
        }
        guard answer > 0 else { return answer }
        return SystemCalls.live.write(
          descriptor, UnsafeRawBufferPointer(rebasing: bytes.prefix(answer)), offset)
      },
      sync: { [self] descriptor in
        duringSync.withLock { $0 }?()
        let code = syncError.load(ordering: .relaxed)
        return code == 0 ? SystemCalls.live.sync(descriptor) : code
      },
      truncate: { [self] descriptor, length in
        let code = truncateError.load(ordering: .relaxed)
        return code == 0 ? SystemCalls.live.truncate(descriptor, length) : code
      })
  }
}

@Suite("When the operating system fails")
struct FaultInjectionTests {
  private func queue(_ folder: Folder, _ faults: Faults, _ policy: FsyncPolicy = .onRequest) throws
    -> DurableQueue
  {
    try DurableQueue(
      directory: QueueDirectory(path: folder.path), options: DurableQueueOptions(fsync: policy),
      system: faults.calls)
  }

  @Test("short and interrupted writes are completed")
  func shortWrites() throws {
    let (folder, faults) = (Folder(), Faults())
    let queue = try queue(folder, faults)
    faults.write.withLock { $0 = [1, -Int(EINTR), 7, 20, -Int(EINTR), 3] }
    try queue.fill(10, perBatch: 5)
    #expect(try queue.drain().sequences == Array(1...10))
    #expect(try queue.verify().faults.isEmpty)
  }

  @Test("a write that fails halfway leaves nothing behind", arguments: [EIO, ENOSPC])
  func failedWrite(code: Int32) throws {
    let (folder, faults) = (Folder(), Faults())
    let queue = try queue(folder, faults)
    try queue.fill(3)
    let before = try folder.read(folder.segments[0])
    faults.write.withLock { $0 = [100, -Int(code)] }
    #expect {
      try queue.fill(20, perBatch: 20)
    } throws: {
      if case .system("write", _, code) = $0 as? DurableQueueError { true } else { false }
    }
    #expect(try folder.read(folder.segments[0]) == before)
    #expect(queue.statistics.dropped.failed == 20 && queue.statistics.nextSequence == 4)
    try queue.fill(2)
    #expect(try queue.drain().sequences == Array(1...5))
  }

  @Test(
    "a segment that is removed while it is written stops the queue at the next append; opening goes on behind it",
    arguments: ["removed", "replaced"])
  func removedSegment(how: String) throws {
    let folder = Folder()
    var queue: DurableQueue? = try folder.open()
    try queue?.fill(5)
    let name = folder.segments[0]
    try folder.remove(name)
    if how == "replaced" { try folder.write(name, []) }
    for _ in 0..<2 {
      #expect(throws: DurableQueueError.removed(file: name, lost: 1...5)) { try queue?.fill(1) }
    }
    // Whoever waits for what came before need not wait for ever.
    try queue?.synchronize()
    queue?.close()
    queue = nil
    let again = try folder.open()
    #expect(again.statistics.nextSequence == 6)
    try again.fill(2)
    #expect(try again.drain().sequences == [6, 7])
  }

  @Test("while the folder of a removed segment is missing, appends fail and say so")
  func removedFolder() throws {
    let folder = Folder()
    let queue = try folder.open()
    try queue.fill(5)
    try FileManager.default.removeItem(atPath: folder.path)
    for _ in 0..<2 {
      #expect {
        try queue.fill(1)
      } throws: {
        if case .system("open", _, ENOENT) = $0 as? DurableQueueError { true } else { false }
      }
    }
  }

  @Test("while the rest of a failed write cannot be cut, no append goes on")
  func failedCut() throws {
    let (folder, faults) = (Folder(), Faults())
    let queue = try queue(folder, faults)
    try queue.fill(3)
    faults.write.withLock { $0 = [100, -Int(EIO)] }
    faults.truncateError.store(EIO, ordering: .relaxed)
    #expect(throws: DurableQueueError.self) { try queue.fill(20, perBatch: 20) }
    #expect(throws: DurableQueueError.self) { try queue.fill(1) }
    faults.truncateError.store(0, ordering: .relaxed)
    try queue.fill(1)
    queue.close()
    let again = try folder.open()
    #expect(again.openReport.isClean && again.openReport.nextSequence == 5)
  }

  @Test("after a failed fdatasync the queue claims nothing more, and a new open starts afresh")
  func failedSync() throws {
    let (folder, faults) = (Folder(), Faults())
    let queue = try queue(folder, faults, .everyAppend)
    try queue.fill(3)
    #expect(queue.durableThrough == 3)
    faults.syncError.store(EIO, ordering: .relaxed)
    let lost = DurableQueueError.durabilityLost(file: folder.segments[0], errno: EIO)
    #expect(throws: lost) { try queue.fill(1) }
    faults.syncError.store(0, ordering: .relaxed)
    #expect(throws: lost) { try queue.fill(1) }
    #expect(throws: lost) { try queue.synchronize() }
    #expect(queue.durableThrough == 3)
    queue.close()
    #expect(try folder.open().openReport.isClean)
  }

  @Test("appends go on during an fdatasync, which covers only what was there when it began")
  func appendDuringSync() throws {
    let (folder, faults) = (Folder(), Faults())
    let queue = try queue(folder, faults)
    try queue.fill(3)
    // Would wait for itself, were the writer's lock held.
    faults.duringSync.withLock { $0 = { [weak queue] in try? queue?.fill(2) } }
    try queue.synchronize()
    faults.duringSync.withLock { $0 = nil }
    #expect(queue.durableThrough == 3)
    #expect(queue.statistics.nextSequence == 6)
    try queue.synchronize()
    #expect(queue.durableThrough == 5)
  }

  @Test("a disk full while a segment is made leaves the queue as it was")
  func failedRoll() throws {
    let (folder, faults) = (Folder(), Faults())
    let queue = try DurableQueue(
      directory: QueueDirectory(path: folder.path), options: DurableQueueOptions(segmentBytes: 4096),
      system: faults.calls)
    try queue.fill(1, padding: 4000)
    faults.write.withLock { $0 = [10, -Int(ENOSPC)] }
    #expect(throws: DurableQueueError.self) { try queue.fill(1, padding: 4000) }
    #expect(folder.names.filter { $0 != "lock" }.count == 1)
    try queue.fill(1, padding: 4000)
    #expect(try queue.drain().sequences == [1, 2])
    #expect(folder.segments.count == 2)
  }

  @Test("on a full disk the newest segment goes too when all of it is consumed, and only then")
  func consumedOnFullDisk() throws {
    let (folder, faults) = (Folder(), Faults())
    let queue = try DurableQueue(
      directory: QueueDirectory(path: folder.path), options: DurableQueueOptions(keepsSpare: true),
      system: faults.calls)
    try queue.fill(3)
    try queue.trim(through: 2)
    faults.write.withLock { $0 = [-Int(ENOSPC)] }
    #expect(throws: DurableQueueError.self) { try queue.fill(1) }
    #expect(folder.segments.map { UInt64($0.prefix(20)) } == [1])
    try queue.trim(through: 3)
    faults.write.withLock { $0 = [5, -Int(ENOSPC)] }
    try queue.fill(2, perBatch: 2)
    #expect(folder.segments.map { UInt64($0.prefix(20)) } == [4])
    #expect(try queue.drain().sequences == [4, 5] && queue.verify().faults.isEmpty)
    // Where that does not help, it has helped once, and nothing is lost.
    try queue.trim(through: 5)
    faults.write.withLock { $0 = [-Int(EDQUOT), 80, -Int(EDQUOT)] }
    #expect(throws: DurableQueueError.self) { try queue.fill(1) }
    try queue.fill(1)
    #expect(queue.statistics.nextSequence == 7 && queue.statistics.dropped.failed == 2)
    queue.close()
    let again = try folder.open()
    #expect(again.openReport.isClean && again.openReport.nextSequence == 7)
    #expect(folder.names.filter { !$0.hasSuffix(".seg") } == ["lock"])
  }
}

@Suite("Fsync policies")
struct SyncPolicyTests {
  @Test("everyAppend is durable when append returns")
  func everyAppend() throws {
    let queue = try Folder().open(DurableQueueOptions(segmentBytes: 4096, fsync: .everyAppend))
    try queue.fill(100, perBatch: 10, padding: 100)
    #expect(queue.durableThrough == 100 && queue.statistics.fsyncs == 10)
    #expect(queue.statistics.lastFsyncNanoseconds > 0)
  }

  @Test("interval syncs when it is due by the caller's clock, and only if something was appended")
  func interval() throws {
    let queue = try Folder().open(DurableQueueOptions(fsync: .interval(nanoseconds: 100)))
    try queue.fill(1)
    #expect(try !queue.synchronizeIfDue(now: 1000))
    #expect(try !queue.synchronizeIfDue(now: 1099))
    #expect(queue.durableThrough == 0)
    #expect(try queue.synchronizeIfDue(now: 1100))
    #expect(queue.durableThrough == 1)
    #expect(try !queue.synchronizeIfDue(now: 1300))
    #expect(try !queue.synchronizeIfDue(now: 10))
    try queue.fill(1)
    #expect(try queue.synchronizeIfDue(now: 200))
    #expect(queue.statistics.fsyncs == 2)
  }

  @Test("onRequest syncs only when asked, across closed segments too")
  func onRequest() throws {
    let queue = try Folder().open(DurableQueueOptions(segmentBytes: 4096, fsync: .onRequest))
    try queue.fill(300, padding: 40)
    #expect(try !queue.synchronizeIfDue(now: .max))
    #expect(queue.durableThrough == 0)
    try queue.synchronize()
    #expect(queue.durableThrough == 300)
  }
}
