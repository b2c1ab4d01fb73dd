/// The name of a sample as it begins a line.
struct SampleName {
  /// `name`, or, where the name needs quotes, `{"name"`.
  let opening: [UInt8]
  let isQuoted: Bool

  /// - Parameter name: escaped already, if the scheme asks for it.
  init(_ name: String) {
    isQuoted = !NameGrammar.isMetricName(name.utf8)
    opening = isQuoted ? [UInt8(ascii: "{")] + Self.quoted(name) : Array(name.utf8)
  }

  static func quoted(_ name: String) -> [UInt8] {
    var buffer = TextBuffer()
    buffer.append("\"" as Unicode.Scalar)
    buffer.appendEscaped(name)
    buffer.append("\"" as Unicode.Scalar)
    return buffer.take()
  }

  /// As it stands in a line of metadata.
  static func metadata(_ name: String) -> [UInt8] {
    NameGrammar.isMetricName(name.utf8) ? Array(name.utf8) : quoted(name)
  }
}

/// The names of a family and its samples under a scheme.
struct FamilyNames {
  /// The family's own, escaped.
  let family: String
  private let escaping: EscapingScheme
  private let original: String

  /// For formats whose families carry no suffix: OpenMetrics 1.0.
  init(suffixless family: MetricFamily, _ escaping: EscapingScheme) {
    self.escaping = escaping
    original = family.name
    switch family.type {
    // The suffix is part of the name that is escaped, so that the sample is called as in the other formats.
    case .counter: self.family = Self.dropping("_total", escaping.escape(family.name + "_total"))
    case .info: self.family = Self.dropping("_info", escaping.escape(family.name + "_info"))
    default: self.family = family.escapedSuffixedName(escaping)
    }
  }

  /// By bytes: the underscore may be one character with what is before it.
  private static func dropping(_ suffix: String, _ name: String) -> String {
    String(decoding: name.utf8.dropLast(suffix.utf8.count), as: UTF8.self)
  }

  /// For formats whose families are called as their samples: all others.
  init(suffixed family: MetricFamily, _ escaping: EscapingScheme) {
    self.escaping = escaping
    original = family.name
    self.family = family.escapedSuffixedName(escaping)
  }

  /// The name with a suffix that its type gives to the sample.
  func sample(_ suffix: String = "") -> SampleName { SampleName(family + suffix) }

  /// The label that a state set's states are in.
  var stateLabel: String { original }
}

extension MetricFamily {
  /// The name in formats whose families are called as their samples.
  var suffixedName: String {
    switch type {
    case .counter: hasBareTotal ? name : name + "_total"
    case .info: name + "_info"
    default: name
    }
  }

  /// A state set's name is also the name of a label, which has no colon.
  func escapedSuffixedName(_ escaping: EscapingScheme) -> String {
    type == .stateset ? escaping.escapeLabel(name) : escaping.escape(suffixedName)
  }
}
