import Glibc

/// How a container runtime writes what a container says.
public enum ContainerFormat: String, Sendable, CaseIterable {
  /// Docker's json-file: `{"log":"…\n","stream":"stdout","time":"…"}`; what is longer than 16 KiB is split, and only the last part ends
  /// with a newline.
  case docker
  /// That of Kubernetes' runtimes: time, stream, `P` of a part or `F`, text.
  case cri

  /// A line of the runtime's.
  struct Entry: Equatable {
    /// What the container said; with Docker as it stands between its quotes.
    var text: Range<Int>
    var time: Range<Int>
    var isError: Bool
    /// Whether the next entry of the stream goes on with it.
    var isPart: Bool
  }

  /// What a record says beside its text.
  struct Frame: Equatable {
    /// When its first part was written, in quotes.
    var time: [UInt8]
    var isError: Bool
  }

  /// - Returns: nil where the line is none of the runtime's.
  func entry(_ line: UnsafeRawBufferPointer) -> Entry? {
    switch self {
    case .docker: Self.docker(line)
    case .cri: Self.cri(line)
    }
  }

  /// Puts together what the container said in a record of one or several entries.
  ///
  /// - Returns: nil where it does not begin with an entry; nothing is to be done with `text` then.
  func unwrap(_ record: UnsafeRawBufferPointer, into text: inout [UInt8]) -> Frame? {
    var frame: Frame?
    var start = 0
    text.removeAll(keepingCapacity: true)
    while start < record.count {
      let rest = UnsafeRawBufferPointer(rebasing: record[start...])
      let line = UnsafeRawBufferPointer(rebasing: rest.prefix { $0 != 10 })
      start += line.count + 1
      guard let entry = entry(line) else {
        guard frame != nil else { return nil }
        text.append(contentsOf: line)
        continue
      }
      if frame == nil {
        let quote = [UInt8(ascii: "\"")]
        frame = Frame(time: quote + line[entry.time] + quote, isError: entry.isError)
      }
      let said = UnsafeRawBufferPointer(rebasing: line[entry.text])
      if self == .docker {
        JSONText.appendUnescaped(said, to: &text)
      } else {
        text.append(contentsOf: said)
      }
    }
    if text.last == 10 { text.removeLast() }
    if text.last == 13 { text.removeLast() }
    return frame
  }

  private static func docker(_ line: UnsafeRawBufferPointer) -> Entry? {
    guard case .object = JSONValidator.scan(line) else { return nil }
    var cursor = JSONCursor(line)
    var (text, time, stream): (Range<Int>?, Range<Int>?, Range<Int>?)
    do throws(JSONCursor.Malformed) {
      try cursor.object { (cursor, key) throws(JSONCursor.Malformed) in
        switch key {
        case "log": text = try cursor.range()
        case "time": time = try cursor.range()
        case "stream": stream = try cursor.range()
        default: try cursor.skip()
        }
      }
    } catch {
      return nil
    }
    guard let text, let time, isTime(line[time]) else { return nil }
    // A newline that is escaped itself is none: an odd number of backslashes stands before the letter.
    let said = line[text]
    let backslashes = said.dropLast().reversed().prefix { $0 == UInt8(ascii: "\\") }.count
    return Entry(
      text: text, time: time, isError: stream.map { line[$0].elementsEqual("stderr".utf8) } ?? false,
      isPart: said.last != UInt8(ascii: "n") || backslashes % 2 == 0)
  }

  private static func cri(_ line: UnsafeRawBufferPointer) -> Entry? {
    func word(from start: Int) -> Range<Int>? {
      guard start < line.count, let end = line[start...].firstIndex(of: 32) else { return nil }
      return start..<end
    }
    guard let time = word(from: 0), isTime(line[time]), let stream = word(from: time.upperBound + 1) else {
      return nil
    }
    let isError = line[stream].elementsEqual("stderr".utf8)
    let start = stream.upperBound + 1
    // An empty text may lack the space before it.
    let tags = word(from: start) ?? start..<max(line.count, start)
    guard isError || line[stream].elementsEqual("stdout".utf8),
      let tag = tags.isEmpty ? nil : line[tags.lowerBound],
      [UInt8(ascii: "P"), UInt8(ascii: "F")].contains(tag),
      tags.count == 1 || line[tags.lowerBound + 1] == UInt8(ascii: ":")
    else { return nil }
    return Entry(
      text: min(tags.upperBound + 1, line.count)..<line.count, time: time, isError: isError,
      isPart: tag == UInt8(ascii: "P"))
  }

  /// Whether it looks like RFC 3339, and can stand in a JSON string.
  private static func isTime(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
    guard (20...40).contains(bytes.count), let first = bytes.first else { return false }
    return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
      && bytes.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: ":"),
          UInt8(ascii: "."), UInt8(ascii: "T"), UInt8(ascii: "Z"):
          true
        default: false
        }
      }
  }

  /// The container's id, of the name of its file: 64 digits in hexadecimal; nil where it has none.
  static func id(in path: String) -> String? {
    let name = Array(PathPatterns.name(of: path).utf8)
    var start = 0
    for end in 0...name.count where end == name.count || !isDigit(name[end]) {
      if end - start == 64 { return String(decoding: name[start..<end], as: UTF8.self) }
      start = end + 1
    }
    return nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }
}
