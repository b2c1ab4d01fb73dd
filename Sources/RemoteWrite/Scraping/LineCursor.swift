import Glibc

/// What stands behind a series in a line of a text format.
struct SampleRest {
  /// The value's bits.
  var bits: UInt64
  /// Milliseconds since the epoch, where the target gave a time.
  var time: Int64?
}

/// Reads an exposition in text line by line, as Prometheus does: each sample for itself, without a model of families.
///
/// It takes what Prometheus takes (model/textparse/promlex.l and openmetricslex.l): in OpenMetrics no blank lines, and `# EOF` at
/// the end; in the Prometheus formats any comments, blanks and tabs, and a last line that is not ended.
struct LineCursor {
  let bytes: UnsafeBufferPointer<UInt8>
  private let isOpenMetrics: Bool
  /// Where the next byte is read.
  var index = 0
  /// Behind the last byte of the line.
  private(set) var end = 0
  private(set) var line = 0
  private var isEnded = false
  /// Whether ``comments`` are kept.
  var keepsComments = false
  /// The lines of comments since they were taken last.
  var comments: [Range<Int>] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>, isOpenMetrics: Bool) {
    self.bytes = bytes
    self.isOpenMetrics = isOpenMetrics
  }

  func fault(_ reason: String) -> ScrapeFault { .malformed(line: line, reason: reason) }

  /// Goes to the next line that holds a sample.
  ///
  /// - Returns: false at the end.
  mutating func nextSample() throws(ScrapeFault) -> Bool {
    while end < bytes.count || line == 0 {
      if line > 0 { end += 1 }
      guard end < bytes.count else { break }
      line += 1
      index = end
      end = lineFeed(from: index)
      guard !isEnded else { throw fault("content after # EOF") }
      if isOpenMetrics {
        guard index < end else { throw fault("a blank line") }
        guard bytes[index] != Self.hash else {
          if keepsComments { comments.append(index..<end) }
          isEnded = isWord("# EOF") && end - index == 5
          continue
        }
        return true
      }
      skipBlanks()
      if index < end, bytes[index] != Self.hash { return true }
      if keepsComments, index < end { comments.append(index..<end) }
    }
    guard !isOpenMetrics || isEnded else { throw fault("the end without # EOF") }
    return false
  }

  /// Whether the line begins with this series and a value follows; the cursor is behind it then.
  @inline(__always)
  mutating func takes(_ series: UnsafeRawBufferPointer) -> Bool {
    let behind = index &+ series.count
    guard behind < end, let base = bytes.baseAddress, let known = series.baseAddress,
      Self.isBlank(bytes[behind]), memcmp(base + index, known, series.count) == 0
    else { return false }
    // A name of which this is all; labels may follow behind blanks.
    if series[series.count &- 1] != Self.closingBrace {
      var next = behind
      while next < end, Self.isBlank(bytes[next]) { next &+= 1 }
      guard next < end, bytes[next] != Self.openingBrace else { return false }
    }
    index = behind
    return true
  }

  /// The series of the line: name and labels as they stand there. The cursor is behind it then.
  mutating func series() throws(ScrapeFault) -> Range<Int> {
    let start = index
    while index < end, Self.isName(bytes[index]) { index += 1 }
    var behind = index
    if index > start {
      while index < end, Self.isBlank(bytes[index]) { index += 1 }
    }
    if index < end, bytes[index] == Self.openingBrace {
      try skipBraces()
      behind = index
    }
    guard behind > start else { throw fault("a sample without a name") }
    index = behind
    return start..<behind
  }

  mutating func skipBraces() throws(ScrapeFault) {
    var isQuoted = false
    while index < bytes.count {
      let byte = bytes[index]
      if isQuoted {
        if byte == Self.backslash { index += 1 } else if byte == Self.quote { isQuoted = false }
      } else if byte == Self.quote {
        isQuoted = true
      } else if byte == Self.closingBrace {
        index += 1
        return
      } else if byte == Self.feed {
        break
      }
      index += 1
      // A line feed in quotes is a part of the text.
      if index > end { end = lineFeed(from: index) }
    }
    throw fault("labels that are not closed")
  }

  /// The value and the time; an exemplar behind them is passed over.
  mutating func rest() throws(ScrapeFault) -> SampleRest {
    skipBlanks()
    let value = token()
    guard let bits = NumberText.bits(UnsafeBufferPointer(rebasing: bytes[value])) else {
      throw fault("a value that is no number")
    }
    skipBlanks()
    var rest = SampleRest(bits: bits)
    if index < end, bytes[index] != Self.hash {
      let time = token()
      rest.time = try self.time(UnsafeBufferPointer(rebasing: bytes[time]))
      skipBlanks()
    }
    guard index == end || (isOpenMetrics && bytes[index] == Self.hash) else {
      throw fault("more than a value and a time")
    }
    return rest
  }

  func time(_ text: UnsafeBufferPointer<UInt8>) throws(ScrapeFault) -> Int64 {
    let words = String(decoding: text, as: UTF8.self)
    if !isOpenMetrics, let time = Int64(words) { return time }
    // Seconds, with a fraction.
    if isOpenMetrics, let bits = NumberText.bits(text), case let time = Double(bitPattern: bits) * 1000,
      let milliseconds = Int64(exactly: time.rounded())
    {
      return milliseconds
    }
    throw fault("a time that is none")
  }

  mutating func token() -> Range<Int> {
    let start = index
    while index < end, !Self.isBlank(bytes[index]) { index += 1 }
    return start..<index
  }

  mutating func skipBlanks() { while index < end, Self.isBlank(bytes[index]) { index += 1 } }

  private func lineFeed(from start: Int) -> Int {
    guard start < bytes.count, let base = bytes.baseAddress,
      let found = memchr(base + start, CInt(Self.feed), bytes.count - start)
    else { return bytes.count }
    return UnsafeRawPointer(base).distance(to: found)
  }

  private func isWord(_ word: StaticString) -> Bool {
    index + word.utf8CodeUnitCount <= end
      && (0..<word.utf8CodeUnitCount).allSatisfy { bytes[index + $0] == word.utf8Start[$0] }
  }

  private static let hash = UInt8(ascii: "#")
  private static let quote = UInt8(ascii: "\"")
  private static let backslash = UInt8(ascii: "\\")
  private static let openingBrace = UInt8(ascii: "{")
  private static let closingBrace = UInt8(ascii: "}")
  private static let feed = UInt8(ascii: "\n")

  @inline(__always)
  private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

  @inline(__always)
  private static func isName(_ byte: UInt8) -> Bool { ASCII.isWord(byte) || byte == UInt8(ascii: ":") }
}
