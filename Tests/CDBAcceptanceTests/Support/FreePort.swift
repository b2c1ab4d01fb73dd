import Glibc
import Synchronization

/// A port on loopback where nothing listens; no port is given out twice.
enum FreePort {
  private static let given = Mutex<Set<UInt16>>([])

  static func next() throws -> UInt16 {
    while true {
      let port = try unused()
      if given.withLock({ $0.insert(port).inserted }) { return port }
    }
  }

  private static func unused() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw SocketError("socket") }
    defer { close(descriptor) }
    var address = sockaddr_in(loopback: 0)
    let bound = address.withSocketAddress { bind(descriptor, $0, $1) }
    guard bound == 0 else { throw SocketError("bind") }
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let named = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    guard named == 0 else { throw SocketError("getsockname") }
    return UInt16(bigEndian: address.sin_port)
  }
}

struct SocketError: Error, CustomStringConvertible {
  var call: String
  var errno: Int32
  var description: String { "\(call): \(String(cString: strerror(errno)))" }
  init(_ call: String) {
    self.call = call
    errno = Glibc.errno
  }
}

extension sockaddr_in {
  init(loopback port: UInt16) {
    self.init()
    sin_family = sa_family_t(AF_INET)
    sin_port = port.bigEndian
    sin_addr.s_addr = inet_addr("127.0.0.1")
  }

  mutating func withSocketAddress<T>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
    withUnsafePointer(to: &self) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
