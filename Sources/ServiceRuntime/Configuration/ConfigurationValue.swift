/// A checked value.
enum ConfigurationValue: Sendable {
  case string(String)
  case int(Int)
  case double(Double)
  case bool(Bool)
  case duration(Duration)
  case list([String])
  case secret(Secret)
  case secretFile(String)
  case unset

  /// As it was written: one text, or a YAML sequence.
  enum Written: Sendable {
    case text(String)
    case list([String])

    var shown: String {
      let text =
        switch self {
        case .text(let text): text
        case .list(let items): "[" + items.joined(separator: ", ") + "]"
        }
      return text.count > 80 ? "\"\(text.prefix(80))…\"" : "\"\(text)\""
    }
  }

  /// The length at which a text is taken for a mistake.
  static let maximumTextBytes = 4096

  /// Checks what was written against what the key takes.
  init(
    parsing written: Written, for key: ConfigurationKey, origin: ConfigurationOrigin
  ) throws(ConfigurationError) {
    guard let value = Self.value(of: written, kind: key.kind) else {
      throw .invalidValue(
        key: key.name, value: key.isSecret ? Secret.redacted : written.shown,
        expected: key.isSecret ? "a secret that is not empty" : key.kind.expectation, origin: origin)
    }
    self = value
  }

  private static func value(of written: Written, kind: ConfigurationKey.Kind) -> ConfigurationValue? {
    switch (kind, written) {
    case (.list, .list(let items)):
      return items.allSatisfy(fits) ? .list(items) : nil
    case (.list, .text(let text)):
      guard fits(text) else { return nil }
      let items = text.split(separator: ",").map { trimmed($0) }
      return .list(items.filter { !$0.isEmpty })
    case (_, .list):
      return nil
    case (.string, .text(let text)):
      return fits(text) ? .string(text) : nil
    case (.int(let range), .text(let text)):
      guard let number = Int(digits(text)), range.contains(number) else { return nil }
      return .int(number)
    case (.double(let range), .text(let text)):
      // Double(_:) also reads hexadecimal and "nan"; neither is what an operator means.
      guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let number = Double(text),
        number.isFinite, range.contains(number)
      else { return nil }
      return .double(number)
    case (.bool, .text(let text)):
      switch text.lowercased() {
      case "true", "yes", "1": return .bool(true)
      case "false", "no", "0": return .bool(false)
      default: return nil
      }
    case (.duration(let range), .text(let text)):
      guard let duration = DurationText.parse(text), range.contains(duration) else { return nil }
      return .duration(duration)
    case (.choice(let names), .text(let text)):
      return names.contains(text) ? .string(text) : nil
    case (.secret, .text(let text)):
      return text.isEmpty || text.utf8.count > maximumTextBytes ? nil : .secret(Secret(text))
    }
  }

  private static func fits(_ text: String) -> Bool {
    text.utf8.count <= maximumTextBytes && !text.utf8.contains(0)
  }

  /// Grouped as in `67_108_864`, which YAML 1.1 and Swift both read.
  private static func digits(_ text: String) -> String {
    text.hasPrefix("_") || text.hasSuffix("_") ? text : text.filter { $0 != "_" }
  }

  private static func trimmed(_ text: Substring) -> String {
    String(decoding: Array(text.utf8).trimmingASCIIWhitespace(), as: UTF8.self)
  }

  /// One spelling for each value, so that `90s` and `1m30s` are the same configuration.
  var text: String {
    switch self {
    case .string(let text): text
    case .int(let number): String(number)
    case .double(let number): String(number)
    case .bool(let flag): String(flag)
    case .duration(let duration): DurationText.render(duration)
    case .list(let items): items.joined(separator: ",")
    case .secret: Secret.redacted
    case .secretFile(let path): "file \(path)"
    case .unset: ""
    }
  }
}
