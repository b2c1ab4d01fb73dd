import Synchronization

/// A fixed number of atomic counters in one block of memory.
///
/// `@unchecked Sendable`: the pointer is set once in `init` and freed in `deinit`, when no other reference can
/// exist; in between only atomic operations touch the memory.
final class AtomicCounts: @unchecked Sendable {
  private let cells: UnsafeMutablePointer<Atomic<UInt64>>
  let count: Int

  init(count: Int) {
    self.count = count
    cells = .allocate(capacity: count)
    for index in 0..<count { (cells + index).initialize(to: Atomic(0)) }
  }

  deinit {
    cells.deinitialize(count: count)
    cells.deallocate()
  }

  func add(_ amount: UInt64, at index: Int) {
    cells[index].wrappingAdd(amount, ordering: .relaxed)
  }

  func exchange(_ value: UInt64, at index: Int) -> UInt64 {
    cells[index].exchange(value, ordering: .relaxed)
  }
}
