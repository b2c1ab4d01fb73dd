import RedisTransport
import Synchronization

/// The newest record of the journal that the store's rows follow from, as db_writer says it on the bus and ws hears it at its start.
///
/// A journal that ends before it has lost records: new ones would get their numbers, and what follows from them the numbers of
/// events that the store has already, so that it would pass them over without a word.
final class StoredRecord: Sendable {
  private let client: RedisClient
  private let key: String
  private let newest = Mutex<UInt64>(0)

  static let pause = Duration.milliseconds(100)

  init(client: RedisClient, prefix: String) {
    self.client = client
    key = prefix + ":stored"
  }

  /// Notes it, to be said next.
  func note(_ record: UInt64) { newest.withLock { $0 = record } }

  /// Says it before anything is read from the bus, for as long as that takes. A store that was put back has less than before.
  func begin(_ record: UInt64) async throws {
    note(record)
    while true {
      do throws(RedisError) {
        return try await tell(record)
      } catch {
        guard error.isTransient else { throw error }
        try await Task.sleep(for: Self.pause)
      }
    }
  }

  /// Says it again. Where the server does not answer, the next time does.
  func say() async { try? await tell(newest.withLock { $0 }) }

  private func tell(_ record: UInt64) async throws(RedisError) {
    _ = try await client.call(RedisCommand("SET", key, "\(record)"))
  }

  /// What was said last, 0 where nothing was; waits for the server.
  func last() async throws -> UInt64 {
    while true {
      do throws(RedisError) {
        return try await client.call(RedisCommand("GET", key)).text.flatMap(UInt64.init) ?? 0
      } catch {
        guard error.isTransient else { throw error }
        try await Task.sleep(for: Self.pause)
      }
    }
  }

  func close() async { await client.close() }
}
