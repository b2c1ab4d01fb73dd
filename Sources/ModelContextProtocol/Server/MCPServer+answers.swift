import Logging

extension MCPServer {
  /// The most values that one completion may have, as the protocol bounds them.
  private static let completionValues = 100

  /// Does the work of a call.
  func answer(_ call: Call, _ context: RequestContext) async -> Result<JSONObject, ProtocolError> {
    do {
      let revision = call.client.revision
      switch call.operation {
      case .callTool(let tool, let arguments):
        let result = try await result(of: tool, arguments, context)
        let structure = revision == .july2026 || result.structured?.members != nil
        return .success(configuration.completed(result.json(structure: structure), in: revision))
      case .readResource(let uri):
        guard let contents = try await contents(of: uri, context) else {
          throw ProtocolError.resourceNotFound(uri, in: revision)
        }
        let result: JSONObject = ["contents": .array(contents.map(\.json))]
        return .success(configuration.completed(result, in: revision, isCacheable: true))
      case .getPrompt(let prompt, let arguments):
        let messages = try await prompt.action(arguments, context)
        var result: JSONObject = ["messages": .array(messages.map(\.json))]
        result["description"] = prompt.description.map { .string($0) }
        return .success(configuration.completed(result, in: revision))
      case .complete(let completion, let typed, let others):
        let values = try await completion?(typed, others) ?? []
        let told = values.prefix(Self.completionValues).map { JSONValue.string($0) }
        let completion: JSONValue = [
          "values": .array(told), "total": .integer(Int64(values.count)),
          "hasMore": .bool(values.count > told.count),
        ]
        return .success(configuration.completed(["completion": completion], in: revision))
      }
    } catch let error as ProtocolError {
      return .failure(error)
    } catch {
      // What the error says may be nothing for strangers.
      if !(error is CancellationError) {
        logger.error("a request failed", metadata: ["error": "\(error)", "id": "\(call.id)"])
      }
      return .failure(.internalError("the server failed; its log says more"))
    }
  }

  private func result(
    of tool: Tool, _ arguments: JSONObject, _ context: RequestContext
  ) async throws -> ToolResult {
    if let fault = tool.input.fault(in: .object(arguments)) {
      return .failure("the arguments of \(tool.name) do not fit: \(fault)")
    }
    let result: ToolResult
    do {
      result = try await tool.action(arguments, context)
    } catch let failure as ToolFailure {
      return .failure(failure.reason)
    } catch let error where !(error is ProtocolError || error is CancellationError) {
      logger.error("a tool failed", metadata: ["error": "\(error)", "tool": "\(tool.name)"])
      return .failure("\(tool.name) failed; the server's log says more")
    }
    if let output = tool.output, !result.isError {
      let fault = result.structured.map { output.fault(in: $0) } ?? "the structured part is missing"
      if let fault {
        logger.error(
          "a tool answers otherwise than it says", metadata: ["fault": "\(fault)", "tool": "\(tool.name)"])
        throw ProtocolError.internalError("\(tool.name) answered otherwise than its schema says")
      }
    }
    return result
  }

  private func contents(of uri: String, _ context: RequestContext) async throws -> [ResourceContents]? {
    let catalog = catalog
    if let resource = catalog.resource(uri) { return try await resource.action(context) }
    for template in catalog.templates {
      guard let values = template.values(in: uri) else { continue }
      return try await template.action(uri, values, context)
    }
    return nil
  }
}
