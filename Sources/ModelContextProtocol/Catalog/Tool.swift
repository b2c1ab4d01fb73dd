/// Something that a client may have done.
public struct Tool: Sendable {
  /// Does it. What it throws is told as a failed call; a ``ProtocolError`` answers the request instead.
  public typealias Action =
    @Sendable (_ arguments: JSONObject, _ context: RequestContext) async throws ->
    ToolResult

  /// Hints for the client about what a tool does. They promise nothing.
  public struct Hints: Sendable, Equatable {
    public var readsOnly: Bool?
    public var destroys: Bool?
    public var isIdempotent: Bool?
    public var isOpenWorld: Bool?

    public init(
      readsOnly: Bool? = nil, destroys: Bool? = nil, isIdempotent: Bool? = nil, isOpenWorld: Bool? = nil
    ) {
      self.readsOnly = readsOnly
      self.destroys = destroys
      self.isIdempotent = isIdempotent
      self.isOpenWorld = isOpenWorld
    }
  }

  /// 1 to 128 of the characters A–Z, a–z, 0–9, `_`, `-` and `.`.
  public var name: String
  public var title: String?
  public var description: String?
  /// What the arguments must look like; an object.
  public var input: Schema
  /// What the structured part of a result looks like. Revision 2025-11-25 knows only objects: one of
  /// another kind is told to newer clients only.
  public var output: Schema?
  public var hints: Hints?
  let action: Action

  public init(
    name: String, title: String? = nil, description: String? = nil, input: Schema = .object([]),
    output: Schema? = nil, hints: Hints? = nil, action: @escaping Action
  ) {
    self.name = name
    self.title = title
    self.description = description
    self.input = input
    self.output = output
    self.hints = hints
    self.action = action
  }

  func json(in revision: ProtocolRevision) -> JSONValue {
    var object: JSONObject = ["name": .string(name)]
    object["title"] = title.map { .string($0) }
    object["description"] = description.map { .string($0) }
    object["inputSchema"] = .object(input.json)
    if let output, tellsStructure(in: revision) { object["outputSchema"] = .object(output.json) }
    if let hints {
      var annotations = JSONObject()
      annotations["readOnlyHint"] = hints.readsOnly.map { .bool($0) }
      annotations["destructiveHint"] = hints.destroys.map { .bool($0) }
      annotations["idempotentHint"] = hints.isIdempotent.map { .bool($0) }
      annotations["openWorldHint"] = hints.isOpenWorld.map { .bool($0) }
      object["annotations"] = .object(annotations)
    }
    return .object(object)
  }

  func tellsStructure(in revision: ProtocolRevision) -> Bool {
    revision == .july2026 || output?.isObject ?? true
  }
}

/// What a tool answers.
public struct ToolResult: Sendable, Equatable {
  public var content: [Content]
  /// The same as JSON. Where there is no content, its text becomes the content for clients that only read that.
  public var structured: JSONValue?
  /// Whether the tool could not do what was asked. The content says why, for the model that asked.
  public var isError: Bool

  public init(_ content: [Content] = [], structured: JSONValue? = nil, isError: Bool = false) {
    self.content = content
    self.structured = structured
    self.isError = isError
  }

  /// A failure with its reason.
  public static func failure(_ reason: String) -> Self { Self([.text(reason)], isError: true) }

  /// - Parameter structure: whether the structured part may be told; an object always may.
  func json(structure: Bool) -> JSONObject {
    var content = content
    if content.isEmpty, let structured { content = [.text(structured.encodedText)] }
    var object: JSONObject = ["content": .array(content.map(\.json))]
    if let structured, structure { object["structuredContent"] = structured }
    if isError { object["isError"] = true }
    return object
  }
}

/// A failure whose reason the model that called the tool may read.
public struct ToolFailure: Error, Sendable, Equatable {
  public var reason: String
  public init(_ reason: String) { self.reason = reason }
}
