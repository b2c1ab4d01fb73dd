/// Every setting that a program has.
public struct ConfigurationSchema: Sendable {
  /// In the order of declaration.
  public let keys: [ConfigurationKey]
  let byName: [String: ConfigurationKey]

  /// The suffix under which a secret's file is named.
  static let fileSuffix = "_file"

  /// Mistakes in the declaration (a name twice, a default that its own kind refuses) are found by
  /// ``ConfigurationLoader`` and thrown as ``ConfigurationError/invalidSchema(_:)``.
  public init(_ keys: [ConfigurationKey]) {
    self.keys = keys
    self.byName = Dictionary(keys.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Both sets of keys, for a program that adds its own to a library's.
  public func appending(_ more: [ConfigurationKey]) -> ConfigurationSchema {
    ConfigurationSchema(keys + more)
  }

  /// What may be written: the names, and for each secret also its `_file`.
  var writableNames: [String] {
    keys.flatMap { $0.isSecret ? [$0.name, $0.name + Self.fileSuffix] : [$0.name] }
  }

  func validate() throws(ConfigurationError) {
    var environmentNames: Set<String> = []
    var flags: Set<String> = []
    for key in keys {
      guard Self.isWellFormed(key.name) else {
        throw .invalidSchema("\(key.name) is not lower snake case grouped by dots")
      }
      for name in key.isSecret ? [key.name, key.name + Self.fileSuffix] : [key.name] {
        let variable = String(name.map { $0 == "." ? "_" : $0 })
        guard environmentNames.insert(variable).inserted else {
          throw .invalidSchema("\(key.name) is declared twice, or shares its environment variable")
        }
      }
      guard flags.insert(key.flag).inserted else { throw .invalidSchema("--\(key.flag) is declared twice") }
      if let value = key.defaultValue {
        guard !key.isSecret else {
          throw .invalidSchema("\(key.name) is a secret and must not have a default")
        }
        do {
          _ = try ConfigurationValue(parsing: .text(value), for: key, origin: .default)
        } catch {
          throw .invalidSchema("the default of \(key.name) does not fit: \(error)")
        }
      } else if !key.isRequired, !key.kind.mayBeUnset {
        throw .invalidSchema("\(key.name) needs a default, or must be required")
      }
    }
  }

  private static func isWellFormed(_ name: String) -> Bool {
    name.utf8.count <= 128
      && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
        guard let first = part.utf8.first, (97...122).contains(first) else { return false }
        return part.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
      }
  }
}

extension ConfigurationKey.Kind {
  fileprivate var mayBeUnset: Bool {
    switch self {
    case .string, .list, .secret: true
    case .int, .double, .bool, .duration, .choice: false
    }
  }
}
