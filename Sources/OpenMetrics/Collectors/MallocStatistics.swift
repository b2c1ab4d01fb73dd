import CMallocStatistics

/// What malloc holds, in bytes, over all its arenas.
struct MallocStatistics: Equatable {
  /// Taken from the system for arenas, used or not.
  let arena: UInt64
  /// In allocations so large that each has a mapping of its own.
  let mapped: UInt64
  /// In use by the program, mappings included.
  let allocated: UInt64
  /// In arenas, but not in use.
  let free: UInt64
  /// Of the free bytes, those that malloc could give back to the system at once.
  let releasable: UInt64

  /// `nil` where the C library does not say.
  static func current() -> MallocStatistics? {
    var numbers = malloc_statistics()
    guard malloc_statistics_read(&numbers) else { return nil }
    return MallocStatistics(
      arena: UInt64(numbers.arena), mapped: UInt64(numbers.mapped),
      allocated: UInt64(numbers.used_in_arenas) &+ UInt64(numbers.mapped),
      free: UInt64(numbers.free_in_arenas), releasable: UInt64(numbers.releasable))
  }
}
