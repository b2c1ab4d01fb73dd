/// Cuts an exposition into lines, within limits.
struct LineReader {
  private let bytes: [UInt8]
  private let dialect: TextDialect
  private let limits: ParseLimits
  private var index = 0
  private(set) var line = 0

  init(_ bytes: [UInt8], _ dialect: TextDialect, _ limits: ParseLimits) throws(ParseError) {
    guard bytes.count <= limits.bytes else { throw ParseError(.tooLarge, line: 1, "\(bytes.count) bytes") }
    guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else { throw ParseError(.byteOrderMark, line: 1) }
    self.bytes = bytes
    self.dialect = dialect
    self.limits = limits
  }

  var isAtEnd: Bool { index >= bytes.count }

  /// The next line, and whether a line feed ended it.
  mutating func next() throws(ParseError) -> (lexer: LineLexer, isTerminated: Bool)? {
    guard !isAtEnd else { return nil }
    line += 1
    let start = index
    while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
    let end = index
    guard end - start <= limits.lineBytes else {
      throw ParseError(.lineTooLong, line: line, "\(end - start) bytes")
    }
    let isTerminated = index < bytes.count
    index += 1
    return (LineLexer(bytes, start..<end, line: line, dialect: dialect, limits: limits), isTerminated)
  }
}
