import RedisServerFixture
import Testing

@testable import CDBPipeline

@Suite(
  "What the store has, said on the bus", .enabled(if: RedisServer.isExpected, "\(RedisServer.missing)"),
  .timeLimit(.minutes(10)))
struct StoredRecordTests {
  @Test(
    "ws hears the newest that was said, also where a store that was put back has less; of nobody else's pipeline"
  )
  func heard() async throws {
    try await RedisServer.run { server in
      let sink = StoredRecord(client: EdgeBench.client(server), prefix: "test")
      let feed = StoredRecord(client: EdgeBench.client(server, seed: 2), prefix: "test")
      #expect(try await feed.last() == 0)
      try await sink.begin(41)
      #expect(try await feed.last() == 41)
      sink.note(57)
      #expect(try await feed.last() == 41)
      await sink.say()
      #expect(try await feed.last() == 57)
      try await sink.begin(12)
      #expect(try await feed.last() == 12)
      let other = StoredRecord(client: EdgeBench.client(server, seed: 3), prefix: "other")
      #expect(try await other.last() == 0)
      for record in [sink, feed, other] { await record.close() }
    }
  }
}
