/// A text that a person may choose for a model, with places to fill in.
public struct Prompt: Sendable {
  /// Writes the messages. The arguments are those that are declared, and all that are required.
  public typealias Action =
    @Sendable (
      _ arguments: [String: String], _ context: RequestContext
    ) async throws -> [Message]

  /// Who says something.
  public enum Role: String, Sendable, CaseIterable { case user, assistant }

  /// What is said.
  public struct Message: Sendable, Equatable {
    public var role: Role
    public var content: Content

    public init(_ role: Role, _ content: Content) {
      self.role = role
      self.content = content
    }

    var json: JSONValue { ["role": .string(role.rawValue), "content": content.json] }
  }

  /// A place to fill in.
  public struct Argument: Sendable {
    public var name: String
    public var description: String?
    public var isRequired: Bool
    /// Suggestions for it.
    public var completion: Completion?

    public init(
      _ name: String, description: String? = nil, isRequired: Bool = true, completion: Completion? = nil
    ) {
      self.name = name
      self.description = description
      self.isRequired = isRequired
      self.completion = completion
    }
  }

  public var name: String
  public var title: String?
  public var description: String?
  public var arguments: [Argument]
  let action: Action

  public init(
    name: String, title: String? = nil, description: String? = nil, arguments: [Argument] = [],
    action: @escaping Action
  ) {
    self.name = name
    self.title = title
    self.description = description
    self.arguments = arguments
    self.action = action
  }

  var json: JSONValue {
    var object: JSONObject = ["name": .string(name)]
    object["title"] = title.map { .string($0) }
    object["description"] = description.map { .string($0) }
    if !arguments.isEmpty {
      object["arguments"] = .array(
        arguments.map { argument in
          var member: JSONObject = ["name": .string(argument.name)]
          member["description"] = argument.description.map { .string($0) }
          member["required"] = .bool(argument.isRequired)
          return .object(member)
        })
    }
    return .object(object)
  }
}
