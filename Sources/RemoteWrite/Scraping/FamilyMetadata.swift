/// What a target says of a family of metrics, as comments or in a message.
struct FamilyMetadata: Equatable {
  var name: [UInt8]
  /// By the numbers of remote write; 0 is unknown.
  var type: UInt64 = 0
  var help: [UInt8] = []
  var unit: [UInt8] = []

  /// Source: prometheus.io/docs/specs/prw/remote_write_spec, "Protocol": MetricMetadata.MetricType
  static let types: [String: UInt64] = [
    "counter": 1, "gauge": 2, "histogram": 3, "gaugehistogram": 4, "summary": 5, "info": 6, "stateset": 7,
  ]

  /// A `MetricMetadata` of remote write 1.0.
  var message: [UInt8] {
    var bytes: [UInt8] = []
    if type > 0 {
      WireWriter.append(tag: 1, .varint, to: &bytes)
      WireWriter.append(varint: type, to: &bytes)
    }
    WireWriter.append(field: 2, name, to: &bytes)
    if !help.isEmpty { WireWriter.append(field: 4, help, to: &bytes) }
    if !unit.isEmpty { WireWriter.append(field: 5, unit, to: &bytes) }
    return bytes
  }

  /// Whether it can be sent: remote write 1.0 has no room for other names, and a text is UTF-8.
  var isSendable: Bool {
    guard let name = String(validating: name, as: UTF8.self), LabelName.isLegacyMetric(name) else {
      return false
    }
    return String(validating: help, as: UTF8.self) != nil && String(validating: unit, as: UTF8.self) != nil
  }

  // MARK: - Comments

  /// A line `# TYPE`, `# HELP` or `# UNIT`.
  private struct Comment {
    var kind: [UInt8]
    var name: [UInt8]
    var text: ArraySlice<UInt8>

    /// Nil where it is another one.
    init?(_ line: UnsafeBufferPointer<UInt8>) {
      var rest = Array(line.dropFirst())[...]
      let kind = Self.word(&rest)
      guard ["TYPE", "HELP", "UNIT"].contains(where: { kind.elementsEqual($0.utf8) }) else { return nil }
      let name = Self.word(&rest)
      guard !name.isEmpty else { return nil }
      self.kind = kind
      self.name = name
      text = rest.drop { $0 == 32 || $0 == 9 }
    }

    private static func word(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
      rest = rest.drop { $0 == 32 || $0 == 9 }
      let word = Array(rest.prefix { $0 != 32 && $0 != 9 })
      rest = rest.dropFirst(word.count)
      return word
    }
  }

  /// Takes what a comment says: of the family that is there, or of another one, which is the one then.
  static func read(_ line: UnsafeBufferPointer<UInt8>, into family: inout FamilyMetadata?) {
    guard let comment = Comment(line) else { return }
    if family?.name != comment.name { family = FamilyMetadata(name: comment.name) }
    switch comment.kind.first {
    case UInt8(ascii: "T"):
      let word = comment.text.prefix { $0 != 32 && $0 != 9 }
      family?.type = types[String(decoding: word, as: UTF8.self)] ?? 0
    case UInt8(ascii: "H"): family?.help = unescaped(comment.text)
    default: family?.unit = Array(comment.text)
    }
  }

  private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let next = rest.first else {
        result.append(byte)
        continue
      }
      switch next {
      case UInt8(ascii: "n"): result.append(10)
      case UInt8(ascii: "\\"), UInt8(ascii: "\""): result.append(next)
      default: result += [byte, next]
      }
      rest = rest.dropFirst()
    }
    return result
  }
}
