import DurableQueue
import Synchronization
import Testing

@Suite("Against a model")
struct ModelTests {
  @Test("random batches, reopenings, cuts and trims agree with an array", arguments: 0..<12)
  func model(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let folder = Folder()
    let options = DurableQueueOptions(
      segmentBytes: 4096 * Int.random(in: 1...3, using: &random), fsync: .onRequest)
    var model: [UInt64: [UInt8]] = [:]
    var next: UInt64 = 1
    var queue = try folder.open(options)
    for _ in 0..<200 {
      switch Int.random(in: 0..<20, using: &random) {
      case 0:
        queue.close()
        queue = try folder.open(options)
        #expect(queue.openReport.isClean)
      case 1:
        queue.close()
        let name = try #require(folder.segments.last)
        let bytes = try folder.read(name)
        let length = Int.random(in: 80...bytes.count, using: &random)
        try folder.write(name, Array(bytes[..<length]))
        queue = try folder.open(options)
        #expect(queue.openReport.quarantined.isEmpty)
        #expect(queue.openReport.nextSequence <= next)
        next = queue.openReport.nextSequence
        model = model.filter { $0.key < next }
      case 2:
        let sequence = UInt64.random(in: 0..<next, using: &random)
        let before = queue.statistics.firstSequence
        try queue.trim(through: sequence)
        let first = queue.statistics.firstSequence
        #expect(before <= first && first <= max(before, sequence + 1))
        model = model.filter { $0.key >= first }
      default:
        var batch = RecordBatch()
        for _ in 0..<Int.random(in: 1...20, using: &random) {
          let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
            UInt8.random(in: 0...255, using: &random)
          }
          batch.append(bytes)
          model[next] = bytes
          next += 1
        }
        #expect(try queue.append(batch).upperBound == next - 1)
      }
      #expect(queue.statistics.nextSequence == next)
    }
    let drained = try queue.drain()
    #expect(drained.records == model)
    #expect(drained.faults.isEmpty)
    #expect(try queue.verify().faults.isEmpty)
  }

  @Test("random damage anywhere never stops an open, and never yields a wrong record", arguments: 0..<12)
  func damage(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(1000 + seed))
    let folder = Folder()
    for _ in 0..<12 {
      let queue = try folder.open(DurableQueueOptions(segmentBytes: 4096))
      let drained = try queue.drain()
      #expect(drained.isTrue(padding: 20))
      #expect(drained.sequences.last.map { $0 < queue.statistics.nextSequence } ?? true)
      try queue.fill(150, perBatch: 4, padding: 20)
      queue.close()
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        guard let name = folder.segments.randomElement(using: &random) else { continue }
        var bytes = try folder.read(name)
        guard !bytes.isEmpty else { continue }
        let start = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes.removeSubrange(start...)
        case 1: bytes[start] ^= 0x10
        case 2: for index in start..<min(bytes.count, start + 700) { bytes[index] = 0 }
        case 3: bytes.insert(contentsOf: [1, 2, 3], at: start)
        default: bytes += [UInt8](repeating: 0xEE, count: 100)
        }
        try folder.write(name, bytes)
      }
    }
  }

  @Test("readers on other threads see every record once, in order, while it is appended")
  func concurrentReaders() async throws {
    let queue = try Folder().open(DurableQueueOptions(segmentBytes: 64 << 10, fsync: .onRequest))
    let total: UInt64 = 30_000
    try await withThrowingTaskGroup(of: UInt64.self) { group in
      for _ in 0..<2 {
        group.addTask {
          let reader = try queue.makeReader(from: 1)
          let deadline = ContinuousClock.now + .seconds(300)
          var expected: UInt64 = 1
          while expected <= total, ContinuousClock.now < deadline {
            let count = try reader.next(maximumRecords: 500, maximumBytes: 1 << 20) { sequence, bytes in
              guard sequence == expected, bytes.elementsEqual(payload(sequence)) else { return }
              expected += 1
            }
            if count == 0 { await Task.yield() }
          }
          return expected - 1
        }
      }
      group.addTask {
        for _ in 0..<(total / 100) {
          try queue.fill(100, perBatch: 10)
          await Task.yield()
        }
        try queue.synchronize()
        return total
      }
      for try await seen in group { #expect(seen == total) }
    }
    #expect(queue.durableThrough == total)
  }
}
