import Glibc

/// A reusable buffer that holds one line while it is being encoded, and keeps it within a bound.
///
/// The buffer grows to the longest line it has seen and is then reused, so that encoding allocates nothing.
/// `limit` is what the line may take; `owed` are the bytes that what was opened still needs in order to be
/// closed, so that a line that runs out of room can always be ended properly.
struct LineBuffer: ~Copyable {
  /// What happens to a string that does not fit.
  enum Overflow {
    /// It is left out and the caller starts again with `share`. The first, and nearly always only, pass.
    case refuse
    /// It gets half of what remains and is cut there, so that no value starves those after it.
    case share
  }

  private(set) var base: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private var capacity: Int
  private(set) var limit = 0
  private(set) var overflow = Overflow.refuse
  var owed = 0
  var truncated = false

  init(capacity: Int = 2048) {
    self.base = .allocate(capacity: capacity)
    self.capacity = capacity
  }

  deinit { base.deallocate() }

  /// What a value may still take.
  var available: Int { limit - count - owed }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  mutating func begin(limit: Int, owed: Int, overflow: Overflow) {
    count = 0
    truncated = false
    self.limit = limit
    self.owed = owed
    self.overflow = overflow
  }

  /// Takes back everything after `mark`, an earlier `count`.
  mutating func rewind(to mark: Int) { count = mark }

  // MARK: Appending, unbounded

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    if count == capacity { grow(by: 1) }
    base[count] = byte
    count += 1
  }

  @inline(__always)
  mutating func append(_ source: UnsafePointer<UInt8>, _ length: Int) {
    if capacity - count < length { grow(by: length) }
    (base + count).update(from: source, count: length)
    count += length
  }

  @inline(__always)
  mutating func append(_ literal: StaticString) {
    append(literal.utf8Start, literal.utf8CodeUnitCount)
  }

  mutating func append(_ source: [UInt8]) {
    source.withUnsafeBufferPointer { if let start = $0.baseAddress { append(start, $0.count) } }
  }

  /// Appends the UTF-8 bytes as they stand.
  mutating func append(verbatim text: String) {
    var text = text
    text.withUTF8 { if let start = $0.baseAddress { append(start, $0.count) } }
  }

  mutating func append(decimal value: UInt64) {
    if capacity - count < 20 { grow(by: 20) }
    var digits = 1
    var rest = value
    while rest >= 10 {
      rest /= 10
      digits += 1
    }
    rest = value
    var index = count + digits
    repeat {
      index -= 1
      base[index] = UInt8(truncatingIfNeeded: rest % 10) &+ 0x30
      rest /= 10
    } while rest != 0
    count += digits
  }

  mutating func append(decimal value: Int64) {
    if value < 0 { append(UInt8(ascii: "-")) }
    append(decimal: value.magnitude)
  }

  private mutating func grow(by length: Int) {
    let wanted = max(capacity * 2, count + length)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: wanted)
    larger.update(from: base, count: count)
    base.deallocate()
    base = larger
    capacity = wanted
  }
}
