/// JSON as a value, to compare what a server has with what it should have.
enum JSONTree: Equatable, Sendable, Codable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case text(String)
  case list([JSONTree])
  case object([String: JSONTree])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSONTree].self) {
      self = .list(value)
    } else {
      self = .object(try container.decode([String: JSONTree].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }

  /// A member of an object; nil where this is none, or has none of that name.
  subscript(name: String) -> JSONTree? {
    get { if case .object(let members) = self { members[name] } else { nil } }
    set {
      guard case .object(var members) = self else { return }
      members[name] = newValue
      self = .object(members)
    }
  }

  /// What stands at a path of members.
  subscript(path: [String]) -> JSONTree? { path.reduce(self) { $0?[$1] } }

  /// The same with something else at a path, where all before its last member is there.
  func with(_ value: JSONTree?, at path: some Collection<String>) -> JSONTree {
    guard let name = path.first else { return value ?? self }
    var copy = self
    let rest = path.dropFirst()
    if rest.isEmpty {
      copy[name] = value
    } else if let inner = self[name] {
      copy[name] = inner.with(value, at: rest)
    }
    return copy
  }

  /// A text, a number or a truth value as servers write it in settings; nil of anything else.
  var scalar: String? {
    switch self {
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let value): value
    case .null, .list, .object: nil
    }
  }

  /// Objects within objects as one, with dots in its names.
  var flattened: [String: JSONTree] {
    guard case .object(let members) = self else { return [:] }
    var flat: [String: JSONTree] = [:]
    for (name, value) in members {
      guard case .object(let inner) = value, !inner.isEmpty else {
        flat[name] = value
        continue
      }
      for (rest, value) in value.flattened { flat["\(name).\(rest)"] = value }
    }
    return flat
  }

  /// A few words of it, for a message.
  var shown: String {
    switch self {
    case .null: "null"
    case .list(let values): "[" + values.map(\.shown).joined(separator: ", ") + "]"
    case .object(let members): "{" + members.keys.sorted().joined(separator: ", ") + "}"
    default: scalar.map { String($0.prefix(100)) } ?? ""
    }
  }
}
