import DurableQueue
import Foundation
import OpenMetrics
import ProgramFixture
import Testing

@testable import RemoteWrite

@Suite("What waits on the disk")
struct QueueTests {
  static func fragment(_ series: [String], isAlone: Bool = false, value: Double = 1, time: Int64 = 1)
    -> Fragment
  {
    var builder = FragmentBuilder(samplesPerFragment: 1_000_000, isAlone: isAlone)
    for name in series {
      WireWriter.encode(["__name__": name]).withUnsafeBytes {
        builder.append(labels: $0, bits: value.bitPattern, time: time)
      }
    }
    return builder.finish().first ?? Fragment(samples: 0, isAlone: isAlone, body: [])
  }

  static let options = EndpointQueue.Options(
    maximumBytes: 1 << 20, segmentBytes: 8_192, fsyncInterval: 1_000_000_000)

  static func open(_ folder: String) throws -> (EndpointQueue, CheckpointFile) {
    let file = try CheckpointFile(path: folder + "/checkpoint")
    return (try EndpointQueue(directory: folder + "/queue", options: options, file: file), file)
  }

  @Test("a fragment comes back from its record as it was")
  func record() {
    let fragment = Self.fragment(["a", "b"], isAlone: true)
    let record = FragmentRecord(fragment: fragment, samplesBefore: 1 << 40, time: -5)
    let payload = record.header + fragment.body
    #expect(payload.withUnsafeBytes { FragmentRecord($0) } == record)
    #expect(record.samplesThrough == (1 << 40) + 2)
    for length in 0...FragmentRecord.headerBytes {
      #expect(Array(payload[..<length]).withUnsafeBytes { FragmentRecord($0) } == nil)
    }
  }

  @Test("a checkpoint is the newest one that is whole, wherever its writing was cut short")
  func checkpoint() async throws {
    try await withTemporaryDirectory { folder in
      let path = folder + "/checkpoint"
      do {
        let file = try CheckpointFile(path: path)
        #expect(file.read() == nil)
        for value in 1...5 { try file.write(Array("value \(value)".utf8)) }
      }
      let whole = try Data(contentsOf: URL(filePath: path))
      #expect(try CheckpointFile(path: path).read() == Array("value 5".utf8))
      // The fifth is in the second slot: whatever of it is not there, the fourth is.
      for cut in stride(from: 4_096, to: 4_096 + 31, by: 1) {
        var torn = whole
        torn[cut] ^= 0xFF
        try torn.write(to: URL(filePath: path))
        let file = try CheckpointFile(path: path)
        #expect(file.read() == Array("value 4".utf8), "byte \(cut)")
        try file.write(Array("again".utf8))
        #expect(try CheckpointFile(path: path).read() == Array("again".utf8))
      }
    }
  }

  @Test("counts of samples go on over restarts, also where the newest fragment is damaged")
  func counting() async throws {
    try await withTemporaryDirectory { folder in
      do {
        let (queue, _) = try Self.open(folder)
        for index in 0..<10 { #expect(queue.append([Self.fragment(["a\(index)", "b"])], time: 0)) }
        #expect(queue.counts.enqueued == 20)
        queue.close()
      }
      do {
        let (queue, _) = try Self.open(folder)
        #expect(queue.counts.enqueued == 20)
        queue.close()
      }
    }
  }

  @Test(
    "where the newest fragments are lost, those before tell how many samples there were, and the search has an end"
  )
  func damagedEnd() async throws {
    try await withTemporaryDirectory { folder in
      let path = folder + "/queue/"
      let body = [UInt8](repeating: 7, count: 1_000)
      do {
        let (queue, _) = try Self.open(folder)
        for _ in 0..<200 {
          #expect(queue.append([Fragment(samples: 3, isAlone: false, body: body)], time: 0))
        }
        queue.close()
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".seg") }
      let name = try #require(names.max())
      let newest = URL(filePath: path + name)
      var bytes = try Data(contentsOf: newest)
      // A segment has its first number for a name.
      let readable = try #require(UInt64(name.prefix(20))) - 1
      #expect(names.count > 10 && readable < 200)
      // No segment any more: it is set aside, and the numbers that it may have had are not given out again.
      bytes.replaceSubrange(0..<80, with: Data(count: 80))
      try bytes.write(to: newest)
      let copy = folder + "/copy"
      try FileManager.default.copyItem(atPath: folder + "/queue", toPath: copy)
      var few = Self.options
      few.searchedFaults = 0
      let unsearched = try EndpointQueue(
        directory: copy, options: few, file: CheckpointFile(path: folder + "/other"))
      #expect(unsearched.counts.enqueued == 0)
      unsearched.close()
      let (queue, _) = try Self.open(folder)
      #expect(queue.counts.enqueued == 3 * readable)
      queue.close()
    }
  }

