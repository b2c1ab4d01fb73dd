extension ConnectionState {
  /// A request of revision 2026-07-28.
  mutating func modern(
    _ method: Method, _ request: IncomingMessage.Request, catalog: Catalog
  ) throws(ProtocolError) -> [Action] {
    let client = try ClientDeclaration(meta: request.meta)
    guard method.isSpoken(in: .july2026), method.isOffered(by: catalog, configuration) else {
      throw .methodNotFound(request.method)
    }
    switch method {
    case .discover:
      var result: JSONObject = [
        "supportedVersions": .array(ProtocolRevision.names.map { .string($0) }),
        "capabilities": ServerCapabilities.json(catalog, configuration),
      ]
      result["instructions"] = configuration.instructions.map { .string($0) }
      return [answer(request, configuration.completed(result, in: .july2026, isCacheable: true))]
    case .listen: return try listen(request, catalog: catalog)
    default: return try common(method, request, client: client, catalog: catalog)
    }
  }

  /// A request of the session of revision 2025-11-25.
  mutating func session(
    _ method: Method, _ request: IncomingMessage.Request, catalog: Catalog
  ) throws(ProtocolError) -> [Action] {
    let parameters = Parameters(request.parameters)
    switch method {
    case .ping: return [answer(request, [:])]
    case .initialize:
      guard phase == .fresh else { throw .invalidRequest("the session is initialized already") }
      session = try ClientDeclaration(initialize: parameters)
      phase = .agreed
      var result: JSONObject = [
        "protocolVersion": .string(ProtocolRevision.november2025.rawValue),
        "capabilities": ServerCapabilities.json(catalog, configuration),
        "serverInfo": configuration.info,
      ]
      result["instructions"] = configuration.instructions.map { .string($0) }
      return [answer(request, result)]
    default: break
    }
    guard let client = session else { throw .invalidRequest("a session begins with initialize") }
    guard method.isOffered(by: catalog, configuration) else { throw .methodNotFound(request.method) }
    switch method {
    case .setLevel:
      guard let level = try ClientDeclaration.level(parameters, "level") else {
        throw .invalidParams("level is missing")
      }
      session?.logLevel = level
      return [answer(request, [:])]
    case .subscribe:
      let uri = try parameters.string("uri")
      guard catalog.knows(uri) else { throw .resourceNotFound(uri, in: .november2025) }
      guard subscriptions < limits.subscriptions || subscribed.contains(uri) else {
        throw .busy(limit: limits.subscriptions)
      }
      subscribed.insert(uri)
      return [answer(request, [:])]
    case .unsubscribe:
      subscribed.remove(try parameters.string("uri"))
      return [answer(request, [:])]
    default: return try common(method, request, client: client, catalog: catalog)
    }
  }

  /// What both revisions have.
  private mutating func common(
    _ method: Method, _ request: IncomingMessage.Request, client: ClientDeclaration, catalog: Catalog
  ) throws(ProtocolError) -> [Action] {
    let parameters = Parameters(request.parameters)
    switch method {
    case .listTools:
      return try list(
        .tools, "tools", keys: catalog.tools.map(\.name), request, client,
        entries: catalog.tools.map { $0.json(in: client.revision) })
    case .listResources:
      return try list(
        .resources, "resources", keys: catalog.resources.map(\.uri), request, client,
        entries: catalog.resources.map(\.json))
    case .listTemplates:
      return try list(
        .templates, "resourceTemplates", keys: catalog.templates.map(\.pattern), request, client,
        entries: catalog.templates.map(\.json))
    case .listPrompts:
      return try list(
        .prompts, "prompts", keys: catalog.prompts.map(\.name), request, client,
        entries: catalog.prompts.map(\.json))
    case .callTool:
      let name = try parameters.string("name")
      guard let tool = catalog.tool(name) else {
        throw .invalidParams(
          "there is no tool \(JSONValue.string(ProtocolError.shortened(name)).encodedText)")
      }
      let arguments = try parameters.optionalMembers("arguments") ?? [:]
      return try begin(.callTool(tool, arguments: arguments), request, client: client)
    case .readResource:
      return try begin(.readResource(uri: try parameters.string("uri")), request, client: client)
    case .getPrompt:
      let prompt = try self.prompt(parameters.string("name"), in: catalog)
      let arguments = try prompt.checked(parameters.texts("arguments"))
      return try begin(.getPrompt(prompt, arguments: arguments), request, client: client)
    case .complete: return try complete(request, client: client, catalog: catalog)
    default: throw .methodNotFound(request.method)
    }
  }

  private func list(
    _ list: Catalog.List, _ name: String, keys: [String], _ request: IncomingMessage.Request,
    _ client: ClientDeclaration, entries: [JSONValue]
  ) throws(ProtocolError) -> [Action] {
    let page = try Page(
      of: list, keys: keys, entries: entries,
      after: Parameters(request.parameters).optionalString("cursor"), size: configuration.pageSize)
    var result: JSONObject = [name: .array(page.entries)]
    result["nextCursor"] = page.nextCursor.map { .string($0) }
    return [answer(request, configuration.completed(result, in: client.revision, isCacheable: true))]
  }

  private func prompt(_ name: String, in catalog: Catalog) throws(ProtocolError) -> Prompt {
    guard let prompt = catalog.prompt(name) else {
      throw .invalidParams(
        "there is no prompt \(JSONValue.string(ProtocolError.shortened(name)).encodedText)")
    }
    return prompt
  }

  private mutating func complete(
    _ request: IncomingMessage.Request, client: ClientDeclaration, catalog: Catalog
  ) throws(ProtocolError) -> [Action] {
    let parameters = Parameters(request.parameters)
    let reference = Parameters(try parameters.members("ref"))
    let argument = Parameters(try parameters.members("argument"))
    let name = try argument.string("name")
    let typed = try argument.string("value")
    let context = Parameters(try parameters.optionalMembers("context") ?? [:])
    let others = try context.texts("arguments")
    let completion: Completion?
    switch try reference.string("type") {
    case "ref/prompt":
      let prompt = try self.prompt(reference.string("name"), in: catalog)
      guard let argument = prompt.arguments.first(where: { $0.name == name }) else {
        throw .invalidParams("the prompt has no such argument")
      }
      completion = argument.completion
    case "ref/resource":
      // An address without names is one of a resource, which has nothing to complete.
      let uri = try reference.string("uri")
      guard let template = catalog.template(uri) else {
        guard catalog.resource(uri) != nil else { throw .invalidParams("there is no such resource template") }
        completion = nil
        break
      }
      guard ResourceTemplate.names(in: template.pattern)?.contains(name) == true else {
        throw .invalidParams("the template has no such name")
      }
      completion = template.completions[name]
    default: throw .invalidParams("ref must be a ref/prompt or a ref/resource")
    }
    return try begin(.complete(completion, typed: typed, others: others), request, client: client)
  }
}

extension Prompt {
  /// - Throws: -32602 for an argument that is missing, or is none of the prompt.
  fileprivate func checked(_ given: [String: String]) throws(ProtocolError) -> [String: String] {
    for argument in arguments where argument.isRequired && given[argument.name] == nil {
      throw .invalidParams("the argument \(argument.name) is missing")
    }
    for name in given.keys where !arguments.contains(where: { $0.name == name }) {
      throw .invalidParams(
        "there is no argument \(JSONValue.string(ProtocolError.shortened(name)).encodedText)")
    }
    return given
  }
}

extension ServerConfiguration {
  /// A result with what its revision wants of every one.
  func completed(
    _ result: JSONObject, in revision: ProtocolRevision, isCacheable: Bool = false
  ) -> JSONObject {
    guard revision == .july2026 else { return result }
    var result = result
    result["resultType"] = "complete"
    if isCacheable {
      result["ttlMs"] = .integer(Int64(max(0, timeToLive)))
      result["cacheScope"] = .string(cacheScope.rawValue)
    }
    var meta = result["_meta"]?.members ?? [:]
    meta["io.modelcontextprotocol/serverInfo"] = info
    result["_meta"] = .object(meta)
    return result
  }
}
