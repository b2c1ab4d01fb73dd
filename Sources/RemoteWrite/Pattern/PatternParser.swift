/// Reads the syntax of RE2 (github.com/google/re2/wiki/Syntax), but for `\p{…}`, `\C` and, as there, what needs backtracking:
/// back references and looking around.
struct PatternParser {
  struct Flags {
    var ignoresCase = false
    var isMultiline = false
    /// As Prometheus has it since 3.0.
    var dotTakesLineFeed = true
    var isUngreedy = false
  }

  /// As in RE2.
  private static let mostRepetitions = 1_000
  private static let deepestNesting = 200

  private let scalars: [UInt32]
  private var index = 0
  private var flags = Flags()
  private var depth = 0
  private(set) var groups = 1
  private(set) var names: [String: Int] = [:]

  init(_ text: String) { scalars = text.unicodeScalars.map(\.value) }

  mutating func parse() throws(PatternError) -> PatternNode {
    let node = try alternatives()
    guard index == scalars.count else { throw fault("a closing parenthesis that opens nowhere") }
    return node
  }

  // MARK: - Structure

  private mutating func alternatives() throws(PatternError) -> PatternNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepestNesting else { throw fault("groups are nested too deep") }
    let outer = flags
    defer { flags = outer }
    var branches: [PatternNode] = [try sequence()]
    while take("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  private mutating func sequence() throws(PatternError) -> PatternNode {
    var parts: [PatternNode] = []
    while index < scalars.count, !isNext("|"), !isNext(")") {
      let start = index
      guard let atom = try atom() else { continue }
      parts.append(try repetitions(of: atom, from: start))
    }
    return parts.count == 1 ? parts[0] : parts.isEmpty ? .nothing : .sequence(parts)
  }

  private mutating func repetitions(of atom: PatternNode, from start: Int) throws(PatternError) -> PatternNode
  {
    var node = atom
    var isRepeated = false
    while let (least, most) = try quantifier() {
      guard !isRepeated else { throw fault("a repetition of a repetition") }
      isRepeated = true
      let isLazy = take("?")
      node = .repetition(node, least: least, most: most, isGreedy: isLazy == flags.isUngreedy)
    }
    return node
  }

  private mutating func quantifier() throws(PatternError) -> (Int, Int?)? {
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    guard isNext("{") else { return nil }
    // What is no count is text, as in RE2.
    let start = index
    index += 1
    guard let least = number() else {
      index = start
      return nil
    }
    var most: Int? = least
    if take(",") { most = number() }
    guard take("}") else {
      index = start
      return nil
    }
    guard max(least, most ?? 0) <= Self.mostRepetitions, least <= most ?? least else {
      index = start
      throw fault("a repetition count beyond \(Self.mostRepetitions), or of the wrong order")
    }
    return (least, most)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while index < scalars.count, case let digit = scalars[index], (0x30...0x39).contains(digit) {
      value = min((value ?? 0) * 10 + Int(digit - 0x30), 1_000_000)
      index += 1
    }
    return value
  }

  /// Nil for flags, which are none.
  private mutating func atom() throws(PatternError) -> PatternNode? {
    let scalar = scalars[index]
    switch Unicode.Scalar(scalar) ?? "\u{0}" {
    case "(": return try group()
    case "[": return .scalar(try characterClass())
    case ".":
      index += 1
      let lineFeed: [ClosedRange<UInt32>] = flags.dotTakesLineFeed ? [] : [10...10]
      return .scalar(ScalarClass(ranges: lineFeed, isNegated: true))
    case "^":
      index += 1
      return .assertion(flags.isMultiline ? .lineStart : .textStart)
    case "$":
      index += 1
      return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
    case "*", "+", "?": throw fault("a repetition of nothing")
    case "\\": return try escape()
    default:
      index += 1
      return literal(scalar)
    }
  }

  private func literal(_ scalar: UInt32) -> PatternNode {
    .scalar(ScalarClass(ranges: [scalar...scalar], ignoresCase: flags.ignoresCase))
  }

  private mutating func group() throws(PatternError) -> PatternNode? {
    let start = index
    index += 1
    var number: Int?
    if take("?") {
      if take("P<") || (isNext("<") && !isNext("<=") && !isNext("<!") && take("<")) {
        number = groups
        let name = try groupName()
        guard names.updateValue(groups, forKey: name) == nil else { throw fault("the group \(name) twice") }
      } else if try flagChange() {
        return nil
      }
    } else {
      number = groups
    }
    if number != nil { groups += 1 }
    let inner = pendingFlags
    pendingFlags = nil
    let outer = flags
    if let inner { flags = inner }
    let node = try alternatives()
    flags = outer
    guard take(")") else {
      index = start
      throw fault("a parenthesis that is not closed")
    }
    return number.map { .group(node, index: $0) } ?? node
  }

  /// The flags of the group that begins.
  private var pendingFlags: Flags?

  /// Reads `i-s:` or `i-s)`, behind the question mark; true where the change holds for the rest of this group.
  private mutating func flagChange() throws(PatternError) -> Bool {
    var changed = flags
    var value = true
    while index < scalars.count {
      let scalar = scalars[index]
      index += 1
      switch Unicode.Scalar(scalar) ?? "\u{0}" {
      case "i": changed.ignoresCase = value
      case "m": changed.isMultiline = value
      case "s": changed.dotTakesLineFeed = value
      case "U": changed.isUngreedy = value
      case "-" where value: value = false
      case ":":
        pendingFlags = changed
        return false
      case ")":
        flags = changed
        return true
      default:
        index -= 1
        throw fault("a group of an unknown kind; there is no looking around")
      }
    }
    throw fault("a parenthesis that is not closed")
  }

