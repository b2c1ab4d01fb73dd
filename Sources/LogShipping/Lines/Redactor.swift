/// Finds what looks like a secret in a line, and writes the line without it.
///
/// It knows values of keys that say so (`password`, `api_key`, `authorization` …, also as the end of a longer name), in JSON, in JSON
/// within JSON and as `key=value`; tokens behind `Bearer`; JSON web tokens; AWS key ids; passwords in addresses; private keys in PEM.
/// A secret that nothing tells by its form stays.
public struct Redactor: Sendable {
  /// What stands where a secret stood.
  public static let mark = "[redacted]"
  /// What the names of keys end with whose values are secrets.
  public static let keys = [
    "password", "passwd", "passphrase", "pwd", "secret", "token", "api_key", "apikey", "api-key",
    "access_key",
    "private_key", "authorization", "credential", "credentials", "cookie",
  ]

  private enum Trigger {
    case key(hasSpaces: Bool)
    case bearer
    case address
    case awsKey
    case webToken
    case pem
  }

  private struct Finding {
    var range: Range<Int>
    /// What the mark needs around it, to be a string.
    var quote: Quote?
  }

  private let triggers: [Trigger]
  private let finder: WordFinder

  /// - Parameter further: what names of keys end with, beside ``keys``.
  public init(further: [String] = []) {
    let keys = Self.keys + further.filter { !$0.isEmpty && $0.utf8.allSatisfy { $0 < 0x80 } }.prefix(100)
    triggers =
      keys.map { .key(hasSpaces: $0 == "authorization" || $0 == "cookie") }
      + [.bearer, .address, .awsKey, .webToken, .pem]
    finder = WordFinder(keys + ["bearer ", "://", "akia", "eyj", "-----begin "])
  }

  /// - Returns: whether there was something to leave out; else nothing is written.
  func redact(_ line: UnsafeRawBufferPointer, into output: inout [UInt8]) -> Bool {
    var written = 0
    var found = false
    let isJSON = line.first { $0 != 32 && $0 != 9 } == UInt8(ascii: "{")
    finder.search(line) { word, end in
      guard let finding = finding(triggers[word], line, end, isJSON), finding.range.lowerBound >= written
      else {
        return end
      }
      if !found { output.removeAll(keepingCapacity: true) }
      found = true
      output.append(contentsOf: line[written..<finding.range.lowerBound])
      finding.quote?.write(to: &output)
      output.append(contentsOf: Self.mark.utf8)
      finding.quote?.write(to: &output)
      written = finding.range.upperBound
      return written
    }
    if found { output.append(contentsOf: line[written...]) }
    return found
  }

  private func finding(_ trigger: Trigger, _ line: UnsafeRawBufferPointer, _ end: Int, _ isJSON: Bool)
    -> Finding?
  {
    switch trigger {
    case .key(let hasSpaces): value(line, behind: end, hasSpaces: hasSpaces, isJSON: isJSON)
    case .bearer: run(line, from: end, atLeast: 8, Self.isOfToken)
    case .awsKey: run(line, from: end, atLeast: 16) { Self.isUpper($0) || Self.isDigit($0) }
    case .webToken: webToken(line, from: end - 3)
    case .address: password(line, behind: end)
    case .pem: privateKey(line, from: end)
    }
  }

  /// The value behind the end of a key's name.
  private func value(
    _ line: UnsafeRawBufferPointer, behind end: Int, hasSpaces: Bool, isJSON: Bool
  ) -> Finding? {
    var index = end
    let quote = Quote.skip(line, &index)
    Self.skipSpaces(line, &index)
    guard index < line.count, line[index] == UInt8(ascii: ":") || line[index] == UInt8(ascii: "=") else {
      return nil
    }
    let hasColon = line[index] == UInt8(ascii: ":")
    index += 1
    Self.skipSpaces(line, &index)
    let start = index
    if let opening = Quote.skip(line, &index) {
      // In JSON this may be the end of the string that the name stands in.
      guard quote.map({ $0 == opening }) ?? !(isJSON && opening.backslashes == 0 && opening.byte == 0x22)
      else {
        return nil
      }
      let value = index
      while index < line.count, !opening.ends(line, &index) {}
      return index > value ? Finding(range: value..<index) : nil
    }
    while index < line.count, !Self.endsValue(line[index], hasSpaces: hasSpaces) { index += 1 }
    guard index > start, line[start] != UInt8(ascii: "{"), line[start] != UInt8(ascii: "[") else {
      return nil
    }
    let value = UnsafeRawBufferPointer(rebasing: line[start..<index])
    guard hasColon, let quote, quote.byte == 0x22 else { return Finding(range: start..<index) }
    // A number, or a word that is no secret.
    if ["null", "true", "false"].contains(where: { value.elementsEqual($0.utf8) }) { return nil }
    return Finding(range: start..<index, quote: quote)
  }

