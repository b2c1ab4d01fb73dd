#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A TCP connection to loopback that sends exactly what it is told, for requests that no client would make.
final class RawConnection: Sendable {
  private let descriptor: CInt

  init(port: Int, timeoutSeconds: Int = 10) throws {
    descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    address.sin_port = UInt16(port).bigEndian
    let descriptor = descriptor
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw ConnectionFailure() }
  }

  deinit { close(descriptor) }

  func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL))
  }

  /// What arrives until the peer closes or resets.
  ///
  /// - Throws: ``ConnectionFailure`` when nothing comes for the timeout.
  func readToEnd() async throws -> String {
    try await onOwnThread { try self.blockingReadToEnd() }
  }

  private func blockingReadToEnd() throws -> String {
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count < 0, errno == EINTR { continue }
      if count < 0, errno != ECONNRESET { throw ConnectionFailure() }
      guard count > 0 else { return String(decoding: all, as: UTF8.self) }
      all += chunk[..<count]
    }
  }

  /// The status of the one answer to `request`, after which the server closes; nil if it closes without one.
  static func status(port: Int, _ request: String) async throws -> Int? {
    let answer = try await onOwnThread {
      let connection = try RawConnection(port: port)
      connection.write(request)
      return try connection.blockingReadToEnd()
    }
    return Int(answer.split(separator: " ").dropFirst().first ?? "")
  }
}

struct ConnectionFailure: Error {}
