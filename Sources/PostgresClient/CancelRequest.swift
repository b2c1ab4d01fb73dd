import CPQ
import Dispatch

/// Asks a server to end what it does for a session, over a connection of its own.
///
/// libpq waits there for the server without a bound, so nobody waits for libpq: who was cancelled has gone on.
///
/// `@unchecked Sendable`: libpq's object is a copy of where the server is and of the session's key; only the one job touches it,
/// and it is freed after that.
final class CancelRequest: @unchecked Sendable {
  private let request: OpaquePointer

  init(_ request: OpaquePointer) { self.request = request }

  deinit { PQfreeCancel(request) }

  func send() {
    DispatchQueue.global().async { [self] in
      var words = [CChar](repeating: 0, count: 256)
      _ = PQcancel(request, &words, 256)
    }
  }
}
