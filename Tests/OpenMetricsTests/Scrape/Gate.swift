import Glibc
import Synchronization

/// Blocks threads until it is opened.
final class Gate: Sendable {
  private let isOpen = Mutex(false)
  private let count = Atomic<Int>(0)

  /// How many threads have come so far.
  var arrivals: Int { count.load(ordering: .acquiring) }

  var hasOpened: Bool { isOpen.withLock { $0 } }

  func pass() {
    count.wrappingAdd(1, ordering: .releasing)
    while !hasOpened { usleep(500) }
  }

  func open() { isOpen.withLock { $0 = true } }

  func entered() async {
    while arrivals == 0 { await Task.yield() }
  }
}
