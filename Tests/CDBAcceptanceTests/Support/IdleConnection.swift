import Glibc

/// A connection to loopback that says nothing.
struct IdleConnection {
  private let descriptor: Int32

  init(to port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw SocketError("socket") }
    // The kernel's queue may be full: nobody waits for it.
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    var address = sockaddr_in(loopback: port)
    guard address.withSocketAddress({ connect(descriptor, $0, $1) }) == 0 || errno == EINPROGRESS else {
      let error = SocketError("connect")
      Glibc.close(descriptor)
      throw error
    }
  }

  func close() { Glibc.close(descriptor) }
}
