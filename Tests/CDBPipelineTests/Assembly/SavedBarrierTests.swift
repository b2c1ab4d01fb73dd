import RedisServerFixture
import RedisTransport
import Testing

@testable import CDBPipeline

/// execution waits with its snapshot until risk has its own.
@Suite(
  "The barrier that risk has on its disk", .enabled(if: RedisServer.isExpected, "\(RedisServer.missing)"))
struct SavedBarrierTests {
  @Test("it is heard when it comes, and again after a server that forgot it")
  func heard() async throws {
    try await RedisServer.run { redis in
      let bus = BusOptions(address: redis.address)
      let risk = SavedBarrier(client: bus.client("risk"), prefix: "t")
      let execution = SavedBarrier(client: bus.client("execution"), prefix: "t")
      await risk.say(5)
      let isThere = try await execution.reaches(5)
      #expect(isThere)
      async let later = execution.reaches(6)
      try await Task.sleep(for: .milliseconds(50))
      await risk.say(6)
      let hasCome = try await later
      #expect(hasCome)
      _ = try await redis.ask("FLUSHALL")
      async let again = execution.reaches(6)
      try await Task.sleep(for: .milliseconds(50))
      await risk.say()
      let isBack = try await again
      #expect(isBack)
      await risk.close()
      await execution.close()
    }
  }

  @Test("one that does not come is not waited for for ever, and a lower one is not enough")
  func missing() async throws {
    try await RedisServer.run { redis in
      let bus = BusOptions(address: redis.address)
      let risk = SavedBarrier(client: bus.client("risk"), prefix: "t")
      await risk.say(5)
      let comes = try await risk.reaches(6)
      #expect(!comes)
      await risk.close()
    }
  }
}
