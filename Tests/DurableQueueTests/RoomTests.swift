import DurableQueue
import Testing

@Suite("Room for those who can wait")
struct RoomTests {
  private static let options = DurableQueueOptions(
    segmentBytes: 4096, maximumBytes: 16_384, whenFull: .dropOldest)

  @Test("there is room up to the bound, and nothing is dropped to make it")
  func bound() throws {
    let queue = try Folder().open(Self.options)
    #expect(queue.hasRoom(for: 4_000, within: 8_192) && !queue.hasRoom(for: 9_000, within: 8_192))
    var batch = RecordBatch()
    batch.append([UInt8](repeating: 1, count: 1_000))
    while queue.hasRoom(for: batch.byteCount, within: 8_192) { try queue.append(batch) }
    #expect(queue.statistics.bytes <= 8_192 && queue.statistics.bytes > 6_000)
    #expect(queue.statistics.dropped.oldest == 0 && queue.statistics.firstSequence == 1)
    // Others still may: it is the queue's own bound that counts for them.
    try queue.append(batch)
    #expect(queue.statistics.dropped.oldest == 0)
    #expect(!queue.hasRoom(for: batch.byteCount, within: 8_192))
  }

  @Test("what is consumed is room, the segment that is written included")
  func consumed() throws {
    let queue = try Folder().open(Self.options)
    var batch = RecordBatch()
    batch.append([UInt8](repeating: 1, count: 7_000))
    for _ in 0..<5 {
      #expect(queue.hasRoom(for: batch.byteCount, within: 8_192))
      let last = try queue.append(batch).upperBound
      #expect(!queue.hasRoom(for: batch.byteCount, within: 8_192))
      try queue.trim(through: last)
    }
    queue.close()
    #expect(!queue.hasRoom(for: 1, within: 8_192))
  }
}
