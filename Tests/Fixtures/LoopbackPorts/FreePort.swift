import Glibc
import Synchronization

/// A port on loopback where nothing listens, for a server that a test is about to start.
///
/// Taken from below the range that the kernel gives to outgoing connections, so that none of those is in the way when the
/// server comes to listen, or comes back. Each process of tests has a range of its own: a port stays free between the moment
/// it is given out and the one in which a server listens there.
public enum FreePort {
  public struct Failure: Error, CustomStringConvertible {
    public var description: String
  }

  private static let ports: ClosedRange<UInt16> = 15_000...31_999
  private static let portsOfAProcess: UInt16 = 2_125
  private static let directory = "/tmp/cdb-test-ports"

  private static let own = Mutex<Own?>(nil)

  private struct Own: Sendable {
    let range: Range<UInt16>
    var next: UInt16
  }

  /// The next port; none comes a second time before all others of the process had their turn.
  public static func next() throws -> UInt16 {
    try own.withLock { own in
      var mine = try own ?? claim()
      defer { own = mine }
      for _ in mine.range {
        let port = mine.next
        mine.next = port + 1 == mine.range.upperBound ? mine.range.lowerBound : port + 1
        if isUnused(port) { return port }
      }
      throw Failure(description: "nothing is free among the ports \(mine.range)")
    }
  }

  /// Takes the first range that no other process has. The lock ends with the process, however that ends, and is not
  /// inherited by the programs that it starts.
  private static func claim() throws -> Own {
    // For every user of the machine, whatever the umask of the first one says.
    if mkdir(directory, 0o1777) == 0 { chmod(directory, 0o1777) }
    var lower = ports.lowerBound
    while lower + portsOfAProcess - 1 <= ports.upperBound {
      let range = lower..<lower + portsOfAProcess
      let file = open(directory + "/\(lower)", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      if file >= 0 {
        if flock(file, LOCK_EX | LOCK_NB) == 0 {
          // Processes that ended a moment ago may have left a server behind that is still ending.
          return Own(range: range, next: UInt16.random(in: range))
        }
        close(file)
      }
      lower += portsOfAProcess
    }
    throw Failure(description: "all ranges of ports are taken: see \(directory)")
  }

  private static func isUnused(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
