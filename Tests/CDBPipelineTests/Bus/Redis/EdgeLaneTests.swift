import Testing

@testable import CDBPipeline

@Suite("What a producer keeps of an edge")
struct EdgeLaneTests {
  private func lane(made: UInt64 = 0, covered: UInt64 = 0, kept: Int = 1_000_000) throws -> EdgeLane {
    var lane = EdgeLane(stream: .orders, partition: 3, made: made, covered: covered, maximumKeptBytes: kept)
    try lane.resume(after: EntryID(sequence: made))
    return lane
  }

  /// Adds batches of so many events, 10 bytes each.
  private func add(_ sizes: [Int], to lane: inout EdgeLane, wall: UInt64 = 5) throws {
    for size in sizes {
      let first = lane.made + 1
      let id = try lane.nextID(first: first, events: size, wall: wall)
      lane.append(id, first: first, bytes: Array(repeating: 0, count: 10))
    }
  }

  private func sent(_ lane: inout EdgeLane) -> [String] {
    var ids: [String] = []
    while let (_, entries) = lane.takeUnsent(maximumBytes: 25) { ids += entries.map(\.id.description) }
    return ids
  }

  @Test("a batch has the number of its last event, one without events a part that grows")
  func ids() throws {
    var lane = try lane(made: 10)
    try add([2, 0, 0, 3, 0], to: &lane)
    #expect(sent(&lane) == ["12-0", "12-5", "12-6", "15-0", "15-5"])
  }

  @Test("a batch that is not the next is refused")
  func gap() throws {
    var lane = try lane(made: 10)
    #expect(throws: SequenceGap.self) { try lane.nextID(first: 12, events: 1, wall: 0) }
    #expect(throws: SequenceGap.self) { try lane.nextID(first: 10, events: 1, wall: 0) }
  }

  @Test("each append says which entry it follows on")
  func chain() throws {
    var lane = try lane(made: 1)
    try add([1, 1, 1], to: &lane)
    let taken = lane.takeUnsent(maximumBytes: 20)
    let first = try #require(taken)
    #expect(first.previous == EntryID(sequence: 1) && first.entries.count == 2)
    let next = lane.takeUnsent(maximumBytes: 20)
    let second = try #require(next)
    #expect(second.previous == EntryID(sequence: 3) && second.entries.count == 1)
    #expect(lane.takeUnsent(maximumBytes: 20) == nil)
  }

  @Test("a tail that the server lost is sent again")
  func tailLost() throws {
    var lane = try lane()
    try add([2, 2, 2, 2], to: &lane)
    _ = sent(&lane)
    lane.confirm(EntryID(sequence: 8))
    try lane.resume(after: EntryID(sequence: 4))
    #expect(sent(&lane) == ["6-0", "8-0"])
    #expect(lane.refilled == 2)
  }

  @Test("a stream that is gone is sent again from what no snapshot covers")
  func vanished() throws {
    var lane = try lane()
    try add([2, 2, 2], to: &lane)
    _ = sent(&lane)
    lane.confirm(EntryID(sequence: 6))
    lane.cover(4)
    try lane.resume(after: .zero)
    #expect(sent(&lane) == ["6-0"])
  }

  @Test("what is kept no longer is named")
  func unfillable() throws {
    var lane = try lane(kept: 20)
    try add([2, 2, 2, 2], to: &lane)
    _ = sent(&lane)
    lane.confirm(EntryID(sequence: 8))
    try add([2], to: &lane)
    let error = try #require(throws: EdgeLoss.self) { try lane.resume(after: EntryID(sequence: 2)) }
    #expect(error.cause == .tailLost && error.missing.lowerBound == 3)
    #expect("\(error)".contains("edge orders, partition 3"))
    #expect(throws: EdgeLoss.self) { try lane.resume(after: .zero) }
  }

  @Test("a producer that began anew behind its stream's end sends only what is behind it")
  func restarted() throws {
    var lane = EdgeLane(stream: .orders, partition: 0, made: 10, covered: 0, maximumKeptBytes: 1_000)
    try lane.resume(after: EntryID(sequence: 14, part: 7))
    try add([3, 0, 1, 0, 2], to: &lane)
    // 13-0 and 14-0 are there; 13-5 stands before the end; what says nothing new behind 14 comes after 14-7.
    #expect(sent(&lane) == ["14-8", "16-0"])
  }

  @Test("a batch across the stream's end goes out whole: the consumer skips what it knows")
  func straddling() throws {
    var lane = EdgeLane(stream: .orders, partition: 0, made: 10, covered: 0, maximumKeptBytes: 1_000)
    try lane.resume(after: EntryID(sequence: 12))
    try add([5], to: &lane)
    #expect(sent(&lane) == ["15-0"])
  }

  @Test("a producer behind which the stream ends too early says what is missing")
  func streamBehind() throws {
    var lane = EdgeLane(stream: .orders, partition: 0, made: 10, covered: 4, maximumKeptBytes: 1_000)
    let error = try #require(throws: EdgeLoss.self) { try lane.resume(after: EntryID(sequence: 7)) }
    #expect(error.missing == 8...10)
    let gone = try #require(throws: EdgeLoss.self) { try lane.resume(after: .zero) }
    #expect(gone.missing == 5...10 && gone.cause == .vanished)
    var covered = EdgeLane(stream: .orders, partition: 0, made: 10, covered: 10, maximumKeptBytes: 1_000)
    try covered.resume(after: .zero)
  }

  @Test("what is confirmed and covered is let go, and what is not stays", arguments: UInt64(1)...50)
  func bounded(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var lane = try lane(kept: 2_000)
    var confirmed: UInt64 = 0
    for _ in 0..<2_000 {
      try add([Int.random(in: 0...3, using: &random)], to: &lane)
      if Int.random(in: 0..<4, using: &random) == 0 {
        _ = sent(&lane)
        lane.confirm(lane.sentTail)
        confirmed = lane.confirmed.sequence
      }
      if Int.random(in: 0..<10, using: &random) == 0 {
        lane.cover(UInt64.random(in: 0...confirmed, using: &random))
      }
      #expect(lane.keptBytes == lane.kept.reduce(0) { $0 + $1.bytes.count })
      #expect(lane.pendingBytes == lane.kept.filter { $0.id > lane.confirmed }.count * 10)
      #expect(lane.keptBytes <= 2_000 + lane.pendingBytes + 10)
      // Nothing is missing between the stream's end and what is made.
      var again = lane
      try again.resume(after: lane.confirmed)
      #expect(again.toSend.reduce(0) { $0 + $1.bytes.count } == lane.pendingBytes)
    }
  }
}
