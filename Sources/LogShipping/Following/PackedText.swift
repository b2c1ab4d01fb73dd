/// The text of a gzip file, by where it stands in the text. It takes the memory of a window, however much text there is: what
/// stands before the window is unpacked again from the start.
final class PackedText {
  /// How much is unpacked ahead of what is read.
  static let ahead: UInt64 = 256 << 10
  private static let room = 64 << 10

  private let source: (UnsafeMutableRawBufferPointer, UInt64) -> Int
  private var inflater: Inflater?
  /// The text before `position`, from `start` on.
  private var recent: [UInt8] = []
  private var start: UInt64 = 0
  private var position: UInt64 { start + UInt64(recent.count) }
  /// How much of `recent` is kept at least: what was read last, and what is looked at before it.
  private var window = 1 << 20
  /// The first bytes, at most as many as a fingerprint has.
  private var head: [UInt8] = []
  /// How much text there is, as far as was unpacked.
  private(set) var length: UInt64 = 0
  /// Why there is no more; nil where there may be.
  private(set) var stop: Inflater.Stop?

  /// - Parameter source: fills a buffer with the packed bytes at an offset, and says with how many; 0 where there are none.
  init(_ source: @escaping (UnsafeMutableRawBufferPointer, UInt64) -> Int) { self.source = source }

  /// Unpacks up to an offset of the text, where there is so much.
  ///
  /// - Parameter budget: how much more text is unpacked than was before, at most about.
  func reach(_ offset: UInt64, budget: UInt64 = .max) {
    let most = budget == .max ? offset : min(offset, length + budget)
    guard length < most, stop == nil else { return }
    unpack(to: most, from: length) { _, _ in }
  }

  /// Lets go of what is needed to unpack on.
  func rest() {
    inflater = nil
    recent = []
    start = 0
  }

  /// Takes up that all of it was unpacked before, and how much that was.
  func assume(length: UInt64) {
    self.length = length
    stop = .whole
  }

  /// Has a look whether there is more behind a place where it ended in the middle.
  func lookAgain() {
    guard stop == .cut else { return }
    stop = nil
    rest()
  }

  /// Fills a buffer with the text at an offset; returns with how much.
  func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) -> Int {
    let end = offset + UInt64(buffer.count)
    window = max(window, 2 * buffer.count)
    if end <= head.count || (stop != nil && length == head.count) {
      guard offset < head.count else { return 0 }
      let count = min(buffer.count, head.count - Int(offset))
      buffer.copyBytes(from: head[Int(offset)..<Int(offset) + count])
      return count
    }
    if stop != nil, offset >= length { return 0 }
    var filled = 0
    let take = { (bytes: ArraySlice<UInt8>, place: UInt64) in
      let from = offset + UInt64(filled)
      guard filled < buffer.count, place <= from, from < place + UInt64(bytes.count) else { return }
      let rest = bytes.dropFirst(Int(from - place)).prefix(buffer.count - filled)
      UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]).copyBytes(from: rest)
      filled += rest.count
    }
    if inflater != nil, offset >= start { take(recent[...], start) }
    unpack(to: end, from: offset, take)
    return filled
  }

  /// Unpacks until an offset is reached, from where it is, or from the start where something before that is needed.
  private func unpack(to end: UInt64, from offset: UInt64, _ take: (ArraySlice<UInt8>, UInt64) -> Void) {
    if inflater == nil || offset < start {
      rest()
      inflater = Inflater(source)
    }
    guard let inflater else { return }
    withUnsafeTemporaryAllocation(byteCount: Self.room, alignment: 16) { piece in
      while position < end {
        let (count, stop) = inflater.next(into: piece)
        guard stop == nil else {
          if position >= length { self.stop = stop }
          return
        }
        let place = position
        let bytes = UnsafeRawBufferPointer(rebasing: piece[..<count])
        recent.append(contentsOf: bytes)
        take(recent[(recent.count - count)...], place)
        if head.count < Fingerprint.longestPrefix, place == head.count {
          head += bytes.prefix(Fingerprint.longestPrefix - head.count)
        }
        if recent.count > 2 * window {
          start += UInt64(recent.count - window)
          recent.removeFirst(recent.count - window)
        }
        length = max(length, position)
      }
    }
  }
}
