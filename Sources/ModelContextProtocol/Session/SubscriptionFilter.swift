/// What a stream of revision 2026-07-28 is to hear of.
struct SubscriptionFilter: Sendable, Equatable {
  var tools: Bool
  var resources: Bool
  var prompts: Bool
  /// Addresses, each once, in the order in which they were named.
  var uris: [String]

  /// The part of what a client asks for that can be honoured.
  init(_ parameters: Parameters, of catalog: Catalog) throws(ProtocolError) {
    tools = try parameters.optionalFlag("toolsListChanged") && catalog.offersTools
    resources = try parameters.optionalFlag("resourcesListChanged") && catalog.offersResources
    prompts = try parameters.optionalFlag("promptsListChanged") && catalog.offersPrompts
    var seen: Set<String> = []
    uris = try parameters.strings("resourceSubscriptions").filter {
      catalog.knows($0) && seen.insert($0).inserted
    }
  }

  func wants(_ change: Change) -> Bool {
    switch change {
    case .list(.tools): tools
    case .list(.resources), .list(.templates): resources
    case .list(.prompts): prompts
    case .resource(let uri): uris.contains(uri)
    }
  }

  var json: JSONValue {
    var object = JSONObject()
    if tools { object["toolsListChanged"] = true }
    if resources { object["resourcesListChanged"] = true }
    if prompts { object["promptsListChanged"] = true }
    if !uris.isEmpty { object["resourceSubscriptions"] = .array(uris.map { .string($0) }) }
    return .object(object)
  }
}