  /// A quote, or one behind backslashes, as in JSON within JSON.
  private struct Quote: Equatable {
    var backslashes: Int
    var byte: UInt8

    static func skip(_ line: UnsafeRawBufferPointer, _ index: inout Int) -> Quote? {
      var end = index
      while end < line.count, line[end] == UInt8(ascii: "\\") { end += 1 }
      guard end < line.count, line[end] == 0x22 || (line[end] == 0x27 && end == index) else { return nil }
      // Pairs of backslashes are themselves, and the quote ends the string that they stand in.
      guard end == index || (end - index) % 2 == 1 else { return nil }
      defer { index = end + 1 }
      return Quote(backslashes: end - index, byte: line[end])
    }

    /// Whether what it opens ends at `index`; else passes over what stands there.
    func ends(_ line: UnsafeRawBufferPointer, _ index: inout Int) -> Bool {
      if byte == 0x27 {
        let isEnd = line[index] == 0x27 || line[index] == 0x22 || line[index] == UInt8(ascii: "\\")
        if !isEnd { index += 1 }
        return isEnd
      }
      var end = index
      while end < line.count, line[end] == UInt8(ascii: "\\") { end += 1 }
      let count = end - index
      guard end < line.count, line[end] == 0x22 else {
        index = max(end, index + 1)
        return false
      }
      // Fewer backslashes end a string further out. As many end this one, and so do pairs, as deep as this is, before them.
      if count < backslashes || (backslashes > 0 && count % 2 == 0) { return true }
      if (count - backslashes) % (2 * (backslashes + 1)) == 0 {
        index = end - backslashes
        return true
      }
      index = end + 1
      return false
    }

    func write(to output: inout [UInt8]) {
      output.append(contentsOf: repeatElement(UInt8(ascii: "\\"), count: backslashes))
      output.append(byte)
    }
  }

  private static func skipSpaces(_ line: UnsafeRawBufferPointer, _ index: inout Int) {
    while index < line.count, line[index] == 32 || line[index] == 9 { index += 1 }
  }

  /// The password in `://user:password@`.
  private func password(_ line: UnsafeRawBufferPointer, behind end: Int) -> Finding? {
    var colon: Int?
    var index = end
    while index < line.count, line[index] > 32, line[index] != 0x22, line[index] != UInt8(ascii: "/"),
      line[index] != UInt8(ascii: "\\"), index - end < 1_024
    {
      if line[index] == UInt8(ascii: "@") {
        return colon.flatMap { $0 + 1 < index ? Finding(range: $0 + 1..<index) : nil }
      }
      if line[index] == UInt8(ascii: ":"), colon == nil { colon = index }
      index += 1
    }
    return nil
  }

  /// Three parts with dots between them.
  private func webToken(_ line: UnsafeRawBufferPointer, from start: Int) -> Finding? {
    guard start == 0 || !Self.isOfToken(line[start - 1]) || line[start - 1] == UInt8(ascii: "=") else {
      return nil
    }
    var index = start
    var dots = 0
    while index < line.count, Self.isOfToken(line[index]) {
      if line[index] == UInt8(ascii: ".") { dots += 1 }
      index += 1
    }
    return dots == 2 && index - start > 30 ? Finding(range: start..<index) : nil
  }

  /// What stands between the first and the last line of a private key, or all that is there of it.
  private func privateKey(_ line: UnsafeRawBufferPointer, from start: Int) -> Finding? {
    var index = start
    while index < line.count, line[index] != UInt8(ascii: "-"), index - start < 64 { index += 1 }
    let name = String(decoding: line[start..<index], as: UTF8.self)
    guard name.hasSuffix("PRIVATE KEY"), index + 5 <= line.count else { return nil }
    let body = index + 5
    index = body
    while index < line.count, line[index] != UInt8(ascii: "-"), line[index] != 0x22 { index += 1 }
    // What ends the string may stand behind a backslash.
    while index > body, line[index - 1] == UInt8(ascii: "\\") { index -= 1 }
    return index > body ? Finding(range: body..<index) : nil
  }

  private func run(
    _ line: UnsafeRawBufferPointer, from start: Int, atLeast count: Int, _ isOne: (UInt8) -> Bool
  ) -> Finding? {
    var index = start
    while index < line.count, isOne(line[index]) { index += 1 }
    return index - start >= count ? Finding(range: start..<index) : nil
  }

  private static func endsValue(_ byte: UInt8, hasSpaces: Bool) -> Bool {
    switch byte {
    case 0x22, 0x27, UInt8(ascii: "\\"), UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"),
      UInt8(ascii: "&"):
      true
    case UInt8(ascii: ";"): !hasSpaces
    default: byte <= 32 && !(hasSpaces && byte == 32)
    }
  }

  private static func isOfToken(_ byte: UInt8) -> Bool {
    isUpper(byte) || isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || [
        UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "+"),
        UInt8(ascii: "/"), UInt8(ascii: "="),
      ].contains(byte)
  }

  private static func isUpper(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
