import DurableQueue
import Testing

@Suite("Opening what a crash or a bad disk left")
struct RecoveryTests {
  /// A log of several small segments, closed.
  private func log(_ count: Int, segmentBytes: Int = 4096, padding: Int = 30) throws -> Folder {
    let folder = Folder()
    let queue = try folder.open(DurableQueueOptions(segmentBytes: segmentBytes))
    try queue.fill(count, perBatch: 5, padding: padding)
    queue.close()
    return folder
  }

  @Test("a tail torn at any byte of the last records is cut and reported, and nothing before it is lost")
  func tornTailAtEveryByte() throws {
    let original = try log(12)
    let name = original.segments[0]
    let bytes = try original.read(name)
    // Records 1 to 9 are one digit, 10 to 12 two: 20 bytes of frame, the text, the padding.
    let starts = (10...12).map { 80 + 9 * (20 + 8 + 30) + ($0 - 10) * (20 + 9 + 30) }
    #expect(bytes.count == starts[2] + 59)
    for length in starts[0]..<bytes.count {
      let folder = Folder()
      try folder.write(name, Array(bytes[..<length]))
      let queue = try folder.open()
      let whole = starts.last { $0 <= length }!
      let last = UInt64(10 + starts.firstIndex(of: whole)! - 1)
      #expect(queue.openReport.nextSequence == last + 1)
      #expect(queue.openReport.quarantined.isEmpty)
      if length == whole {
        #expect(queue.openReport.tornTail == nil)
      } else {
        let torn = try #require(queue.openReport.tornTail)
        #expect(torn.file == name && torn.offset == whole && torn.bytes == length - whole)
      }
      #expect(try folder.read(name).count == whole)
      try queue.fill(3, padding: 30)
      let drained = try queue.drain()
      #expect(drained.sequences == Array(1...(last + 3)) && drained.isTrue(padding: 30))
    }
  }

  @Test("zero bytes behind the last record are a torn tail", arguments: [1, 19, 20, 500, 9000])
  func zeroTail(count: Int) throws {
    let folder = try log(12)
    let name = folder.segments[0]
    let bytes = try folder.read(name)
    try folder.write(name, bytes + [UInt8](repeating: 0, count: count))
    let queue = try folder.open()
    let torn = try #require(queue.openReport.tornTail)
    #expect(torn.offset == bytes.count && torn.bytes == count && torn.reason == .zeroFilled)
    #expect(try queue.drain().sequences == Array(1...12))
  }

  @Test("a hole of zeros between records is named with what it took, and is never a record")
  func zeroHole() throws {
    let folder = try log(40)
    let name = folder.segments[0]
    var bytes = try folder.read(name)
    for index in 1000..<1500 { bytes[index] = 0 }
    try folder.write(name, bytes)
    let queue = try folder.open()
    let fault = try #require(queue.openReport.quarantined.first)
    let lost = try #require(fault.lostSequences)
    #expect(queue.openReport.quarantined.count == 1 && fault.file == name)
    #expect(queue.openReport.nextSequence == 41)
    let drained = try queue.drain()
    #expect(drained.isTrue(padding: 30) && drained.lost == [lost])
    #expect(drained.sequences == (1...40).filter { !lost.contains($0) })
  }

  @Test("a flipped byte in the newest segment is found at open, and costs one record at most")
  func flipInNewest() throws {
    let original = try log(30)
    let name = original.segments[0]
    let bytes = try original.read(name)
    for offset in stride(from: 0, to: bytes.count, by: 3) {
      let folder = Folder()
      var damaged = bytes
      damaged[offset] ^= 0x40
      try folder.write(name, damaged)
      let queue = try folder.open()
      let drained = try queue.drain()
      #expect(drained.isTrue(padding: 30))
      if offset < 80 {
        // One copy of the header is enough.
        #expect(queue.openReport.isClean && drained.sequences == Array(1...30))
        continue
      }
      #expect(drained.sequences.count == 29)
      if let torn = queue.openReport.tornTail {
        #expect(drained.sequences.last == 29 && torn.offset <= offset)
        continue
      }
      let fault = try #require(queue.openReport.quarantined.first)
      #expect((fault.offset..<fault.offset + fault.bytes).contains(offset))
      let lost = try #require(fault.lostSequences)
      #expect(lost.count == 1 && !drained.sequences.contains(lost.lowerBound))
      #expect(drained.lost == [lost])
      // The log goes on, and what is damaged stays where it is.
      #expect(queue.statistics.nextSequence == 31)
      try queue.fill(2, padding: 30)
      #expect(try queue.drain().sequences.suffix(2) == [31, 32])
      #expect(try folder.read(name) == damaged)
    }
  }

