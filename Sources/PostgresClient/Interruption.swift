import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Ends a wait from outside: a pipe whose reading end is waited on beside the socket.
final class Interruption: Sendable {
  private let ends: (read: CInt, write: CInt)
  private let isSet = Atomic<Bool>(false)

  /// - Returns: nil where the system has no descriptors left.
  init?() {
    var pair: [CInt] = [-1, -1]
    guard pipe(&pair) == 0 else { return nil }
    ends = (pair[0], pair[1])
    for end in pair { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  }

  deinit {
    close(ends.read)
    close(ends.write)
  }

  var descriptor: CInt { ends.read }
  var isInterrupted: Bool { isSet.load(ordering: .acquiring) }

  func interrupt() {
    guard !isSet.exchange(true, ordering: .acquiringAndReleasing) else { return }
    var byte: UInt8 = 1
    _ = write(ends.write, &byte, 1)
  }
}
