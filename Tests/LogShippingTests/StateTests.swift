import Foundation
import ProgramFixture
import Testing

@testable import LogShipping

@Suite("What a shipper keeps on disk")
struct StateTests {
  @Test("a write that is cut short at any byte leaves the value before it")
  func torn() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let path = folder + "/checkpoint"
      let pair = SlotPair(path: path)
      try pair.write(Array("one".utf8))
      try pair.write(Array("two".utf8))
      let whole = try Data(contentsOf: URL(filePath: path + ".0"))
      for length in 0..<whole.count {
        try whole.prefix(length).write(to: URL(filePath: path + ".0"))
        #expect(try SlotPair(path: path).read() == Array("one".utf8), "\(length)")
      }
      for index in 0..<whole.count {
        var damaged = whole
        damaged[index] ^= 0x40
        try damaged.write(to: URL(filePath: path + ".0"))
        #expect(try SlotPair(path: path).read() == Array("one".utf8), "\(index)")
      }
      try whole.write(to: URL(filePath: path + ".0"))
      #expect(try SlotPair(path: path).read() == Array("two".utf8))
    }
  }

  @Test("every number of a state comes back as it was")
  func roundTrip() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      var state = ShipperState(shipper: .max)
      state.deadBytes = .max - 1
      state.files = [
        SavedFile(
          number: 1, path: "/a \"ä\"\n", identity: FileIdentity(device: .max, inode: .max - 2), size: 3,
          position: SettledPosition(
            offset: 2, prefix: Fingerprint(Array("ab".utf8)), tail: Fingerprint(Array("ab".utf8))),
          ledger: FileLedger())
      ]
      try StateFolder(path: folder + "/data").store(state)
      #expect(try StateFolder(path: folder + "/data").load() == state)
    }
  }

  @Test("a folder is one process's, and a checkpoint of which nothing is whole is not begun anew")
  func refusals() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let first = try StateFolder(path: folder + "/data")
      #expect(throws: ShipperError.self) { try StateFolder(path: folder + "/data") }
      try first.store(ShipperState(shipper: 1))
      try first.store(ShipperState(shipper: 2))
      for slot in ["0", "1"] {
        try Data([1, 2, 3]).write(to: URL(filePath: folder + "/data/checkpoint." + slot))
      }
      let reading = StateFolder(reading: folder + "/data")
      #expect(throws: ShipperError.self) { try reading.load() }
    }
  }

  @Test("dead letters behind what the checkpoint knows are cut, since their lines come again")
  func deadLetters() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let path = folder + "/dead"
      let letter = DeadLetter(
        time: "t", id: "i", index: "x", status: 400, type: "t", reason: "r", document: "{}")
      let file = try DeadLetterFile(path: path, length: 0)
      try file.append([letter])
      let known = file.length
      try file.append([letter, letter])
      #expect(try DeadLetterFile.read(path, length: file.length).count == 3)
      #expect(try DeadLetterFile(path: path, length: known).length == known)
      #expect(try DeadLetterFile.read(path, length: .max) == [letter])
    }
  }
}
