import Glibc

struct SocketError: PassingFault, CustomStringConvertible {
  var call: String
  var errno: Int32
  var description: String { "\(call): \(String(cString: strerror(errno)))" }
  init(_ call: String) {
    self.call = call
    errno = Glibc.errno
  }
}

extension sockaddr_in {
  init(loopback port: UInt16) { self.init("127.0.0.1", port) }

  /// - Parameter host: an address in digits.
  init(_ host: String, _ port: UInt16) {
    self.init()
    sin_family = sa_family_t(AF_INET)
    sin_port = port.bigEndian
    sin_addr.s_addr = inet_addr(host)
  }

  mutating func withSocketAddress<T>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
    withUnsafePointer(to: &self) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
