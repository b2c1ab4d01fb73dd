/// The bytes of an exposition as they grow, with the parts that both text formats share.
struct TextBuffer {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func append(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func append(_ byte: Unicode.Scalar) { bytes.append(UInt8(truncatingIfNeeded: byte.value)) }

  mutating func append(_ value: UInt64) { bytes.append(contentsOf: value.description.utf8) }

  mutating func append(_ value: Double, marksFloat: Bool) {
    NumberFormat.append(value, marksFloat: marksFloat, to: &bytes)
  }

  mutating func append(_ value: MetricValue, marksFloat: Bool) {
    switch value {
    case .integer(let value): append(value)
    case .double(let value): append(value, marksFloat: marksFloat)
    }
  }

  /// Backslash and line feed always, the double quote where asked.
  mutating func appendEscaped(_ text: some StringProtocol, quotes: Bool) {
    let needsEscape = text.utf8.contains {
      $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\"")
    }
    guard needsEscape else { return bytes.append(contentsOf: text.utf8) }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): append("\\\\" as StaticString)
      case UInt8(ascii: "\n"): append("\\n" as StaticString)
      case UInt8(ascii: "\"") where quotes: append("\\\"" as StaticString)
      default: bytes.append(byte)
      }
    }
  }

  /// `{name="value",…}`; nothing when there are no labels, unless braces are asked for.
  mutating func append(
    _ labels: LabelSet, and extra: Label? = nil, alwaysBraces: Bool = false
  ) {
    guard !labels.isEmpty || extra != nil || alwaysBraces else { return }
    append("{")
    var isFirst = true
    for label in labels {
      if !isFirst { append(",") }
      isFirst = false
      append(label)
    }
    if let extra {
      if !isFirst { append(",") }
      append(extra)
    }
    append("}")
  }

  private mutating func append(_ label: Label) {
    append(label.name)
    append("=\"" as StaticString)
    appendEscaped(label.value, quotes: true)
    append("\"" as Unicode.Scalar)
  }

  /// Seconds with as many of nine decimals as are needed.
  mutating func append(_ timestamp: MetricTimestamp) {
    var seconds = timestamp.seconds
    var nanoseconds = UInt64(timestamp.nanoseconds)
    if seconds < 0, nanoseconds > 0 {
      // -1.5 s is kept as -2 s and 0.5 s.
      seconds += 1
      nanoseconds = 1_000_000_000 - nanoseconds
      if seconds == 0 { append("-") }
    }
    append(seconds.description)
    guard nanoseconds > 0 else { return }
    var digits = Array((1_000_000_000 + nanoseconds).description.utf8.dropFirst())
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    append(".")
    bytes.append(contentsOf: digits)
  }

  /// A number as it stands in an `le` or `quantile` label.
  static func canonical(_ value: Double, marksFloat: Bool) -> String {
    var buffer = TextBuffer()
    buffer.append(value, marksFloat: marksFloat)
    return String(decoding: buffer.bytes, as: UTF8.self)
  }
}
