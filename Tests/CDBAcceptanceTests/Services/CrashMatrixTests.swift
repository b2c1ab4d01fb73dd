import Foundation
import Glibc
import PostgresTesting
import RedisServerFixture
import Testing

/// Whatever dies wherever, in the end the store has what a run without a death leaves, to the bit.
@Suite(
  "Services that are killed", .serialized, .needsRecordings,
  .enabled(if: RedisServer.isExpected, "\(RedisServer.missing)"),
  .enabled(if: PostgresServer.isExpected, Comment(rawValue: PostgresServer.comment)))
struct CrashMatrixTests {
  /// By stage, the steps of its cycle.
  private static let steps: [String: [String]] = [
    "ws": ["read", "computed", "published", "confirmed", "saving", "saved"],
    "core": ["read", "computed", "published", "confirmed", "saving", "saved", "covering", "covered"],
    "risk": ["read", "computed", "published", "confirmed", "saving", "saved", "covering", "covered"],
    "execution": ["read", "computed", "published", "confirmed", "saving", "saved", "covering", "covered"],
    "db_writer": ["read", "committed", "covering", "covered"],
  ]

  @Test(
    "at every step of every stage, with Redis and PostgreSQL killed meanwhile, the store is that of a run left alone"
  )
  func matrix() async throws {
    let rounds = Surroundings.isSoak ? 5 : 1
    var random = SeededGenerator(seed: 6)
    var crashes: [String: [ServiceStack.Crash]] = [:]
    for (stage, steps) in Self.steps.sorted(by: { $0.key < $1.key }) {
      for _ in 0..<rounds {
        for step in steps.shuffled(using: &random) {
          let isRare = ["saving", "saved", "covering", "covered"].contains(step)
          crashes[stage, default: []].append(
            .init(step: step, count: Int.random(in: 1...(isRare ? 2 : 12), using: &random)))
        }
      }
    }
    let wanted = crashes.values.reduce(0) { $0 + $1.count }
    let servers = Surroundings.isSoak ? 6 : 2
    try await withTemporaryDirectory { folder in
      let loops = "\(rounds * 4)"
      let expected = try await CDB.replay(
        RecordedData.both, ["--loops", loops, "--set", "gate.mode=off"], in: folder, within: .seconds(1_800))
      let postgres = try await PostgresServer()
      do {
        try await RedisServer.run(["--appendonly", "yes", "--appendfsync", "everysec"]) { redis in
          let url = try ServiceStack.secret(postgres.url(), in: folder)
          let stack = try ServiceStack(
            in: folder, redis: redis,
            settings: [
              "feed.source": "replay:" + RecordedData.both.joined(separator: ","), "feed.speed": "50",
              "gate.mode": "off",
              "feed.loops": loops, "store.url_file": url, "pipeline.barrier_interval": "50ms",
            ])
          let outages = Task {
            for number in 0..<servers {
              // Between the deaths of the stages, at no instant in particular.
              try await Task.sleep(for: .milliseconds(2_500 + 137 * number))
              if number.isMultiple(of: 2) {
                redis.kill()
                try await redis.start()
              } else {
                try await postgres.stop(SIGKILL)
                try await postgres.start()
              }
            }
          }
          try await stack.run(crashes, within: .seconds(Surroundings.isSoak ? 3_600 : 900))
          try await outages.value
          let kills = stack.kills
          #expect(kills.values.reduce(0, +) == wanted)
          #expect(kills.count == Self.steps.values.reduce(0) { $0 + $1.count })
          let digest = try await CDB.run(
            ["store", "digest", "--json", "--set", "store.url_file=\(url)"], in: folder)
          struct Summary: Decodable { var digest: String }
          #expect(try digest.json(as: Summary.self).digest == expected.digest)
          print(
            "services killed: \(wanted) at \(kills.count) steps, \(servers) deaths of servers, "
              + "\(stack.startedAnew) starts anew, \(expected.frames) frames, \(expected.fills) fills, "
              + "digest \(expected.digest.prefix(12))")
        }
      } catch {
        await postgres.remove()
        throw error
      }
      await postgres.remove()
    }
  }
}
