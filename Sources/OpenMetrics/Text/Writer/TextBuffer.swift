/// The bytes of an exposition as they grow.
///
/// Small pieces go into a block of fixed size, which is appended to the result when it is full: a store each, where an
/// array would check its uniqueness and capacity every time.
struct TextBuffer: ~Copyable {
  /// Stays in the processor's first cache.
  private static let blockSize = 1 << 14

  private let block = UnsafeMutablePointer<UInt8>.allocate(capacity: TextBuffer.blockSize)
  private var used = 0
  private var finished: [UInt8] = []

  deinit { block.deallocate() }

  /// Makes room for this many bytes in all, so that the result need not move as it grows.
  mutating func reserve(_ count: Int) { finished.reserveCapacity(count) }

  /// Everything written so far.
  mutating func take() -> [UInt8] {
    flush()
    let bytes = finished
    finished = []
    return bytes
  }

  private mutating func flush() {
    finished.append(contentsOf: UnsafeBufferPointer(start: block, count: used))
    used = 0
  }

  /// Where the next `count` bytes go; `nil` when they are more than a block holds.
  @inline(__always)
  private mutating func room(for count: Int) -> UnsafeMutablePointer<UInt8>? {
    if count > Self.blockSize - used {
      flush()
      if count > Self.blockSize { return nil }
    }
    return block + used
  }

  @inline(__always)
  mutating func append(_ byte: Unicode.Scalar) {
    append(byte: UInt8(truncatingIfNeeded: byte.value))
  }

  @inline(__always)
  mutating func append(byte: UInt8) {
    if used == Self.blockSize { flush() }
    block[used] = byte
    used += 1
  }

  @inline(__always)
  mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
    guard let target = room(for: bytes.count) else { return finished.append(contentsOf: bytes) }
    target.update(from: start, count: bytes.count)
    used += bytes.count
  }

  mutating func append(_ text: StaticString) {
    append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  @inline(__always)
  mutating func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { append($0) }
  }

  @inline(__always)
  mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { append($0) }
  }

  /// Backslash and line feed always, the double quote where asked.
  @inline(__always)
  mutating func appendEscaped(_ text: String, quotes: Bool = true) {
    var text = text
    text.withUTF8 { bytes in
      if EscapeScan.needsEscape(bytes, quotes: quotes) {
        appendSlowly(bytes, quotes: quotes)
      } else {
        append(bytes)
      }
    }
  }

  private mutating func appendSlowly(_ bytes: UnsafeBufferPointer<UInt8>, quotes: Bool) {
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\\"): append("\\\\" as StaticString)
      case UInt8(ascii: "\n"): append("\\n" as StaticString)
      case UInt8(ascii: "\"") where quotes: append("\\\"" as StaticString)
      default: append(byte: byte)
      }
    }
  }

  /// `name{labels} value` and the end of the line, in one go: what a scrape consists of.
  @inline(__always)
  mutating func appendLine(
    _ name: UnsafeBufferPointer<UInt8>, _ labels: UnsafeBufferPointer<UInt8>, _ value: UInt64
  ) {
    let length = name.count + labels.count + DecimalDigits.maximumCount + 4
    guard let target = room(for: length), let nameStart = name.baseAddress else {
      return appendLongLine(name, labels, value)
    }
    target.update(from: nameStart, count: name.count)
    var end = target + name.count
    if let start = labels.baseAddress, !labels.isEmpty {
      end[0] = UInt8(ascii: "{")
      (end + 1).update(from: start, count: labels.count)
      end += labels.count + 2
      end[-1] = UInt8(ascii: "}")
    }
    end[0] = UInt8(ascii: " ")
    end += 1 + DecimalDigits.write(value, to: end + 1)
    end[0] = UInt8(ascii: "\n")
    used += end + 1 - target
  }

  private mutating func appendLongLine(
    _ name: UnsafeBufferPointer<UInt8>, _ labels: UnsafeBufferPointer<UInt8>, _ value: UInt64
  ) {
    append(name)
    if !labels.isEmpty {
      append("{")
      append(labels)
      append("}")
    }
    append(" ")
    append(value)
    append("\n")
  }

  // MARK: Numbers

  @inline(__always)
  mutating func append(_ value: MetricValue, marksFloat: Bool) {
    switch value {
    case .integer(let value): append(value)
    case .double(let value): append(value, marksFloat: marksFloat)
    }
  }

  @inline(__always)
  mutating func append(_ value: UInt64) {
    guard let target = room(for: DecimalDigits.maximumCount) else { return }
    used += DecimalDigits.write(value, to: target)
  }

  mutating func append(_ value: Double, marksFloat: Bool) {
    guard let target = room(for: NumberFormat.maximumCount) else { return }
    used += NumberFormat.write(value, marksFloat: marksFloat, to: target)
  }

  /// Seconds with as many of nine decimals as are needed.
  mutating func append(_ timestamp: MetricTimestamp) {
    var seconds = timestamp.seconds
    var nanoseconds = UInt64(timestamp.nanoseconds)
    if seconds < 0, nanoseconds > 0 {
      // -1.5 s is kept as -2 s and 0.5 s.
      seconds += 1
      nanoseconds = 1_000_000_000 - nanoseconds
      if seconds == 0 { append("-") }
    }
    append(seconds)
    guard nanoseconds > 0 else { return }
    append(".")
    var scale: UInt64 = 100_000_000
    while nanoseconds > 0 {
      append(byte: UInt8(ascii: "0") + UInt8(nanoseconds / scale))
      nanoseconds %= scale
      scale /= 10
    }
  }

  mutating func append(_ value: Int64) {
    if value < 0 { append("-") }
    append(value.magnitude)
  }
}

/// Finds out, eight bytes at a time, whether a text has anything to escape.
enum EscapeScan {
  @inline(__always)
  static func needsEscape(_ bytes: UnsafeBufferPointer<UInt8>, quotes: Bool) -> Bool {
    guard let start = bytes.baseAddress else { return false }
    let raw = UnsafeRawPointer(start)
    var offset = 0
    while offset + 8 <= bytes.count {
      let word = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      if contains(word, UInt8(ascii: "\\")) || contains(word, UInt8(ascii: "\n"))
        || (quotes && contains(word, UInt8(ascii: "\"")))
      {
        return true
      }
      offset += 8
    }
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\n") || (quotes && byte == UInt8(ascii: "\"")) {
        return true
      }
      offset += 1
    }
    return false
  }

  /// Whether one of the word's bytes is `byte`: exact, if one only asks whether there is any.
  @inline(__always)
  private static func contains(_ word: UInt64, _ byte: UInt8) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let difference = word ^ (ones &* UInt64(byte))
    return (difference &- ones) & ~difference & (ones << 7) != 0
  }
}
