/// The settings a program runs with: checked, and each with its origin.
///
/// An accessor for a name that the schema does not declare, or of another type than it declares, is a
/// mistake in the program text and stops it at the first use; nothing from outside can cause that.
public struct EffectiveConfiguration: Sendable {
  /// One row of `config`: what holds, and why.
  public struct Entry: Equatable, Sendable {
    public let key: String
    /// As text; a secret's is `<redacted>`, or the file's path.
    public let value: String
    public let origin: ConfigurationOrigin
    public let isSecret: Bool
    public let help: String
  }

  struct Resolved: Sendable {
    let key: ConfigurationKey
    let value: ConfigurationValue
    let origin: ConfigurationOrigin
  }

  /// In the order of declaration.
  public let entries: [Entry]
  /// Twelve hexadecimal digits over all names and values that are no secrets. Two runs with the same
  /// fingerprint were configured the same, wherever the values came from.
  public let fingerprint: String
  private let byName: [String: Resolved]

  init(_ resolved: [Resolved]) {
    self.entries = resolved.map {
      Entry(
        key: $0.key.name, value: $0.value.text, origin: $0.origin, isSecret: $0.key.isSecret,
        help: $0.key.help)
    }
    self.byName = Dictionary(resolved.map { ($0.key.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.fingerprint = Self.fingerprint(of: entries)
  }

  /// A text or a choice; empty when unset.
  public func string(_ name: String) -> String {
    switch value(name) {
    case .string(let text): text
    case .unset: ""
    default: mismatch(name, "a string")
    }
  }

  /// A text, or nil when nothing sets it.
  public func optionalString(_ name: String) -> String? {
    if case .unset = value(name) { nil } else { string(name) }
  }

  public func int(_ name: String) -> Int {
    if case .int(let number) = value(name) { number } else { mismatch(name, "an int") }
  }

  public func double(_ name: String) -> Double {
    if case .double(let number) = value(name) { number } else { mismatch(name, "a double") }
  }

  public func bool(_ name: String) -> Bool {
    if case .bool(let flag) = value(name) { flag } else { mismatch(name, "a bool") }
  }

  public func duration(_ name: String) -> Duration {
    if case .duration(let duration) = value(name) { duration } else { mismatch(name, "a duration") }
  }

  /// Empty when unset.
  public func list(_ name: String) -> [String] {
    switch value(name) {
    case .list(let items): items
    case .unset: []
    default: mismatch(name, "a list")
    }
  }

  /// Where the credential comes from, or nil when none is configured. A file is not touched before the
  /// source is asked.
  public func secretSource(
    _ name: String, onWarning: @escaping @Sendable (FileSecretSource.Warning) -> Void = { _ in }
  ) -> (any SecretSource)? {
    switch value(name) {
    case .secret(let secret): FixedSecretSource(secret)
    case .secretFile(let path): FileSecretSource(path: path, onWarning: onWarning)
    case .unset: nil
    default: mismatch(name, "a secret")
    }
  }

  /// Where the value of `name` stands; nil for a name that is not declared.
  public func origin(_ name: String) -> ConfigurationOrigin? { byName[name]?.origin }

  private func value(_ name: String) -> ConfigurationValue {
    guard let resolved = byName[name] else { preconditionFailure("\(name) is not in the schema") }
    return resolved.value
  }

  private func mismatch(_ name: String, _ type: String) -> Never {
    preconditionFailure("\(name) is not declared as \(type)")
  }

  /// FNV-1a, 64 bits folded to 48: stable across runs and machines, unlike `Hasher`. Lengths are hashed too,
  /// so that no two different lists of pairs give the same bytes.
  private static func fingerprint(of entries: [Entry]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    func mix(_ text: String) {
      withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { $0.forEach(mix) }
      text.utf8.forEach(mix)
    }
    for entry in entries.sorted(by: { $0.key < $1.key }) where !entry.isSecret {
      mix(entry.key)
      mix(entry.value)
    }
    let digits = String((hash >> 48) ^ (hash & 0xffff_ffff_ffff), radix: 16)
    return String(repeating: "0", count: 12 - digits.count) + digits
  }
}

extension EffectiveConfiguration: CustomStringConvertible {
  /// A table of key, value and origin, and the fingerprint below it.
  public var description: String {
    let keyWidth = entries.map(\.key.count).max() ?? 0
    let valueWidth = min(48, entries.map(\.value.count).max() ?? 0)
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    let rows = entries.map {
      "\(padded($0.key, keyWidth))  \(padded($0.value, valueWidth))  \($0.origin)"
    }
    return (rows + ["fingerprint \(fingerprint)"]).joined(separator: "\n")
  }
}
