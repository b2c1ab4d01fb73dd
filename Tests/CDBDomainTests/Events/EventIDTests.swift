import Testing

@testable import CDBDomain

@Suite("Event ids")
struct EventIDTests {
  @Test("an id reads back from its text, whatever its parts")
  func roundTrip() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<1_000 {
      let id = EventID(
        producer: StageName.allCases[Int(random.integer(0...4))],
        partition: UInt16(truncatingIfNeeded: random.next()),
        sequence: UInt64(bitPattern: random.anyInteger()))
      #expect(EventID(id.description) == id)
    }
  }

  @Test(
    "a text that no id writes is not an id",
    arguments: [
      "", "core", "core-0", "core-0-1-2", "core--1", "core-0-", "-0-1", "kern-0-1", "Core-0-1",
      "core-65536-1",
      "core-0-18446744073709551616", "core-+0-1", "core-00-1", "core-0-01", "core-0-1 ", "core-0--1",
      "dbWriter-0-1",
    ])
  func refused(text: String) {
    #expect(EventID(text) == nil)
  }

  @Test("a text names the stage as everyone else does")
  func names() {
    #expect(EventID(producer: .dbWriter, partition: 3, sequence: 17).description == "db_writer-3-17")
  }

  @Test("the store's keys differ where ids differ, are positive, and ascend with the sequence")
  func storeKeys() throws {
    var seen: [Int64: EventID] = [:]
    for producer in StageName.allCases {
      for partition: UInt16 in [0, 1, 4095, 8191] {
        var last: Int64 = -1
        for sequence: UInt64 in [0, 1, 2, 1 << 46, 1 << 47 - 1] {
          let id = EventID(producer: producer, partition: partition, sequence: sequence)
          let key = try #require(id.storeKey)
          #expect(key >= 0 && key > last)
          #expect(seen.updateValue(id, forKey: key) == nil)
          last = key
        }
      }
    }
  }

  @Test("what does not fit in a key has none")
  func unfit() {
    #expect(EventID(producer: .ws, partition: 8192, sequence: 1).storeKey == nil)
    #expect(EventID(producer: .ws, partition: 0, sequence: 1 << 47).storeKey == nil)
  }

  @Test("stages have their place in the pipeline")
  func positions() {
    #expect(StageName.allCases.map(\.position) == [0, 1, 2, 3, 4])
  }
}

@Suite("Event time")
struct EventTimeTests {
  @Test("time moves by nanoseconds and holds at the ends of its range")
  func advancing() {
    #expect(at(5).advanced(by: -7) == at(-2))
    #expect(at(.max - 1).advanced(by: 5) == .distantFuture)
    #expect(at(.min + 1).advanced(by: -5) == .distantPast)
  }
}
