import Glibc

/// What a line looks like: a POSIX extended regular expression.
public final class LinePattern: @unchecked Sendable {
  /// What is no expression.
  public struct Invalid: Error, Sendable, CustomStringConvertible {
    public let description: String
  }

  /// How many bytes of a line are looked at.
  static let longestLook = 1_024

  // Compiled once, and only read from then on: regexec(3) may be called from several threads.
  private let expression = UnsafeMutablePointer<regex_t>.allocate(capacity: 1)
  private let isCompiled: Bool

  /// - Throws: ``Invalid`` where the text is no expression.
  public init(_ text: String) throws(Invalid) {
    let status = regcomp(expression, text, REG_EXTENDED | REG_NOSUB)
    isCompiled = status == 0
    guard isCompiled else {
      var words = [CChar](repeating: 0, count: 200)
      regerror(status, expression, &words, words.count)
      throw Invalid(
        description: String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
  }

  deinit {
    if isCompiled { regfree(expression) }
    expression.deallocate()
  }

  /// Whether it is found in the line.
  func matches(_ line: UnsafeRawBufferPointer) -> Bool {
    let length = min(line.count, Self.longestLook)
    // The length stands where the match would: the line has no zero at its end.
    var place = regmatch_t(rm_so: 0, rm_eo: regoff_t(length))
    guard let base = line.baseAddress else {
      place.rm_eo = 0
      return regexec(expression, "", 1, &place, REG_STARTEND) == 0
    }
    return regexec(expression, base.assumingMemoryBound(to: CChar.self), 1, &place, REG_STARTEND) == 0
  }
}

/// Which lines are one record.
public struct MultilineOptions: Sendable {
  /// What the first line of a record looks like; what does not belongs to the record before it.
  public var start: LinePattern
  /// Of a record; a further line begins another one.
  public var mostLines: Int
  /// Where nothing else is said; milliseconds.
  public static let usualTimeout: Int64 = 2_000

  /// After which a record is whole although no other one has begun; milliseconds.
  public var timeout: Int64

  public init(start: LinePattern, mostLines: Int = 500, timeout: Int64 = usualTimeout) {
    self.start = start
    self.mostLines = mostLines
    self.timeout = timeout
  }
}

/// Cuts bytes into records of several lines. Where one ends depends on nothing but the bytes and the ends that the checkpoint has: a
/// record that is read again is the same one.
struct RecordCutter {
  enum Cut: Equatable {
    /// A record: what it says, and where the next one begins.
    case record(LineCutter.Cut, startsAsOne: Bool)
    /// Lines up to `end` belong to a record of which more may come.
    case open(end: Int)
  }

  /// What tells which lines are one record.
  enum Rule {
    case multiline(MultilineOptions)
    /// Entries of one stream up to the first that is no part.
    case container(ContainerFormat)
  }

  let rule: Rule
  /// Bytes of a record at most, unless its first line is longer.
  let longest: Int

  private var mostLines: Int { if case .multiline(let options) = rule { options.mostLines } else { .max } }

  /// Whether a line begins a record by what it says itself.
  private func begins(_ line: UnsafeRawBufferPointer) -> Bool {
    if case .multiline(let options) = rule { options.start.matches(line) } else { false }
  }

  /// Whether lines may go on with a record whose last line this is; what the container's entry says then, for ``goesOn(_:_:)``.
  private func mayGoOn(_ line: UnsafeRawBufferPointer) -> (mayGoOn: Bool, entry: ContainerFormat.Entry?) {
    guard case .container(let format) = rule else { return (true, nil) }
    let entry = format.entry(line)
    return (entry?.isPart ?? false, entry)
  }

  private func goesOn(_ line: UnsafeRawBufferPointer, _ last: ContainerFormat.Entry?) -> Bool {
    guard case .container(let format) = rule else { return !begins(line) }
    return format.entry(line).map { $0.isError == last?.isError } ?? false
  }

  /// The record that begins at `start`; nil where no newline follows.
  ///
  /// - Parameter isEnd: whether a record was said to end before this index.
  func next(in bytes: UnsafeRawBufferPointer, from start: Int, isEnd: (Int) -> Bool) -> Cut? {
    guard let first = LineCutter.next(in: bytes, from: start) else { return nil }
    let startsAsOne = begins(UnsafeRawBufferPointer(rebasing: bytes[first.content]))
    var last = first.content
    var end = first.end
    var lines = 1
    func record() -> Cut {
      .record(
        LineCutter.Cut(content: LineCutter.trimmed(bytes, start..<end - 1), end: end),
        startsAsOne: startsAsOne)
    }
    while true {
      if end - 1 - start > longest || lines >= mostLines || isEnd(end) { return record() }
      let (mayGoOn, entry) = mayGoOn(UnsafeRawBufferPointer(rebasing: bytes[last]))
      guard mayGoOn else { return record() }
      guard let line = LineCutter.next(in: bytes, from: end) else {
        // Whatever comes, the next line would not fit.
        return bytes.count - start > longest ? record() : .open(end: end)
      }
      if line.end - 1 - start > longest
        || !goesOn(UnsafeRawBufferPointer(rebasing: bytes[line.content]), entry)
      {
        return record()
      }
      end = line.end
      last = line.content
      lines += 1
    }
  }
}
