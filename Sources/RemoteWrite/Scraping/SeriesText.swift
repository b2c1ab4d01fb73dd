import OpenMetrics

/// Reads the labels of a series as it stands in a text: `name{a="b"}`, or `{"name",a="b"}` with names in quotes.
struct SeriesText {
  struct Fault: Error {
    let reason: String
  }

  private let bytes: UnsafeRawBufferPointer
  private var index = 0

  private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The labels with the metric's name among them, in the order of the text. Empty values are among them too.
  static func labels(_ bytes: UnsafeRawBufferPointer) throws(Fault) -> [Label] {
    var reader = SeriesText(bytes)
    return try reader.read()
  }

  private mutating func read() throws(Fault) -> [Label] {
    var labels: [Label] = []
    let name = word()
    if !name.isEmpty {
      guard LabelName.isLegacyMetric(name) else { throw Fault(reason: "a name that begins with a digit") }
      labels.append(Label(SeriesLabels.nameLabel, name))
    }
    skipBlanks()
    guard index < bytes.count else { return try named(labels) }
    index += 1
    while true {
      skipBlanks()
      guard let next = peek else { throw Fault(reason: "labels that are not closed") }
      if next == UInt8(ascii: "}") { return try named(labels) }
      let isQuoted = next == UInt8(ascii: "\"")
      let key = isQuoted ? try quoted() : word()
      skipBlanks()
      if isQuoted, peek != UInt8(ascii: "=") {
        // A metric's name in quotes.
        guard !labels.contains(where: { $0.name == SeriesLabels.nameLabel }) else {
          throw Fault(reason: "two names")
        }
        labels.append(Label(SeriesLabels.nameLabel, key))
      } else {
        guard isQuoted ? !key.isEmpty : LabelName.isLegacy(key), peek == UInt8(ascii: "=") else {
          throw Fault(reason: "a label that is not name=\"value\"")
        }
        index += 1
        skipBlanks()
        guard peek == UInt8(ascii: "\"") else { throw Fault(reason: "a label's value without quotes") }
        guard !labels.contains(where: { $0.name.utf8.elementsEqual(key.utf8) }) else {
          throw Fault(reason: "the label \(key) twice")
        }
        labels.append(Label(key, try quoted()))
      }
      skipBlanks()
      if peek == UInt8(ascii: ",") { index += 1 }
    }
  }

  private func named(_ labels: [Label]) throws(Fault) -> [Label] {
    guard labels.contains(where: { $0.name == SeriesLabels.nameLabel && !$0.value.isEmpty }) else {
      throw Fault(reason: "a sample without a name")
    }
    return labels
  }

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func skipBlanks() {
    while let next = peek, next == 32 || next == 9 { index += 1 }
  }

  private mutating func word() -> String {
    let start = index
    while let next = peek, ASCII.isWord(next) || next == UInt8(ascii: ":") { index += 1 }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  /// A text in quotes; `\\`, `\"` and `\n` are the escapes, and other backslashes stand for themselves.
  private mutating func quoted() throws(Fault) -> String {
    index += 1
    var text: [UInt8] = []
    while let next = peek {
      index += 1
      switch next {
      case UInt8(ascii: "\""):
        guard let valid = String(validating: text, as: UTF8.self) else {
          throw Fault(reason: "a text that is not UTF-8")
        }
        return valid
      case UInt8(ascii: "\\"):
        switch peek {
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "\\"): text.append(92)
        case UInt8(ascii: "\""): text.append(34)
        case let other?: text += [92, other]
        case nil: break
        }
        index += 1
      default: text.append(next)
      }
    }
    throw Fault(reason: "a text that is not closed")
  }
}
