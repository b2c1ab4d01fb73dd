import ServiceLifecycle
import ServiceRuntime

/// Says where a process listens, once it does.
struct ListeningAnnouncement: Service {
  let endpoint: ServiceEndpoint
  /// Hears the address.
  let say: @Sendable (ListenAddress) -> Void

  func run() async throws {
    if let address = try? await endpoint.address { say(address) }
    try? await gracefulShutdown()
  }
}
