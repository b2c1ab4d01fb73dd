/// One setting, declared once: its name, what it takes, its default and a sentence about it.
public struct ConfigurationKey: Sendable {
  /// What a setting takes.
  public enum Kind: Sendable {
    /// Any text of at most 4096 bytes.
    case string
    /// A whole number within the bounds.
    case int(ClosedRange<Int>)
    /// A finite decimal number within the bounds.
    case double(ClosedRange<Double>)
    /// `true` or `false` (in the environment and in flags also `yes`, `no`, `1`, `0`).
    case bool
    /// A length of time within the bounds, written as `250ms`, `5s`, `1h30m` (see ``DurationText``).
    case duration(ClosedRange<Duration>)
    /// Several texts: a sequence in YAML, separated by commas elsewhere.
    case list
    /// One of the named values.
    case choice([String])
    /// A credential. It may come from the environment, or from a file that `<name>_file` names; a value
    /// written into the configuration file or on the command line is refused.
    case secret

    /// A whole number that fits an `Int`.
    public static var int: Kind { .int(Int.min...Int.max) }
    /// Any finite number.
    public static var double: Kind {
      .double(-Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude)
    }
    /// Any length of time.
    public static var duration: Kind { .duration(.zero ... .nanoseconds(Int64.max)) }
  }

  /// Lower snake case, grouped by dots: `journal.segment_bytes`.
  public let name: String
  public let kind: Kind
  /// The value when nothing sets it, written as in the environment. Nil leaves the setting unset, which
  /// only `string`, `list` and `secret` allow, unless it is required.
  public let defaultValue: String?
  /// Whether a configuration that does not set it is refused.
  public let isRequired: Bool
  /// One sentence for `--help` and the reference.
  public let help: String
  /// The flag's name without dashes, when it is not the key's name with dashes (`http.listen` gives `http-listen`).
  public let flag: String

  public init(
    _ name: String, _ kind: Kind, default defaultValue: String? = nil, required: Bool = false,
    flag: String? = nil, help: String
  ) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.isRequired = required
    self.help = help
    self.flag = flag ?? String(name.map { $0 == "." || $0 == "_" ? "-" : $0 })
  }

  /// The variable that sets it: `CDB_JOURNAL_SEGMENT_BYTES` for the prefix `CDB_`.
  public func environmentName(prefix: String) -> String {
    prefix + String(name.map { $0 == "." ? "_" : $0 }).uppercased()
  }

  var isSecret: Bool {
    if case .secret = kind { true } else { false }
  }
}

extension ConfigurationKey.Kind {
  /// What is expected, as an error message says it.
  var expectation: String {
    switch self {
    case .string: return "text of at most 4096 bytes"
    case .int(let range):
      return range == Int.min...Int.max
        ? "a whole number" : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .double(let range):
      return range.upperBound == .greatestFiniteMagnitude && range.lowerBound == -.greatestFiniteMagnitude
        ? "a number" : "a number from \(range.lowerBound) to \(range.upperBound)"
    case .bool: return "true or false"
    case .duration(let range):
      let any = range.lowerBound == .zero && range.upperBound == .nanoseconds(Int64.max)
      return any
        ? "a duration such as 250ms, 5s or 1h30m"
        : "a duration from \(DurationText.render(range.lowerBound)) "
          + "to \(DurationText.render(range.upperBound)), such as 250ms, 5s or 1h30m"
    case .list: return "a list"
    case .choice(let names): return "one of \(names.joined(separator: ", "))"
    case .secret: return "a secret"
    }
  }
}
