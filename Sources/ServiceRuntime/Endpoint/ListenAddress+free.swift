import NIOCore
import NIOPosix

extension ListenAddress {
  /// Makes sure that it can be listened on at this moment, before anything else is begun that a failure would leave
  /// behind. Somebody may still take it until ``ServiceEndpoint/run()`` does.
  ///
  /// - Throws: ``EndpointError/addressInUse(_:)`` or ``EndpointError/cannotListen(_:reason:)``.
  public func requireFree() async throws(EndpointError) {
    guard port != 0 else { return }
    do {
      // As the server does: an address whose last connections are still dying is free.
      let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .bind(host: host, port: port).get()
      try? await channel.close()
    } catch {
      throw ServiceEndpoint.listenFailure(error, self) ?? .cannotListen(self, reason: "\(error)")
    }
  }
}
