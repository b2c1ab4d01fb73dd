#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif
import Synchronization

/// A server on loopback that answers every connection with the same bytes, whatever it is asked. It serves
/// the faults that a real server does not produce.
final class LoopbackServer: Sendable {
  let port: Int
  private let descriptor: CInt
  private let received = Mutex<[[UInt8]]>([])
  private let open = Mutex<[CInt]>([])

  /// The requests so far, each as the bytes that came with the first read or reads up to its blank line and body.
  var requests: [String] { received.withLock { $0.map { String(decoding: $0, as: UTF8.self) } } }

  /// - Parameter answer: the bytes to send; nil accepts the connection and stays silent.
  init(answer: String?) throws {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    self.descriptor = descriptor
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        let bound = bind(descriptor, pointer, length)
        return bound == 0 && listen(descriptor, 64) == 0 ? getsockname(descriptor, pointer, &length) : -1
      }
    }
    guard status == 0 else { throw ServerFailure() }
    port = Int(UInt16(bigEndian: address.sin_port))
    let bytes = answer.map { Array($0.utf8) }
    Thread.start { [self] in serve(bytes) }
  }

  func stop() {
    shutdown(descriptor, CInt(SHUT_RDWR))
    open.withLock { for connection in $0 { shutdown(connection, CInt(SHUT_RDWR)) } }
  }

  private func serve(_ answer: [UInt8]?) {
    while true {
      let connection = accept(descriptor, nil, nil)
      guard connection >= 0 else { break }
      open.withLock { $0.append(connection) }
      Thread.start { [self] in
        var request: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
          let count = recv(connection, &chunk, chunk.count, 0)
          guard count > 0 else { return }
          request += chunk[..<count]
          if Self.isComplete(request) { break }
        }
        received.withLock { $0.append(request) }
        guard let answer else { return }
        _ = send(connection, answer, answer.count, CInt(MSG_NOSIGNAL))
        shutdown(connection, CInt(SHUT_WR))
      }
    }
  }

  private static func isComplete(_ request: [UInt8]) -> Bool {
    let text = String(decoding: request, as: UTF8.self)
    guard let end = text.range(of: "\r\n\r\n") else { return false }
    let length =
      text.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
    return text[end.upperBound...].utf8.count >= length
  }
}

struct ServerFailure: Error {}

extension String {
  fileprivate func range(of text: String) -> Range<Index>? { ranges(of: text).first }
}

private enum Thread {
  static func start(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body)).toOpaque()
    _ = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
        return nil
      }, box)
    pthread_detach(thread)
  }

  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