  @Test("a checkpoint beyond the end of the queue is set back before anything is appended")
  func lostTail() async throws {
    try await withTemporaryDirectory { folder in
      do {
        let (queue, file) = try Self.open(folder)
        for _ in 0..<3 { _ = queue.append([Self.fragment(["a"])], time: 0) }
        var checkpoint = Checkpoint(through: 5, samplesThrough: 5)
        checkpoint.ledger.delivered = 5
        checkpoint.begin(BatchCut(first: 6, last: 7))
        try EndpointQueue.write(checkpoint, to: file)
        queue.close()
      }
      let (queue, file) = try Self.open(folder)
      #expect(queue.beginning.through == 3 && queue.beginning.cuts.isEmpty)
      #expect(queue.counts.enqueued == 5 && queue.beginning.ledger.total == 5)
      let written = try JSONDecoder().decode(Checkpoint.self, from: Data(try #require(file.read())))
      #expect(written == queue.beginning)
      queue.close()
    }
  }

  @Test("without its checkpoint the queue opens, and is sent from its begin")
  func lostCheckpoint() async throws {
    try await withTemporaryDirectory { folder in
      do {
        let (queue, _) = try Self.open(folder)
        for _ in 0..<3 { _ = queue.append([Self.fragment(["a", "b"])], time: 0) }
        queue.close()
      }
      try Data("nonsense".utf8).write(to: URL(filePath: folder + "/checkpoint"))
      let (queue, _) = try Self.open(folder)
      #expect(queue.beginning == Checkpoint() && queue.counts.enqueued == 6)
      #expect(try queue.makeReader(behind: 0).peek()?.sequence == 1)
      queue.close()
    }
  }

  @Test("what the bound drops is told, sample by sample, by who reads on")
  func overflow() async throws {
    try await withTemporaryDirectory { folder in
      let (queue, _) = try Self.open(folder)
      let reader = try queue.makeReader(behind: 0)
      let body = [UInt8](repeating: 0, count: 2_000)
      for _ in 0..<1_000 {
        #expect(queue.append([Fragment(samples: 7, isAlone: false, body: body)], time: 0))
      }
      let first = try #require(try reader.peek())
      #expect(first.sequence > 1 && reader.lastGap == .full)
      #expect(first.record.samplesBefore == (first.sequence - 1) * 7)
      #expect(queue.byteCount <= 1 << 20)
      queue.close()
    }
  }

  @Test("a damaged fragment is skipped and told apart from one that was dropped")
  func damage() async throws {
    try await withTemporaryDirectory { folder in
      do {
        let (queue, _) = try Self.open(folder)
        for index in 0..<5 { _ = queue.append([Self.fragment(["series_number_\(index)"])], time: 0) }
        queue.close()
      }
      let name = try #require(
        FileManager.default.contentsOfDirectory(atPath: folder + "/queue").first {
          $0.hasSuffix(".seg")
        })
      let url = URL(filePath: folder + "/queue/" + name)
      var bytes = try Data(contentsOf: url)
      let place = try #require(bytes.firstRange(of: Data("series_number_2".utf8)))
      bytes[place.lowerBound] ^= 0xFF
      try bytes.write(to: url)
      let (queue, _) = try Self.open(folder)
      let reader = try queue.makeReader(behind: 0)
      var seen: [UInt64] = []
      var gaps: [UInt64] = []
      while let found = try reader.peek() {
        if reader.lastGap == .corrupt { gaps.append(found.sequence) }
        seen.append(found.sequence)
        reader.advance()
      }
      #expect(seen == [1, 2, 4, 5] && gaps == [4])
      queue.close()
    }
  }
}

@Suite("Cutting batches")
struct CutterTests {
  private func expect(
    _ cutter: inout BatchCutter, _ fragment: Fragment, _ expected: Bool = true,
    _ place: SourceLocation = #_sourceLocation
  ) {
    let isAdded = cutter.add(fragment)
    #expect(isAdded == expected, sourceLocation: place)
  }

