/// Something that a client may read.
public struct Resource: Sendable {
  /// Reads it.
  public typealias Action = @Sendable (_ context: RequestContext) async throws -> [ResourceContents]

  public var uri: String
  public var name: String
  public var title: String?
  public var description: String?
  public var mimeType: String?
  let action: Action

  public init(
    uri: String, name: String, title: String? = nil, description: String? = nil, mimeType: String? = nil,
    action: @escaping Action
  ) {
    self.uri = uri
    self.name = name
    self.title = title
    self.description = description
    self.mimeType = mimeType
    self.action = action
  }

  var json: JSONValue {
    var object: JSONObject = ["uri": .string(uri), "name": .string(name)]
    object["title"] = title.map { .string($0) }
    object["description"] = description.map { .string($0) }
    object["mimeType"] = mimeType.map { .string($0) }
    return .object(object)
  }
}

/// A family of resources, whose members' addresses follow a pattern such as `log://{service}/{day}`.
public struct ResourceTemplate: Sendable {
  /// Reads a member, whose address has these values; nil where there is none.
  public typealias Action =
    @Sendable (
      _ uri: String, _ values: [String: String], _ context: RequestContext
    ) async throws -> [ResourceContents]?

  /// The pattern: text, and names in braces (level 1 of RFC 6570). A value is one or more characters
  /// without `/`, as they stand in the address.
  public var pattern: String
  public var name: String
  public var title: String?
  public var description: String?
  public var mimeType: String?
  /// Suggestions for a value, by its name.
  public var completions: [String: Completion]
  let action: Action

  public init(
    pattern: String, name: String, title: String? = nil, description: String? = nil, mimeType: String? = nil,
    completions: [String: Completion] = [:], action: @escaping Action
  ) {
    self.pattern = pattern
    self.name = name
    self.title = title
    self.description = description
    self.mimeType = mimeType
    self.completions = completions
    self.action = action
  }

  var json: JSONValue {
    var object: JSONObject = ["uriTemplate": .string(pattern), "name": .string(name)]
    object["title"] = title.map { .string($0) }
    object["description"] = description.map { .string($0) }
    object["mimeType"] = mimeType.map { .string($0) }
    return .object(object)
  }

  /// The names in the braces; nil where the pattern is none, or two names stand side by side.
  static func names(in pattern: String) -> [String]? {
    var names: [String] = []
    var rest = pattern[...]
    while let open = rest.firstIndex(of: "{") {
      guard !rest[..<open].contains("}"), let close = rest[open...].firstIndex(of: "}") else { return nil }
      let name = String(rest[rest.index(after: open)..<close])
      guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }),
        !names.contains(name), names.isEmpty || open != rest.startIndex
      else { return nil }
      names.append(name)
      rest = rest[rest.index(after: close)...]
    }
    return rest.contains("}") ? nil : names
  }

  /// The values that an address has in the places of the names; nil where it does not follow the pattern.
  /// A value ends where the text behind it is found first.
  func values(in uri: String) -> [String: String]? {
    var values: [String: String] = [:]
    var address = uri[...]
    var rest = pattern[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      guard address.hasPrefix(rest[..<open]) else { return nil }
      address = address[address.index(address.startIndex, offsetBy: rest[..<open].count)...]
      let name = String(rest[rest.index(after: open)..<close])
      rest = rest[rest.index(after: close)...]
      let behind = rest.prefix { $0 != "{" }
      let end = behind.isEmpty ? address.endIndex : address.firstRange(of: behind)?.lowerBound
      guard let end, end > address.startIndex, !address[..<end].contains("/") else { return nil }
      values[name] = String(address[..<end])
      address = address[end...]
    }
    return address == rest ? values : nil
  }
}

/// Suggests values for what a person began to type, with the values that the other arguments have already.
public typealias Completion = @Sendable (_ typed: String, _ others: [String: String]) async throws -> [String]
