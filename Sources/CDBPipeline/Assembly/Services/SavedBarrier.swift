import RedisTransport
import Synchronization

/// The barrier of risk's newest durable snapshot, as risk says it on the bus and execution hears it before it writes its own.
///
/// What execution answers goes back to risk. Where the bus forgets everything while both are gone, execution makes again only what
/// follows its own newest snapshot: were risk's before that one, the answers between the two would be nowhere.
final class SavedBarrier: Sendable {
  private let client: RedisClient
  private let key: String
  private let newest = Mutex<UInt64>(0)

  /// Between two questions.
  private static let pause = Duration.milliseconds(10)
  /// How long a snapshot waits for risk's. One that is given up costs a longer way back; the next is tried again.
  private static let patience = Duration.seconds(8)

  init(client: RedisClient, prefix: String) {
    self.client = client
    key = prefix + ":saved"
  }

  /// Notes risk's, and says it; where the server does not answer, the next time does.
  func say(_ barrier: UInt64) async {
    newest.withLock { $0 = barrier }
    await say()
  }

  /// Says it again, for a server that may have lost it.
  func say() async {
    _ = try? await client.call(RedisCommand("SET", key, "\(newest.withLock { $0 })"))
  }

  /// Waits until risk has a barrier.
  ///
  /// - Returns: false where that takes too long.
  /// - Throws: `CancellationError`.
  func reaches(_ barrier: UInt64) async throws -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + Self.patience
    while true {
      let said = try? await client.call(RedisCommand("GET", key)).text.flatMap(UInt64.init)
      if let said, said >= barrier { return true }
      guard clock.now < end else { return false }
      try await clock.sleep(for: Self.pause)
    }
  }

  func close() async { await client.close() }
}