  @Test("fragments are joined until the batch is full")
  func size() {
    var cutter = BatchCutter(samplesPerBatch: 5)
    expect(&cutter, QueueTests.fragment(["a", "b"]))
    expect(&cutter, QueueTests.fragment(["c", "d"]))
    expect(&cutter, QueueTests.fragment(["e", "f"]), false)
    expect(&cutter, QueueTests.fragment(["e"]))
    #expect(cutter.isFull)
    expect(&cutter, QueueTests.fragment(["g"]), false)
  }

  @Test("no series comes twice into a batch, whatever its value and time")
  func noSeriesTwice() {
    var cutter = BatchCutter(samplesPerBatch: 100)
    expect(&cutter, QueueTests.fragment(["a", "b"]))
    expect(&cutter, QueueTests.fragment(["c", "a"], value: 2, time: 2), false)
  }

  @Test("of thousands of series each is found again, and none that is not there")
  func manySeries() {
    var cutter = BatchCutter(samplesPerBatch: 100_000)
    for part in 0..<4 {
      expect(&cutter, QueueTests.fragment((0..<1_500).map { "series_\(part)_\($0)" }))
    }
    #expect(cutter.samples == 6_000)
    for number in [0, 749, 1_499] {
      expect(&cutter, QueueTests.fragment(["another", "series_2_\(number)"]), false)
    }
    expect(&cutter, QueueTests.fragment(["another"]))
  }

  @Test("a fragment with times of a target's is a batch by itself")
  func alone() {
    var cutter = BatchCutter(samplesPerBatch: 100)
    expect(&cutter, QueueTests.fragment(["a"], isAlone: true))
    #expect(cutter.isFull)
    expect(&cutter, QueueTests.fragment(["b"]), false)
    var other = BatchCutter(samplesPerBatch: 100)
    expect(&other, QueueTests.fragment(["a"]))
    expect(&other, QueueTests.fragment(["b"], isAlone: true), false)
  }

  @Test("a fragment larger than a batch is one")
  func large() {
    var cutter = BatchCutter(samplesPerBatch: 1)
    expect(&cutter, QueueTests.fragment(["a", "b"]))
    #expect(cutter.isFull)
  }

  @Test(
    "random fragments make batches in which each series is once, and lose none", arguments: UInt64(1)...30)
  func property(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let fragments = (0..<60).map { _ in
      let names = Set(
        (0..<Int.random(in: 1...6, using: &random)).map { _ in "s\(Int.random(in: 0..<40, using: &random))" })
      return QueueTests.fragment(names.sorted(), isAlone: Int.random(in: 0..<8, using: &random) == 0)
    }
    var batches: [[Fragment]] = []
    var cutter = BatchCutter(samplesPerBatch: 12)
    for fragment in fragments {
      if !cutter.add(fragment) || batches.isEmpty {
        if !batches.isEmpty {
          cutter = BatchCutter(samplesPerBatch: 12)
          expect(&cutter, fragment)
        }
        batches.append([])
      }
      batches[batches.count - 1].append(fragment)
    }
    #expect(batches.flatMap { $0 } == fragments)
    for batch in batches {
      let request = try WriteRequest(body: SnappyBlock.join(batch.map(\.body)))
      #expect(Set(request.series.map { SeriesLabels($0.labels) }).count == request.series.count)
      #expect(request.series.count == batch.reduce(0) { $0 + $1.samples })
      #expect(request.series.count <= 12 && (batch.count == 1 || !batch.contains(where: \.isAlone)))
    }
  }
}
