import Yams

/// A YAML file read into flat settings, each with its line.
///
/// swift-configuration's own YAML snapshot tells neither lines nor what nobody asked for, and follows
/// aliases. An operator's mistake has to be named with its place, so the document is walked here and handed
/// on as an in-memory provider.
struct ConfigurationFile: Sendable {
  struct Setting: Sendable {
    var value: ConfigurationValue.Written
    var line: Int
  }

  let path: String
  let settings: [String: Setting]

  /// A configuration is a page; a megabyte is another file by mistake.
  static let maximumBytes = 262_144
  private static let maximumDepth = 8
  private static let maximumNodes = 10_000
  /// Composing resolves aliases before anything can refuse them. So few cannot multiply into much.
  private static let maximumAliases = 16

  init(path: String) throws(ConfigurationError) {
    let file: BoundedFile
    do {
      file = try BoundedFile(path: path, maximumBytes: Self.maximumBytes)
    } catch {
      switch error {
      case .tooLarge(let limit): throw .fileTooLarge(path: path, limit: limit)
      case .unreadable(let reason): throw .unreadableFile(path: path, reason: reason)
      }
    }
    try self.init(path: path, bytes: file.bytes)
  }

  init(path: String, bytes: [UInt8]) throws(ConfigurationError) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .malformedFile(path: path, line: nil, problem: "not UTF-8")
    }
    guard Self.possibleAliases(in: bytes) <= Self.maximumAliases else {
      throw .malformedFile(path: path, line: nil, problem: "anchors and aliases are not supported here")
    }
    self.path = path
    var walk = Walk(path: path)
    let (parser, root) = try Self.compose(text, path: path)
    // A node refers to its anchor weakly; the parser keeps the anchors.
    defer { withExtendedLifetime(parser) {} }
    if let root { try walk.visitRoot(root) }
    self.settings = walk.settings
  }

  private static func possibleAliases(in bytes: [UInt8]) -> Int {
    zip(bytes, bytes.dropFirst()).count { byte, next in
      byte == UInt8(ascii: "*") && next != UInt8(ascii: " ") && next != UInt8(ascii: "\n")
    }
  }

  private static func compose(_ text: String, path: String) throws(ConfigurationError) -> (Parser, Node?) {
    do {
      let parser = try Parser(yaml: text)
      return (parser, try parser.singleRoot())
    } catch let error as YamlError {
      let (line, problem) = Self.explain(error)
      throw .malformedFile(path: path, line: line, problem: problem)
    } catch {
      throw .malformedFile(path: path, line: nil, problem: "not YAML")
    }
  }

  /// Without the snippet that Yams adds: a line of the file may hold what must not be printed.
  private static func explain(_ error: YamlError) -> (line: Int?, problem: String) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return (mark.line, problem)
    case .reader(let problem, _, _, _): return (nil, problem)
    case .duplicatedKeysInMapping(let keys, let context):
      return (context.mark.line, "the key \(keys.first ?? "") is set twice")
    default: return (nil, "not YAML")
    }
  }

  private struct Walk {
    let path: String
    var settings: [String: Setting] = [:]
    var nodes = 0

    mutating func visitRoot(_ root: Node) throws(ConfigurationError) {
      if case .scalar(let scalar) = root, scalar.string.isEmpty { return }
      guard case .mapping(let mapping) = root else {
        throw malformed(root, "expected settings as `key: value`")
      }
      try visit(mapping, prefix: "", depth: 1)
    }

    private mutating func visit(
      _ mapping: Node.Mapping, prefix: String, depth: Int
    ) throws(ConfigurationError) {
      for (keyNode, value) in mapping {
        nodes += 1
        guard nodes <= ConfigurationFile.maximumNodes, depth <= ConfigurationFile.maximumDepth else {
          throw malformed(keyNode, "too many or too deeply nested settings")
        }
        guard keyNode.anchor == nil, value.anchor == nil else {
          throw malformed(keyNode, "anchors and aliases are not supported here")
        }
        guard case .scalar(let scalar) = keyNode, !scalar.string.isEmpty else {
          throw malformed(keyNode, "a key must be a plain word")
        }
        try visit(value, name: prefix + scalar.string, keyNode: keyNode, depth: depth)
      }
    }

    private mutating func visit(
      _ value: Node, name: String, keyNode: Node, depth: Int
    ) throws(ConfigurationError) {
      switch value {
      case .mapping(let mapping): try visit(mapping, prefix: name + ".", depth: depth + 1)
      case .scalar(let scalar): try set(name, .text(scalar.string), at: keyNode)
      case .sequence(let sequence):
        var items: [String] = []
        for node in sequence {
          nodes += 1
          guard nodes <= ConfigurationFile.maximumNodes else { throw malformed(node, "too many settings") }
          guard node.anchor == nil, case .scalar(let item) = node else {
            throw malformed(node, "the list \(name) must hold plain values")
          }
          items.append(item.string)
        }
        try set(name, .list(items), at: keyNode)
      case .alias: throw malformed(keyNode, "anchors and aliases are not supported here")
      }
    }

    private mutating func set(
      _ name: String, _ value: ConfigurationValue.Written, at node: Node
    ) throws(ConfigurationError) {
      let line = node.mark?.line ?? 1
      if let first = settings[name] {
        throw .duplicateKey(
          name, origin: .file(path: path, line: line), first: .file(path: path, line: first.line))
      }
      settings[name] = Setting(value: value, line: line)
    }

    private func malformed(_ node: Node, _ problem: String) -> ConfigurationError {
      .malformedFile(path: path, line: node.mark?.line, problem: problem)
    }
  }
}
