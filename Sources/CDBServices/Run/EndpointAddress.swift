import ServiceRuntime
import Synchronization

/// Where the endpoint listens, for services that are made before it.
final class EndpointAddress: Sendable {
  private let source = Mutex<(@Sendable () async -> ListenAddress?)?>(nil)

  func resolve(_ source: @escaping @Sendable () async -> ListenAddress?) {
    self.source.withLock { $0 = source }
  }

  /// Waits until the endpoint listens; nil where it never will.
  var value: ListenAddress? {
    get async {
      let source = source.withLock { $0 }
      return await source?()
    }
  }
}