  @Test("a flipped byte in an older segment is named by reader and verify, and nothing else is lost")
  func flipInOlder() throws {
    let original = try log(300)
    let name = original.segments[1]
    let bytes = try original.read(name)
    for offset in stride(from: 80, to: bytes.count, by: 37) {
      let folder = try original.copy()
      var damaged = bytes
      damaged[offset] ^= 0x01
      try folder.write(name, damaged)
      let queue = try folder.open()
      #expect(queue.openReport.isClean && queue.openReport.nextSequence == 301)
      let report = try queue.verify()
      #expect(report.faults.count == 1 && report.records == 299)
      let fault = report.faults[0]
      #expect(fault.file == name)
      #expect((fault.offset..<fault.offset + fault.bytes).contains(offset))
      let drained = try queue.drain()
      #expect(drained.sequences.count == 299 && drained.isTrue(padding: 30))
      #expect(drained.lost == [fault.lostSequences].compactMap(\.self))
      guard case .corruptRecord(name, fault.offset, let sequence, _) = drained.faults.first else {
        Issue.record("\(drained.faults)")
        return
      }
      #expect(sequence == fault.lostSequences?.lowerBound)
    }
  }

  @Test("a fault is thrown until it is skipped, after the records before it were delivered")
  func faultStays() throws {
    let folder = try log(300)
    let name = folder.segments[1]
    var damaged = try folder.read(name)
    damaged[2000] ^= 1
    try folder.write(name, damaged)
    let reader = try DurableQueue.openForReading(directory: folder.path).makeReader()
    var last: UInt64 = 0
    _ = try reader.next(maximumRecords: 1000, maximumBytes: .max) { sequence, _ in last = sequence }
    for _ in 0..<2 {
      #expect {
        try reader.next(maximumRecords: 1, maximumBytes: 1) { _, _ in }
      } throws: {
        if case .corruptRecord(name, _, last + 1, .damagedPayload) = $0 as? DurableQueueError {
          true
        } else {
          false
        }
      }
    }
    #expect(try reader.skipFault() == (last + 1)...(last + 1))
    #expect(try reader.skipFault() == nil)
    #expect(try Drained(reader).sequences == Array((last + 2)...300))
  }

  @Test(
    "a file that is no segment is kept aside and named, wherever it stands",
    arguments: [[], [1, 2, 3], [UInt8](repeating: 0, count: 5000), [UInt8](repeating: 0xA5, count: 5000)])
  func garbage(content: [UInt8]) throws {
    let original = try log(300)
    for index in original.segments.indices {
      let folder = try original.copy()
      let name = folder.segments[index]
      try folder.write(name, content)
      let queue = try folder.open()
      let report = queue.openReport
      #expect(report.quarantined.contains { $0.file == name + ".corrupt" })
      #expect(try folder.read(name + ".corrupt") == content)
      let drained = try queue.drain()
      #expect(drained.isTrue(padding: 30))
      #expect(report.nextSequence == queue.statistics.nextSequence)
      if index + 1 < original.segments.count {
        let lost = try #require(report.quarantined[0].lostSequences)
        #expect(drained.sequences == (1...300).filter { !lost.contains($0) })
        #expect(lost.lowerBound == UInt64(name.prefix(20)))
        #expect(lost.upperBound + 1 == UInt64(original.segments[index + 1].prefix(20)))
      } else {
        // Sequences of the lost end are not given out twice, as far as the file's length tells.
        #expect(report.nextSequence == UInt64(name.prefix(20))! + UInt64(content.count / 20))
      }
      try queue.fill(1, padding: 30)
      #expect(try queue.drain().sequences.last == report.nextSequence)
    }
  }

  @Test("a newest file that is no segment is one fault for a reader of somebody else's log, then the end")
  func garbageReadOnly() throws {
    let folder = try log(300)
    let name = try #require(folder.segments.last)
    let whole = try folder.read(name)
    try folder.write(name, [UInt8](repeating: 0xA5, count: 5000))
    let reader = try DurableQueue.openForReading(directory: folder.path).makeReader()
    let drained = try Drained(reader)
    let first = UInt64(name.prefix(20))!
    #expect(drained.sequences == Array(1..<first))
    #expect(
      drained.faults == [.corruptRecord(file: name, offset: 0, sequence: first, reason: .damagedHeader)])
    #expect(try Drained(reader).faults.isEmpty)
    // A successor that comes later is reached, and what is lost before it is named.
    let other = try log(400)
    let next = other.segments.first { $0 > name }!
    try folder.write(next, try other.read(next))
    let after = try Drained(reader)
    #expect(after.lost == [first...(UInt64(next.prefix(20))! - 1)])
    #expect(after.sequences.first == UInt64(next.prefix(20))! && !whole.isEmpty)
  }

  @Test("a live segment that somebody deleted is a fault that a reader gets past")
  func deletedUnderReader() throws {
    let folder = Folder()
    let queue = try folder.open()
    try queue.fill(5)
    try folder.remove(folder.segments[0])
    let drained = try queue.drain()
    #expect(drained.lost == [1...5] && drained.sequences.isEmpty)
  }

  @Test("names and headers that claim absurd sequences do not move the log")
  func absurdNames() throws {
    let folder = try log(20)
    for name in ["18446744073709551615.seg", "04611686018427387904.seg", "00000000000000000000.seg"] {
      try folder.write(name, [UInt8](repeating: 7, count: 100))
    }
    try folder.write("notes.seg", [1])
    let queue = try folder.open()
    #expect(queue.openReport.nextSequence == 21)
    #expect(try queue.drain().sequences == Array(1...20))
  }

  @Test("a segment under another segment's name is set aside")
  func misnamed() throws {
    let folder = try log(300)
    let (first, third) = (folder.segments[0], folder.segments[2])
    try folder.write(third, try folder.read(first))
    let queue = try folder.open()
    #expect(queue.openReport.quarantined[0].reason == .misnamed(headerSays: 1))
    #expect(try queue.drain().isTrue(padding: 30))
  }

  @Test("a directory or a pipe under a segment's name neither stops nor hangs the open")
  func notFiles() throws {
    let folder = try log(20)
    let directory = "00000000000000000015.seg"
    try makeDirectory(folder.path(of: directory))
    try makePipe(folder.path(of: "00000000000000000018.seg"))
    let queue = try folder.open()
    #expect(queue.openReport.quarantined.map(\.reason) == [.notAFile, .notAFile])
    #expect(try Array(queue.drain().sequences.prefix(20)) == Array(1...20))
  }

  @Test("a missing segment in the middle is named with its sequences, at open, by reader and by verify")
  func missingMiddle() throws {
    let folder = try log(300)
    let names = folder.segments
    let lost = UInt64(names[1].prefix(20))!...(UInt64(names[3].prefix(20))! - 1)
    try folder.remove(names[1])
    try folder.remove(names[2])
    let queue = try folder.open()
    #expect(
      queue.openReport.quarantined == [
        LogFault(file: names[1], offset: 0, bytes: 0, reason: .missing, lostSequences: lost)
      ])
    #expect(queue.openReport.descriptionLines.count == 2)
    let drained = try queue.drain()
    #expect(drained.sequences == (1...300).filter { !lost.contains($0) })
    #expect(drained.lost == [lost])
    #expect(drained.faults == [.missingRecords(file: names[0], lost: lost)])
    #expect(try queue.verify().faults.map(\.lostSequences) == [lost])
  }

  @Test("an image of a record inside a payload never becomes one")
  func forgery() throws {
    let folder = Folder()
    let queue = try folder.open()
    try queue.fill(1, padding: 100)
    let image = Array(try folder.read(folder.segments[0])[80...])
    // As if a peer had sent, in record 2, what would be records 3 and 4.
    var forged: [UInt8] = []
    for sequence: UInt8 in [3, 4] {
      var copy = image
      copy[8] = sequence
      forged += copy
    }
    var batch = RecordBatch()
    batch.append(forged)
    try queue.append(batch)
    queue.close()
    var bytes = try folder.read(folder.segments[0])
    bytes[80 + image.count + 4] ^= 0xFF
    try folder.write(folder.segments[0], bytes)
    #expect(try folder.open().openReport.nextSequence == 2)
  }
}
