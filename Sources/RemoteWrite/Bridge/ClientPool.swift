import HTTPTransport
import Synchronization

/// Clients by whom they trust; each has a thread.
final class ClientPool: Sendable {
  private let known = Mutex<[(tls: TLSOptions, client: HTTPClient)]>([])

  func client(for tls: TLSOptions) -> HTTPClient {
    known.withLock { known in
      if let found = known.first(where: { $0.tls == tls }) { return found.client }
      let client = HTTPClient(tls: tls)
      known.append((tls, client))
      return client
    }
  }

  /// Lets go of those that nothing needs any more; each ends with whoever uses it last.
  func keep(_ used: [TLSOptions]) {
    // They end outside of the lock.
    let gone = known.withLock { known in
      let gone = known.filter { !used.contains($0.tls) }
      known.removeAll { !used.contains($0.tls) }
      return gone
    }
    withExtendedLifetime(gone) {}
  }

  func shutdown() {
    for (_, client) in known.withLock({ $0 }) { client.shutdown() }
  }
}
