import Glibc
import Synchronization

/// The lines that wait for one sink: a ring of bytes in raw memory.
///
/// Positions only grow; a position's place in memory is its remainder by the capacity. Three parties meet here:
/// - *Producers*, one at a time under the channel's lock, copy a whole line behind `tail` and then publish it.
/// - The *drainer*, who holds `ownership`, writes from `head + partial` to the sink and advances `head` line by
///   line. Memory from `head` to `tail` is never written to.
/// - The *crash handler* takes `ownership`, never gives it back, and drains what is published.
///
/// There is no pointer in here that changes and no lock, so that a signal handler may read it at any moment.
struct PendingLines: ~Copyable {
  enum Owner {
    static let none = 0
    static let drainer = 1
    static let crashHandler = 2
  }

  let base: UnsafeMutableRawPointer
  let capacity: Int
  /// Everything before is in the sink. Always at the beginning of a line.
  let head = Atomic<Int>(0)
  /// Everything from here on is free. Always at the beginning of a line.
  let tail = Atomic<Int>(0)
  /// How many bytes of the line at `head` the sink has already taken.
  let partial = Atomic<Int>(0)
  let ownership = Atomic<Int>(Owner.none)
  /// The open descriptor, or -1. Only changes under `ownership`.
  let descriptor = Atomic<Int32>(-1)

  init(capacity: Int) {
    self.capacity = capacity
    self.base = .allocate(byteCount: capacity, alignment: 64)
  }

  deinit { base.deallocate() }

  /// Appends the line and its newline; false if there is no room. Only under the producers' lock.
  func append(_ line: UnsafeRawBufferPointer) -> Bool {
    guard let source = line.baseAddress else { return false }
    let tail = tail.load(ordering: .relaxed)
    let used = tail - head.load(ordering: .acquiring)
    guard capacity - used > line.count else { return false }
    let place = tail % capacity
    let first = min(line.count, capacity - place)
    (base + place).copyMemory(from: source, byteCount: first)
    if first < line.count { base.copyMemory(from: source + first, byteCount: line.count - first) }
    (base + (tail + line.count) % capacity).storeBytes(of: 0x0A, as: UInt8.self)
    // Sequentially consistent, because the drainer publishes "I sleep" and then reads `tail`, while a producer
    // publishes `tail` and then reads "it sleeps": one of the two has to see the other.
    self.tail.store(tail + line.count + 1, ordering: .sequentiallyConsistent)
    return true
  }

  var isEmpty: Bool { head.load(ordering: .acquiring) == tail.load(ordering: .sequentiallyConsistent) }

  /// The position behind the last whole line that begins before `limit` bytes from `position`; `position +
  /// limit` if the first line alone is longer, and `tail` if everything is within the limit.
  func end(of limit: Int, from position: Int) -> Int {
    let tail = tail.load(ordering: .acquiring)
    if tail - position <= limit { return tail }
    return lastLineEnd(from: position, to: position + limit) ?? position + limit
  }

  /// The position behind the last newline in the range.
  func lastLineEnd(from start: Int, to end: Int) -> Int? {
    var position = end
    while position > start {
      let place = (position - 1) % capacity
      let length = min(position - start, place + 1)
      let bytes = UnsafeRawBufferPointer(start: base + (place + 1 - length), count: length)
      if let found = bytes.lastIndex(of: 0x0A) { return position - length + found + 1 }
      position -= length
    }
    return nil
  }

  /// The position behind the first newline from `position` on, or `tail`.
  func firstLineEnd(from position: Int) -> Int {
    let tail = tail.load(ordering: .acquiring)
    var position = position
    while position < tail {
      let place = position % capacity
      let bytes = UnsafeRawBufferPointer(start: base + place, count: min(tail - position, capacity - place))
      if let found = bytes.firstIndex(of: 0x0A) { return position + found + 1 }
      position += bytes.count
    }
    return tail
  }

  func countLines(from start: Int, to end: Int) -> UInt64 {
    var position = start
    var lines: UInt64 = 0
    while position < end {
      let place = position % capacity
      let length = min(end - position, capacity - place)
      let bytes = UnsafeRawBufferPointer(start: base + place, count: length)
      for byte in bytes where byte == 0x0A { lines += 1 }
      position += length
    }
    return lines
  }

  /// One `writev(2)` of the range, which may lie around the end of the memory.
  func write(from start: Int, to end: Int, into descriptor: Int32) -> Int {
    let place = start % capacity
    let first = min(end - start, capacity - place)
    var vectors = (
      iovec(iov_base: base + place, iov_len: first), iovec(iov_base: base, iov_len: end - start - first)
    )
    return withUnsafePointer(to: &vectors) { tuple in
      tuple.withMemoryRebound(to: iovec.self, capacity: 2) {
        writev(descriptor, $0, first < end - start ? 2 : 1)
      }
    }
  }

  func takeOwnership(as owner: Int) -> Bool {
    ownership.compareExchange(
      expected: Owner.none, desired: owner, ordering: .acquiringAndReleasing
    ).exchanged
  }
}
