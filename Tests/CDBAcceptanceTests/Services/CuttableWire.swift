import Foundation
import Glibc
import LoopbackPorts
import Synchronization

/// A wire to a port on loopback that can be cut: what goes through it is passed on, held back, or broken off.
final class CuttableWire: Sendable {
  enum Condition: Sendable {
    case whole
    /// Nothing gets through, in either direction, and nobody is told.
    case silent
    /// Connections end, and new ones are closed at once.
    case broken
  }

  let port: UInt16
  private let target: UInt16
  private let listener: Int32
  private struct State: Sendable {
    var condition = Condition.whole
    var sockets: Set<Int32> = []
    var isClosed = false
  }
  private let state = Mutex(State())

  /// - Parameter target: the port behind it.
  init(to target: Int) throws {
    self.target = UInt16(target)
    port = try FreePort.next()
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var yes: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    let status = Self.withAddress(port) { Glibc.bind(listener, $0, $1) }
    guard status == 0, listen(listener, 64) == 0 else {
      throw ChildProcess.SpawnFailed(path: "a wire at \(port)", errno: errno)
    }
    Thread { [self] in accept() }.start()
  }

  func become(_ condition: Condition) {
    state.withLock { state in
      state.condition = condition
      if condition == .broken { for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) } }
    }
  }

  func close() {
    state.withLock { state in
      state.isClosed = true
      for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
    }
    shutdown(listener, Int32(SHUT_RDWR))
  }

  private func accept() {
    while true {
      let near = Glibc.accept(listener, nil, nil)
      if near < 0 {
        if errno == EINTR || errno == ECONNABORTED { continue }
        break
      }
      let condition = state.withLock { $0.isClosed ? .broken : $0.condition }
      let far = condition == .broken ? -1 : socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      guard far >= 0, Self.withAddress(target, { connect(far, $0, $1) }) == 0 else {
        if far >= 0 { Glibc.close(far) }
        Glibc.close(near)
        continue
      }
      state.withLock { $0.sockets.formUnion([near, far]) }
      let ends = Ends(near: near, far: far)
      Thread { [self] in pump(near, far, ends) }.start()
      Thread { [self] in pump(far, near, ends) }.start()
    }
    Glibc.close(listener)
  }

  /// Two sockets, closed when both directions have ended.
  private final class Ends: Sendable {
    private let near: Int32
    private let far: Int32
    private let open = Atomic<Int>(2)
    init(near: Int32, far: Int32) {
      self.near = near
      self.far = far
    }
    func end() -> [Int32] {
      shutdown(near, Int32(SHUT_RDWR))
      shutdown(far, Int32(SHUT_RDWR))
      return open.subtract(1, ordering: .relaxed).newValue == 0 ? [near, far] : []
    }
  }

  private func pump(_ from: Int32, _ to: Int32, _ ends: Ends) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    loop: while true {
      let count = recv(from, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      while state.withLock({ $0.condition == .silent && !$0.isClosed }) { usleep(2_000) }
      var sent = 0
      while sent < count {
        let done = buffer.withUnsafeBytes {
          send(to, $0.baseAddress?.advanced(by: sent), count - sent, Int32(MSG_NOSIGNAL))
        }
        guard done > 0 else { break loop }
        sent += done
      }
    }
    let done = ends.end()
    state.withLock { state in
      for socket in done {
        state.sockets.remove(socket)
        Glibc.close(socket)
      }
    }
  }

  private static func withAddress(
    _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
