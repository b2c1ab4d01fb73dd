/// What a server offers, in the order in which it was added: lists are told in that order, always.
public struct Catalog: Sendable {
  /// Why something cannot be offered.
  public struct Unusable: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
  }

  /// The lists, as a client asks for them and as it is told of their changes.
  enum List: String, Sendable, CaseIterable { case tools, resources, templates, prompts }

  public private(set) var tools: [Tool] = []
  public private(set) var resources: [Resource] = []
  public private(set) var templates: [ResourceTemplate] = []
  public private(set) var prompts: [Prompt] = []

  /// How often a list has changed. One that never has is not offered, and one that has been emptied still is.
  private(set) var versions: [List: Int] = [:]

  public init() {}

  /// - Throws: ``Unusable`` for a name that is taken, or is no name of a tool, and for arguments that are no
  ///   object.
  public mutating func add(_ tool: Tool) throws(Unusable) {
    let characters = tool.name.utf8
    guard 1...128 ~= characters.count, characters.allSatisfy(Self.isOfName) else {
      throw Unusable(description: "\(tool.name): a tool's name is 1 to 128 of A–Z, a–z, 0–9, _, - and .")
    }
    guard self.tool(tool.name) == nil else {
      throw Unusable(description: "there is a tool \(tool.name) already")
    }
    guard tool.input.isObject else {
      throw Unusable(description: "the arguments of \(tool.name) must be an object")
    }
    tools.append(tool)
    changed(.tools)
  }

  /// - Throws: ``Unusable`` for an address that is taken, or has no scheme.
  public mutating func add(_ resource: Resource) throws(Unusable) {
    guard self.resource(resource.uri) == nil else {
      throw Unusable(description: "there is a resource \(resource.uri) already")
    }
    guard resource.uri.contains(":") else {
      throw Unusable(description: "\(resource.uri): a resource's address begins with a scheme")
    }
    resources.append(resource)
    changed(.resources)
  }

  /// - Throws: ``Unusable`` for a pattern that is taken, or is none.
  public mutating func add(_ template: ResourceTemplate) throws(Unusable) {
    guard self.template(template.pattern) == nil else {
      throw Unusable(description: "there is a template \(template.pattern) already")
    }
    guard let names = ResourceTemplate.names(in: template.pattern), !names.isEmpty else {
      throw Unusable(description: "\(template.pattern): names stand in braces, with text between them")
    }
    templates.append(template)
    changed(.templates)
  }

  /// - Throws: ``Unusable`` for a name that is taken.
  public mutating func add(_ prompt: Prompt) throws(Unusable) {
    guard self.prompt(prompt.name) == nil else {
      throw Unusable(description: "there is a prompt \(prompt.name) already")
    }
    prompts.append(prompt)
    changed(.prompts)
  }

  /// Takes a tool out; one that is not there is none.
  public mutating func removeTool(_ name: String) {
    guard tool(name) != nil else { return }
    tools.removeAll { $0.name == name }
    changed(.tools)
  }

  /// Takes a resource out.
  public mutating func removeResource(_ uri: String) {
    guard resource(uri) != nil else { return }
    resources.removeAll { $0.uri == uri }
    changed(.resources)
  }

  /// Takes a prompt out.
  public mutating func removePrompt(_ name: String) {
    guard prompt(name) != nil else { return }
    prompts.removeAll { $0.name == name }
    changed(.prompts)
  }

  func tool(_ name: String) -> Tool? { tools.first { $0.name == name } }
  func resource(_ uri: String) -> Resource? { resources.first { $0.uri == uri } }
  func template(_ pattern: String) -> ResourceTemplate? { templates.first { $0.pattern == pattern } }
  func prompt(_ name: String) -> Prompt? { prompts.first { $0.name == name } }

  /// Whether an address may be read: a resource, or one that follows a template.
  func knows(_ uri: String) -> Bool {
    resource(uri) != nil || templates.contains { $0.values(in: uri) != nil }
  }

  var offersTools: Bool { versions[.tools] != nil }
  var offersResources: Bool { versions[.resources] != nil || versions[.templates] != nil }
  var offersPrompts: Bool { versions[.prompts] != nil }
  var completes: Bool {
    templates.contains { !$0.completions.isEmpty }
      || prompts.contains { $0.arguments.contains { $0.completion != nil } }
  }

  private mutating func changed(_ list: List) { versions[list, default: 0] += 1 }

  private static func isOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}
