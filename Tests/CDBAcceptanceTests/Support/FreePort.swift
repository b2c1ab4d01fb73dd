import Glibc
import Synchronization

/// A port on loopback where nothing listens; no port is given out twice.
///
/// Taken from below the range that the kernel gives to outgoing connections, so that none of those is in the way
/// when a service comes to listen.
enum FreePort {
  private static let range: ClosedRange<UInt16> = 15_000...31_999
  private static let given = Mutex<Set<UInt16>>([])

  static func next() throws -> UInt16 {
    for _ in range {
      let port = UInt16.random(in: range)
      guard given.withLock({ $0.insert(port).inserted }) else { continue }
      if try isUnused(port) { return port }
    }
    throw SocketError("bind")
  }

  private static func isUnused(_ port: UInt16) throws -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw SocketError("socket") }
    defer { close(descriptor) }
    var address = sockaddr_in(loopback: port)
    return address.withSocketAddress { bind(descriptor, $0, $1) } == 0
  }
}

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