  private mutating func groupName() throws(PatternError) -> String {
    var name = ""
    while index < scalars.count, !isNext(">"), let scalar = Unicode.Scalar(scalars[index]) {
      guard ScalarClass(ranges: ScalarClass.words).contains(scalar.value) else { break }
      name.unicodeScalars.append(scalar)
      index += 1
    }
    guard !name.isEmpty, take(">") else { throw fault("a group's name of other than letters and digits") }
    return name
  }

  // MARK: - Escapes and classes

  private mutating func escape() throws(PatternError) -> PatternNode {
    if take("\\Q") {
      var parts: [PatternNode] = []
      while index < scalars.count, !take("\\E") {
        parts.append(literal(scalars[index]))
        index += 1
      }
      return .sequence(parts)
    }
    for (text, assertion) in Self.assertions where take(text) { return .assertion(assertion) }
    if let ranges = perlClass() { return .scalar(ScalarClass(ranges: ranges)) }
    return literal(try escapedScalar())
  }

  private static let assertions: [(String, PatternAssertion)] = [
    ("\\A", .textStart), ("\\z", .textEnd), ("\\b", .wordBoundary), ("\\B", .noWordBoundary),
  ]

  /// `\d` and the like.
  private mutating func perlClass() -> [ClosedRange<UInt32>]? {
    let known: [(String, [ClosedRange<UInt32>])] = [
      ("d", ScalarClass.digits), ("w", ScalarClass.words), ("s", ScalarClass.spaces),
    ]
    for (letter, ranges) in known {
      if take("\\" + letter) { return ranges }
      if take("\\" + letter.uppercased()) { return ScalarClass.complement(ranges) }
    }
    return nil
  }

  private mutating func escapedScalar() throws(PatternError) -> UInt32 {
    let start = index
    index += 1
    guard index < scalars.count else { throw fault("a backslash at the end") }
    let scalar = scalars[index]
    index += 1
    switch Unicode.Scalar(scalar) ?? "\u{0}" {
    case "a": return 7
    case "f": return 12
    case "t": return 9
    case "n": return 10
    case "r": return 13
    case "v": return 11
    case "x": return try hexadecimal()
    case "0": return 0
    default:
      let isWord = ScalarClass.words.contains { $0.contains(scalar) }
      guard scalar < 0x80, !isWord || scalar == 0x5F else {
        index = start
        throw fault("an escape that is not known")
      }
      return scalar
    }
  }

  private mutating func hexadecimal() throws(PatternError) -> UInt32 {
    let isBraced = take("{")
    var value: UInt32 = 0
    var digits = 0
    while index < scalars.count, digits < (isBraced ? 6 : 2), let digit = Unicode.Scalar(scalars[index]),
      let figure = Character(digit).hexDigitValue
    {
      value = value * 16 + UInt32(figure)
      digits += 1
      index += 1
    }
    guard digits > 0, isBraced ? take("}") : digits == 2, value <= ScalarClass.last else {
      throw fault("an escape \\x without its digits")
    }
    return value
  }

  private mutating func characterClass() throws(PatternError) -> ScalarClass {
    let start = index
    index += 1
    var result = ScalarClass(ignoresCase: flags.ignoresCase)
    result.isNegated = take("^")
    var isFirst = true
    while index < scalars.count, isFirst || !isNext("]") {
      isFirst = false
      if let ranges = try namedClass() ?? perlClass() {
        result.ranges += ranges
        continue
      }
      let low = try classScalar()
      if isNext("-"), index + 1 < scalars.count, scalars[index + 1] != 0x5D {
        index += 1
        let high = try classScalar()
        guard low <= high else { throw fault("a range of the wrong order") }
        result.ranges.append(low...high)
      } else {
        result.ranges.append(low...low)
      }
    }
    guard take("]") else {
      index = start
      throw fault("a bracket that is not closed")
    }
    return result
  }

  private mutating func classScalar() throws(PatternError) -> UInt32 {
    guard index < scalars.count else { throw fault("a bracket that is not closed") }
    if isNext("\\") { return try escapedScalar() }
    index += 1
    return scalars[index - 1]
  }

  private mutating func namedClass() throws(PatternError) -> [ClosedRange<UInt32>]? {
    guard isNext("[:") else { return nil }
    for (name, ranges) in ScalarClass.named {
      if take("[:\(name):]") { return ranges }
      if take("[:^\(name):]") { return ScalarClass.complement(ranges) }
    }
    throw fault("a class that is not known")
  }

  // MARK: - Text

  private func isNext(_ text: String) -> Bool {
    var position = index
    for scalar in text.unicodeScalars {
      guard position < scalars.count, scalars[position] == scalar.value else { return false }
      position += 1
    }
    return true
  }

  private mutating func take(_ text: String) -> Bool {
    guard isNext(text) else { return false }
    index += text.unicodeScalars.count
    return true
  }

  private func fault(_ reason: String) -> PatternError { PatternError(position: index, reason: reason) }
}
