import Foundation
import ProgramFixture
import Testing

@testable import LogShipping

/// What the follower makes of files that change between any two of its steps.
@Suite("What a follower makes of files")
struct FollowerTests {
  @Test(
    "a copy that is found together with its original, whole or not, is none of its own",
    arguments: ["app.log.1", "a.log"], [1, 2])
  func copyFoundWithOriginal(name: String, part: Int) async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let (log, copy) = (folder + "/logs/app.log", folder + "/logs/" + name)
      let bytes = Array(LogFile.lines(1...10).utf8)
      try LogFile.append(bytes, to: log)
      try LogFile.append(Array(bytes[..<(bytes.count / part)]), to: copy)
      let steps = Steps(folder)
      steps.scan()
      try LogFile.append(Array(bytes[(bytes.count / part)...]), to: copy)
      truncate(log, 0)
      try LogFile.append(LogFile.lines(11...20), to: log)
      for _ in 0..<3 {
        steps.scan()
        try steps.read()
      }
      #expect(steps.numbers.sorted() == Array(1...20))
      #expect(steps.follower.lost == LostText() && steps.follower.files.count == 2)
      #expect(steps.follower.held.isEmpty)
    }
  }

  @Test("of two files of which one begins as the other, and stays so, each is read after a while")
  func alikeForLong() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      try LogFile.append(LogFile.lines(1...10), to: folder + "/logs/a.log")
      try LogFile.append(LogFile.lines(1...20), to: folder + "/logs/b.log")
      let steps = Steps(folder)
      steps.scan()
      try steps.read()
      #expect(steps.numbers == Array(1...20))
      for _ in 0..<6 { steps.scan() }
      try steps.read()
      #expect(steps.numbers == Array(1...20) + Array(1...10))
    }
  }

  @Test(
    "what stands in a copy that was taken for a file of its own is not lost; what the copy has not is",
    arguments: [true, false], [0, 5])
  func readInCopy(isRestarted: Bool, more: Int) async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let (log, copy) = (folder + "/logs/app.log", folder + "/logs/app.log.1")
      try LogFile.append(LogFile.lines(1...100), to: log)
      var steps = Steps(folder, patience: 0)
      steps.scan()
      // Nobody truncates the original for so long that the copy is taken for another file.
      try LogFile.append(LogFile.lines(1...100), to: copy)
      steps.scan()
      steps.scan()
      #expect(steps.follower.files.count == 2)
      let rest = more > 0 ? LogFile.lines(101...100 + more) : ""
      try LogFile.append(rest, to: log)
      steps.scan()
      let state = steps.state
      truncate(log, 0)
      try LogFile.append(LogFile.lines(201...201), to: log)
      if isRestarted { steps = Steps(folder, state: state) }
      steps.scan()
      steps.scan()
      try steps.read()
      #expect(steps.numbers.sorted() == Array(1...100) + [201])
      let gone = LostText(files: more > 0 ? 1 : 0, bytes: UInt64(rest.utf8.count))
      #expect(steps.follower.lost == gone)
    }
  }

  @Test("a file of which no copy is there is lost, although another one begins as it did")
  func lost() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let log = folder + "/logs/app.log"
      let head = "{\"n\":0,\"program\":\"1.0\"}\n"
      try LogFile.append(head + LogFile.lines(1...10), to: log)
      try LogFile.append(head + LogFile.lines(31...60), to: folder + "/logs/other.log")
      let steps = Steps(folder)
      steps.scan()
      truncate(log, 0)
      steps.scan()
      #expect(
        steps.follower.lost == LostText(files: 1, bytes: UInt64((head + LogFile.lines(1...10)).utf8.count)))
      // The life that is over is in the checkpoint until all of it is settled.
      let later = Steps(folder, state: steps.state)
      #expect(later.follower.lost == steps.follower.lost)
    }
  }

  @Test(
    "a file that is rotated between the look at a start and its opening goes on", arguments: [true, false])
  func rotatedAtStart(isCopied: Bool) async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let log = folder + "/logs/app.log"
      try LogFile.append(LogFile.lines(1...10), to: log)
      var steps = Steps(folder)
      steps.scan()
      try steps.read()
      #expect(steps.numbers == Array(1...10))
      try LogFile.append(LogFile.lines(11...15), to: log)
      let state = steps.state
      var isRotated = false
      steps = Steps(
        folder, state: state,
        hasLooked: {
          guard !isRotated else { return }
          isRotated = true
          try? isCopied ? LogFile.copyTruncate(log, to: log + ".1") : LogFile.rename(log, log + ".1")
          try? LogFile.append(LogFile.lines(16...20), to: log)
        })
      steps.scan()
      try steps.read()
      #expect(steps.numbers.sorted() == Array(11...20) && steps.follower.lost == LostText())
    }
  }

  @Test("a file that is found when little of it is written is known by more of it when it has grown")
  func foundShort() async throws {
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let log = folder + "/logs/app.log"
      let bytes = Array(LogFile.lines(1...10).utf8)
      try LogFile.append(Array(bytes[..<5]), to: log)
      let steps = Steps(folder)
      steps.scan()
      try LogFile.append(Array(bytes[5...]), to: log)
      steps.scan()
      // The new text begins with the same five bytes, and is shorter than the old one.
      try LogFile.copyTruncate(log, to: log + ".1")
      try LogFile.append(LogFile.lines(11...15), to: log)
      for _ in 0..<3 {
        steps.scan()
        try steps.read()
      }
      #expect(steps.numbers.sorted() == Array(1...15) && steps.follower.lost == LostText())
      let copied = steps.follower.files.values.first { $0.path == log + ".1" }
      #expect(copied?.number == 1)
    }
  }
}
