import Foundation
import ProgramFixture
import Testing

@testable import LogShipping

@Suite("What is told of files")
struct FileBoardTests {
  private static func follower(_ folder: String) -> Follower {
    Follower(
      options: Follower.Options(patterns: PathPatterns(included: [folder + "/*.log"])),
      state: ShipperState(shipper: 7))
  }

  private static func told(_ board: FileBoard) -> ShipperStatistics {
    var statistics = ShipperStatistics()
    board.tell(&statistics)
    return statistics
  }

  @Test("only of what has changed anything is told anew, and all of it stands in the order of its finding")
  func changes() async throws {
    try await withTemporaryDirectory { folder in
      let follower = Self.follower(folder)
      var board = FileBoard()
      for name in ["c", "a", "b"] {
        try LogFile.append("\(name)ne\n", to: folder + "/\(name).log")
        _ = follower.scan(now: 1, wall: 1_000)
      }
      let all = follower.changes.take()
      #expect(all.count == 3)
      board.take(all, of: follower)
      let first = Self.told(board)
      #expect(first.files.map { $0.path.suffix(5) } == ["c.log", "a.log", "b.log"])
      #expect(first.unreadBytes == 12 && first.oldest == 1_000)
      #expect(Set(first.files.map(\.key)).count == 3 && first.files.allSatisfy { $0.key.count == 16 })

      _ = follower.scan(now: 2, wall: 2_000)
      #expect(follower.changes.take().isEmpty)
      try LogFile.append("two\n", to: folder + "/a.log")
      _ = follower.scan(now: 3, wall: 3_000)
      let number = try #require(follower.files.values.first { $0.path.hasSuffix("a.log") }?.number)
      let changed = follower.changes.take()
      #expect(changed == [number])
      board.take(changed, of: follower)
      var expected = first
      expected.files[1].size = 8
      expected.unreadBytes = 16
      #expect(Self.told(board) == expected)
    }
  }

  @Test("what is settled, renamed or forgotten is told, and the sums are those of all")
  func settled() async throws {
    try await withTemporaryDirectory { folder in
      let follower = Self.follower(folder)
      var board = FileBoard()
      for name in ["a", "b"] { try LogFile.append("\(name)ne\n", to: folder + "/\(name).log") }
      _ = follower.scan(now: 1, wall: 1_000)
      board.take(follower.changes.take(), of: follower)
      board.oldestUnderWay = 500
      #expect(Self.told(board).oldest == 500)
      let files = follower.files.values.sorted { $0.number < $1.number }
      for file in files {
        file.jump(to: 4)
        file.settled = file.here
        file.ledger.lines += 1
        file.pendingLines = 2
        file.refresh(now: 2, wall: 2_000)
      }
      board.oldestUnderWay = nil
      board.take(follower.changes.take(), of: follower)
      let told = Self.told(board)
      #expect(told.ledger.lines == 2 && told.pending == 4 && told.unreadBytes == 0 && told.oldest == nil)
      #expect(told.files.allSatisfy { $0.settled == 4 && $0.position == 4 })
      files[0].phase = .ended
      follower.forgetEnded()
      unlink(folder + "/a.log")
      try LogFile.rename(folder + "/b.log", folder + "/c.log")
      _ = follower.scan(now: 3, wall: 3_000)
      board.take(follower.changes.take(), of: follower)
      let after = Self.told(board)
      #expect(after.files.map { $0.path.suffix(5) } == ["c.log"])
      #expect(after.ledger.lines == 2 && after.pending == 2)
    }
  }
}
