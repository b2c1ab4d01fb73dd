import Yams

/// A mapping of the file, whose keys are taken one by one; what is left in the end is reported.
struct ConfigurationSection {
  let path: String
  private let line: Int?
  private var entries: [String: Node] = [:]
  private var order: [String] = []

  init(_ node: Node, path: String) throws(ConfigurationFault) {
    self.path = path
    line = node.mark?.line
    // An empty section is an empty scalar.
    if case .scalar(let scalar) = node, scalar.string.isEmpty { return }
    guard case .mapping(let mapping) = node else {
      throw ConfigurationFault(line: line, path: path, reason: "this must be a mapping")
    }
    for (key, value) in mapping {
      guard let name = key.string else {
        throw ConfigurationFault(line: key.mark?.line, path: path, reason: "a key must be a text")
      }
      guard entries.updateValue(value, forKey: name) == nil else {
        throw ConfigurationFault(line: key.mark?.line, path: path, reason: "\(name) stands here twice")
      }
      order.append(name)
    }
  }

  func path(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  func fault(_ key: String?, _ reason: String) -> ConfigurationFault {
    ConfigurationFault(
      line: key.flatMap { entries[$0]?.mark?.line } ?? line, path: key.map(path) ?? path, reason: reason)
  }

  func has(_ key: String) -> Bool { entries[key] != nil }

  // MARK: - Values

  /// Takes a scalar as it is written.
  mutating func text(_ key: String) throws(ConfigurationFault) -> String? {
    guard let node = entries[key] else { return nil }
    guard case .scalar(let scalar) = node else { throw fault(key, "this must be a single value") }
    taken.insert(key)
    return scalar.string
  }

  mutating func bool(_ key: String) throws(ConfigurationFault) -> Bool? {
    guard let text = try text(key) else { return nil }
    switch text.lowercased() {
    case "true", "yes", "on": return true
    case "false", "no", "off": return false
    default: throw fault(key, "\(text) is neither true nor false")
    }
  }

  /// A whole number from 0.
  mutating func count(_ key: String) throws(ConfigurationFault) -> Int? {
    guard let text = try text(key) else { return nil }
    guard let value = Int(text), value >= 0 else { throw fault(key, "\(text) is no whole number from 0") }
    return value
  }

  mutating func duration(_ key: String) throws(ConfigurationFault) -> Int64? {
    guard let text = try text(key) else { return nil }
    guard let value = PrometheusDuration.milliseconds(text) else {
      throw fault(key, "\(text) is no duration, such as 15s or 1m30s")
    }
    return value
  }

  mutating func bytes(_ key: String) throws(ConfigurationFault) -> Int? {
    guard let text = try text(key) else { return nil }
    guard let value = ByteSize.bytes(text) else { throw fault(key, "\(text) is no size, such as 10MB") }
    return value
  }

  mutating func texts(_ key: String) throws(ConfigurationFault) -> [String]? {
    guard let nodes = try list(key) else { return nil }
    var texts: [String] = []
    for node in nodes {
      guard case .scalar(let scalar) = node else { throw fault(key, "this must be a list of texts") }
      texts.append(scalar.string)
    }
    return texts
  }

  mutating func list(_ key: String) throws(ConfigurationFault) -> [Node]? {
    guard let node = entries[key] else { return nil }
    taken.insert(key)
    switch node {
    case .sequence(let sequence): return Array(sequence)
    case .scalar(let scalar) where scalar.string.isEmpty: return []
    default: throw fault(key, "this must be a list")
    }
  }

  mutating func sections(_ key: String) throws(ConfigurationFault) -> [ConfigurationSection] {
    var sections: [ConfigurationSection] = []
    for (index, node) in (try list(key) ?? []).enumerated() {
      sections.append(try ConfigurationSection(node, path: "\(path(key))[\(index)]"))
    }
    return sections
  }

  mutating func section(_ key: String) throws(ConfigurationFault) -> ConfigurationSection? {
    guard let node = entries[key] else { return nil }
    taken.insert(key)
    return try ConfigurationSection(node, path: path(key))
  }

  /// A mapping of names to texts, in the order of the file.
  mutating func pairs(_ key: String) throws(ConfigurationFault) -> [(String, String)]? {
    guard var section = try section(key) else { return nil }
    var pairs: [(String, String)] = []
    for name in section.order {
      if let text = try section.text(name) { pairs.append((name, text)) }
    }
    return pairs
  }

  /// A mapping of names to lists of texts.
  mutating func lists(_ key: String) throws(ConfigurationFault) -> [(String, [String])]? {
    guard var section = try section(key) else { return nil }
    var lists: [(String, [String])] = []
    for name in section.order { lists.append((name, try section.texts(name) ?? [])) }
    return lists
  }

  // MARK: - What is left

  private var taken: Set<String> = []

  /// Reports the keys that nobody took.
  ///
  /// - Parameter unsupported: those that Prometheus knows and that are not done here.
  /// - Throws: where a key is none at all.
  func finish(
    unsupported: Set<String> = [], _ notices: inout [ConfigurationNotice]
  ) throws(ConfigurationFault) {
    for key in order where !taken.contains(key) {
      guard unsupported.contains(key) else { throw fault(key, "there is no such key") }
      notices.append(
        ConfigurationNotice(
          line: entries[key]?.mark?.line, path: path(key), message: "not supported, and passed over"))
    }
  }
}
