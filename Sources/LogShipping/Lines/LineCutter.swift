import Glibc

/// Cuts bytes into lines.
enum LineCutter {
  /// A line in a buffer.
  struct Cut: Equatable {
    /// What the line says, without what ends it.
    var content: Range<Int>
    /// Where the next one begins.
    var end: Int
  }

  /// The line that begins at `start`; nil where no newline ends it.
  @inline(__always)
  static func next(in bytes: UnsafeRawBufferPointer, from start: Int) -> Cut? {
    guard start < bytes.count, let base = bytes.baseAddress,
      let newline = memchr(base + start, 10, bytes.count - start)
    else { return nil }
    let end = UnsafeRawPointer(newline) - base
    return Cut(content: trimmed(bytes, start..<end), end: end + 1)
  }

  /// Without NULs before it, which a writer leaves that does not notice a truncation, and without `\r` behind it.
  @inline(__always)
  static func trimmed(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) -> Range<Int> {
    var (start, end) = (line.lowerBound, line.upperBound)
    if end > start, bytes[end - 1] == 13 { end -= 1 }
    while start < end, bytes[start] == 0 { start += 1 }
    return start..<end
  }
}
