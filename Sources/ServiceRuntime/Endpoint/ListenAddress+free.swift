#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension ListenAddress {
  /// Makes sure that it can be listened on at this moment, before anything else is begun that a failure would leave
  /// behind. Somebody may still take it until ``ServiceEndpoint/run()`` does.
  ///
  /// - Throws: ``EndpointError/addressInUse(_:)`` or ``EndpointError/cannotListen(_:reason:)``.
  public func requireFree() throws(EndpointError) {
    guard port != 0 else { return }
    var hints = addrinfo()
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    #if canImport(Glibc)
      hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #else
      hints.ai_socktype = SOCK_STREAM
    #endif
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &found) == 0, let first = found else {
      throw .cannotListen(self, reason: "cannot resolve \(host)")
    }
    defer { freeaddrinfo(first) }
    let code = Self.listenOnce(first.pointee)
    guard code != 0 else { return }
    throw code == EADDRINUSE
      ? .addressInUse(self) : .cannotListen(self, reason: SystemFailure.words(for: code))
  }

  /// Binds, listens and closes again; 0, or `errno`.
  private static func listenOnce(_ address: addrinfo) -> Int32 {
    let descriptor = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    // As the server does: an address whose last connections are still dying is free.
    var yes: Int32 = 1
    _ = setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, listen(descriptor, 1) == 0 else {
      return errno
    }
    return 0
  }
}
