import Foundation
import Glibc
import Synchronization

/// Somebody who watches over a bare socket; what came is kept as it came.
final class EventReader: Sendable {
  struct Failure: Error {}

  private struct State {
    var text = ""
    var hasEnded = false
  }

  private let descriptor: Int32
  private let state = Mutex(State())

  /// - Parameter reads: false for one who keeps his connection and takes nothing.
  init(port: Int, _ target: String, headers: [String] = [], reads: Bool = true) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.descriptor = descriptor
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard descriptor >= 0, connected == 0 else { throw Failure() }
    let lines = ["GET \(target) HTTP/1.1", "Host: localhost"] + headers
    let request = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
      throw Failure()
    }
    if reads { Thread { [self] in receive() }.start() }
  }

  private func receive() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      state.withLock { $0.text += String(decoding: buffer[..<count], as: UTF8.self) }
    }
    state.withLock { $0.hasEnded = true }
  }

  /// Ends the connection, as a browser does whose tab is closed.
  func leave() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  deinit { close(descriptor) }

  var text: String { state.withLock { $0.text } }
  var hasEnded: Bool { state.withLock { $0.hasEnded } }
  var status: Int? { Int(text.split(separator: " ").dropFirst().first ?? "") }

  /// How many events of a name came.
  func count(_ event: String) -> Int { text.ranges(of: "event: \(event)\n").count }
}
