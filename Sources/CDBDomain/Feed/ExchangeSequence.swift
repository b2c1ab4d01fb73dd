/// The exchange's numbering of one kind of message, as far as it was seen.
///
/// A *source* is one place that frames come from: a connection, a file. Numbers that go on count as one
/// sequence whatever the source, so that what a reconnect missed is a gap, and a recording that goes on in
/// the next file is none. Numbers that fall back are repetitions, except from a source that is newer: that
/// one has begun a numbering of its own, as the next pass of a looped recording does. Sources are 16 bits and
/// wrap: see ``SourceOrder``.
struct ExchangeSequence: Sendable, Hashable, Codable {
  /// Where a message stands in the sequence.
  enum Position: Equatable {
    case follows
    /// That many numbers were not seen.
    case gap(missing: Int64)
    /// Everything that it covers was seen.
    case old
    /// The beginning of another numbering.
    case restart
  }

  private(set) var last: Int64?
  private(set) var source: UInt16 = 0

  /// The place of a message that covers the numbers `first…last`, both from zero on.
  @inline(__always)
  func position(first: Int64, last: Int64, source: UInt16) -> Position {
    guard let seen = self.last else { return .follows }
    guard last > seen else { return SourceOrder.isNewer(source, than: self.source) ? .restart : .old }
    return first &- 1 > seen ? .gap(missing: first &- 1 &- seen) : .follows
  }

  /// Notes that everything up to `last` was seen.
  @inline(__always)
  mutating func advance(to last: Int64, source: UInt16) {
    if self.last == nil || SourceOrder.isNewer(source, than: self.source) { self.source = source }
    self.last = last
  }
}

/// The order of source numbers, which wrap: of two, the one that is up to half of the circle ahead is the newer
/// (RFC 1982, serial number arithmetic). A data directory may see more connections than 16 bits count.
enum SourceOrder {
  @inline(__always)
  static func isNewer(_ source: UInt16, than other: UInt16) -> Bool {
    Int16(bitPattern: source &- other) > 0
  }
}
