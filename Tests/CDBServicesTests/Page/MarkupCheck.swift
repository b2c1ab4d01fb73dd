/// What is wrong with a piece of HTML, by rules stricter than a browser's: every element is closed where it was opened,
/// every attribute stands in double quotes, every reference is one, and no id is there twice.
struct MarkupCheck {
  static let void: Set<String> = ["meta", "link", "input", "br", "img"]
  private(set) var faults: [String] = []
  /// Every element with its attributes, in order.
  private(set) var elements: [(name: String, attributes: [String: String])] = []

  init(_ text: String) {
    var rest = Substring(text)
    var open: [String] = []
    var ids: Set<String> = []
    while let start = rest.firstIndex(of: "<") {
      check(references: rest[..<start])
      rest = rest[start...].dropFirst()
      if rest.hasPrefix("!DOCTYPE") {
        rest = rest.drop { $0 != ">" }.dropFirst()
        continue
      }
      if rest.hasPrefix("/") {
        let name = String(rest.dropFirst().prefix { $0 != ">" })
        if open.popLast() != name { faults.append("</\(name)> closes what is not open") }
        rest = rest.drop { $0 != ">" }.dropFirst()
        continue
      }
      let name = String(rest.prefix { $0.isLetter || $0.isNumber })
      guard !name.isEmpty else {
        faults.append("a bare < before \(rest.prefix(20))")
        continue
      }
      rest = rest.dropFirst(name.count)
      let (attributes, isClosed) = attributes(&rest, of: name)
      elements.append((name, attributes))
      if let id = attributes["id"], !ids.insert(id).inserted { faults.append("id \(id) is there twice") }
      if name == "script" || name == "style" {
        guard let end = rest.firstRange(of: "</\(name)>") else {
          faults.append("<\(name)> is not closed")
          return
        }
        rest = rest[end.upperBound...]
      } else if !isClosed, !Self.void.contains(name) {
        open.append(name)
      }
    }
    check(references: rest)
    if !open.isEmpty { faults.append("not closed: \(open)") }
  }

  private mutating func attributes(_ rest: inout Substring, of name: String) -> ([String: String], Bool) {
    var found: [String: String] = [:]
    while true {
      rest = rest.drop(while: \.isWhitespace)
      if rest.hasPrefix("/>") {
        rest = rest.dropFirst(2)
        return (found, true)
      }
      if rest.hasPrefix(">") || rest.isEmpty {
        rest = rest.dropFirst()
        return (found, false)
      }
      let key = String(rest.prefix { $0.isLetter || $0.isNumber || "-:".contains($0) })
      guard !key.isEmpty else {
        faults.append("<\(name) has \(rest.prefix(20))")
        rest = rest.drop { $0 != ">" }
        continue
      }
      rest = rest.dropFirst(key.count)
      var value = ""
      if rest.hasPrefix("=") {
        if !rest.hasPrefix("=\"") { faults.append("<\(name) \(key) has no quotes") }
        value = String(rest.dropFirst(2).prefix { $0 != "\"" })
        rest = rest.dropFirst(3 + value.count)
        if value.contains("<") { faults.append("<\(name) \(key) holds a <") }
        check(references: value[...])
      }
      if found.updateValue(value, forKey: key) != nil { faults.append("<\(name) has \(key) twice") }
      if key.hasPrefix("on") || key == "style" { faults.append("<\(name) has \(key)") }
    }
  }

  private mutating func check(references text: Substring) {
    for part in text.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
      let name = part.prefix { $0 != ";" }
      if !["amp", "lt", "gt", "quot", "#39"].contains(name) { faults.append("&\(name.prefix(10))") }
    }
  }

  /// The texts of attributes of that name.
  func values(_ attribute: String) -> [String] { elements.compactMap { $0.attributes[attribute] } }
}
