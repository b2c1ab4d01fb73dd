/// One element of an `Accept` header.
struct MediaRange {
  let type: String
  let subtype: String
  /// Names in lower case; quoted values without their quotes.
  let parameters: [String: String]
  /// 0 ... 1; 0 means "not acceptable".
  let quality: Double

  var isWildcard: Bool { subtype == "*" }

  /// The well-formed elements, in their order; the others are skipped.
  static func parse(_ header: String) -> [MediaRange] {
    split(header[...], at: ",").compactMap { MediaRange($0) }
  }

  private init?(_ element: Substring) {
    let parts = Self.split(element, at: ";")
    guard let range = parts.first else { return nil }
    let names = Self.trim(range).lowercased().split(separator: "/", omittingEmptySubsequences: false)
    guard names.count == 2, !names[0].isEmpty, !names[1].isEmpty else { return nil }
    type = String(names[0])
    subtype = String(names[1])
    var parameters: [String: String] = [:]
    var quality = 1.0
    for part in parts.dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2 else { continue }
      let name = Self.trim(pair[0]).lowercased()
      let value = Self.unquote(Self.trim(pair[1]))
      if name == "q" {
        guard let parsed = Self.quality(value) else { return nil }
        quality = parsed
      } else {
        parameters[name] = value
      }
    }
    self.parameters = parameters
    self.quality = quality
  }

  /// `0`, `1`, or either with decimals, and not above 1; `inf`, `nan` and hexadecimal are no qualities.
  static func quality(_ text: String) -> Double? {
    guard !text.isEmpty, text.utf8.allSatisfy({ NameGrammar.isDigit($0) || $0 == UInt8(ascii: ".") }),
      let value = Double(text), value <= 1
    else { return nil }
    return value
  }

  private static func split(_ text: Substring, at separator: Character) -> [Substring] {
    var parts: [Substring] = []
    var start = text.startIndex
    var isQuoted = false
    var isEscaped = false
    for index in text.indices {
      let character = text[index]
      if isEscaped {
        isEscaped = false
      } else if isQuoted, character == "\\" {
        isEscaped = true
      } else if character == "\"" {
        isQuoted.toggle()
      } else if character == separator, !isQuoted {
        parts.append(text[start..<index])
        start = text.index(after: index)
      }
    }
    parts.append(text[start...])
    return parts
  }

  static func trim(_ text: Substring) -> Substring {
    let leading = text.drop { $0 == " " || $0 == "\t" }
    guard let last = leading.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
    return leading[...last]
  }

  private static func unquote(_ text: Substring) -> String {
    guard text.count >= 2, text.first == "\"", text.last == "\"" else { return String(text) }
    return text.dropFirst().dropLast().filter { $0 != "\\" }
  }
}
