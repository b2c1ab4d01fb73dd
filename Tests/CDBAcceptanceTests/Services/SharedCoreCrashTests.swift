import Foundation
import Glibc
import PostgresTesting
import RedisServerFixture
import RedisTransport
import Testing

/// Two instances of core, a partition each, die at every step of their cycle: one while the other works, and both together.
@Suite(
  "Instances of core that are killed", .serialized, .needsRecordings,
  .enabled(if: RedisServer.isExpected, "\(RedisServer.missing)"),
  .enabled(if: PostgresServer.isExpected, Comment(rawValue: PostgresServer.comment)))
struct SharedCoreCrashTests {
  private static let instances = ["core", "core-1"]
  private static let steps = [
    "read", "computed", "published", "confirmed", "saving", "saved", "covering", "covered",
  ]

  /// Deaths that come together: nobody is started again before the last of them has come.
  private struct Round {
    /// By instance.
    var steps: [String: String]
    var counts: [String: Int]
    /// The round is on while it is there.
    var file: String
  }

  /// - Parameters:
  ///   - repeats: how often both come together to each step, and each alone.
  ///   - isShort: alone, each step takes one of the two instances only.
  private static func rounds(_ repeats: Int, isShort: Bool, in folder: String) -> [Round] {
    var random = SeededGenerator(seed: 26)
    var deaths: [[String: String]] = []
    for _ in 0..<repeats {
      let alone = steps.shuffled(using: &random)
      for (index, step) in alone.enumerated() {
        let those = isShort ? [instances[index % 2]] : instances
        deaths += those.map { [$0: step] }
      }
      // At any two steps, and each instance at each.
      let pairs = zip(steps.shuffled(using: &random), steps.shuffled(using: &random))
      deaths += pairs.map { [instances[0]: $0, instances[1]: $1] }
    }
    return deaths.shuffled(using: &random).enumerated().map { number, steps in
      var counts: [String: Int] = [:]
      for instance in instances {
        guard let step = steps[instance] else { continue }
        let isRare = ["saving", "saved", "covering", "covered"].contains(step)
        counts[instance] = Int.random(in: 1...(isRare ? 2 : 12), using: &random)
      }
      return Round(steps: steps, counts: counts, file: "\(folder)/round-\(number)")
    }
  }

  @Test(
    "at every step one dies while the other works, and both die together, and the store is that of a run left alone"
  )
  func matrix() async throws {
    let isShort = !Surroundings.isSoak
    let postgres = try await PostgresServer.shared()
    let url = postgres.url(try await postgres.database())
    try await withTemporaryDirectory { folder in
      let rounds = Self.rounds(isShort ? 1 : 4, isShort: isShort, in: folder)
      var crashes: [String: [ServiceStack.Crash]] = [:]
      var expected: [String: Int] = [:]
      for round in rounds {
        for (instance, step) in round.steps {
          crashes[instance, default: []].append(
            .init(step: step, count: round.counts[instance] ?? 1, armedBy: round.file))
          expected["\(instance) \(step)", default: 0] += 1
        }
      }
      try await RedisServer.run { redis in
        let stack = try ServiceStack(
          in: folder, redis: redis,
          settings: [
            // More than is come to, so that no speed of the machine ends the input before the last death, and no more at a time
            // than a busy machine keeps up with: what piles up has to come to the store before the end.
            "feed.source": "replay:" + RecordedData.both.joined(separator: ","), "feed.loops": "100",
            "feed.speed": "10", "gate.mode": "off",
            "store.url_file": try ServiceStack.secret(url, in: folder), "pipeline.barrier_interval": "50ms",
          ], shares: ["0", "1"])
        do {
          try await withThrowingTaskGroup(of: Void.self) { [crashes] group in
            group.addTask {
              try await stack.run(crashes, within: .seconds(isShort ? 900 : 3_600))
            }
            group.addTask {
              // Before risk has covered anything of one, that one has nothing to let go of while the other is dead.
              _ = try await eventually("both let go of something") { () -> Bool? in
                for partition in 0...1 {
                  let covered = try await redis.ask("GET", "cdb:{market_data:\(partition)}:covered").text
                  guard covered.flatMap(UInt64.init) ?? 0 > 0 else { return nil }
                }
                return true
              }
              for round in rounds { try await Self.play(round, on: stack) }
              try await stack.drain()
            }
            // What goes wrong beside the services is told at once, not when they have waited for it.
            do {
              try await group.waitForAll()
            } catch {
              group.cancelAll()
              throw error
            }
          }
        } catch {
          await stack.end()
          throw error
        }
        #expect(stack.kills == expected)
        // Left alone: the same input in one process.
        let alone = try await CDB.replay(
          [folder + "/data/journal"], ["--data-dir", folder + "/alone", "--set", "gate.mode=off"], in: folder,
          within: .seconds(isShort ? 900 : 3_600))
        try await CDB.expectSame(url, folder + "/alone", digest: alone.digest, in: folder)
        print(
          "instances of core killed: \(expected.values.reduce(0, +)) times in \(rounds.count) rounds, "
            + "\(stack.startedAnew) starts anew, \(alone.frames) frames, \(alone.fills) fills")
      }
    }
  }

  private struct Part: Decodable { var holds: Bool }

  /// Waits until both instances work, lets those of the round die, and has them started again once all have.
  private static func play(_ round: Round, on stack: ServiceStack) async throws {
    for instance in instances {
      _ = try await eventually("\(instance) has its partition") {
        try await HTTP.get(stack.ports[instance] ?? 0, "/api/v1/part").json(as: Part.self).holds ? true : nil
      }
    }
    let before = stack.kills
    try Data().write(to: URL(filePath: round.file))
    _ = try await eventually("all have died of \(round.steps)") { () -> Bool? in
      let kills = stack.kills
      let dead = round.steps.allSatisfy { instance, step in
        let key = "\(instance) \(step)"
        return kills[key, default: 0] > before[key, default: 0]
      }
      return dead ? true : nil
    }
    try FileManager.default.removeItem(atPath: round.file)
  }
}
