/// What a client may ask.
enum Method: String, CaseIterable {
  case initialize
  case ping
  case discover = "server/discover"
  case listTools = "tools/list"
  case callTool = "tools/call"
  case listResources = "resources/list"
  case listTemplates = "resources/templates/list"
  case readResource = "resources/read"
  case subscribe = "resources/subscribe"
  case unsubscribe = "resources/unsubscribe"
  case listPrompts = "prompts/list"
  case getPrompt = "prompts/get"
  case complete = "completion/complete"
  case setLevel = "logging/setLevel"
  case listen = "subscriptions/listen"

  func isSpoken(in revision: ProtocolRevision) -> Bool {
    switch self {
    case .initialize, .ping, .subscribe, .unsubscribe, .setLevel: revision == .november2025
    case .discover, .listen: revision == .july2026
    default: true
    }
  }

  /// Whether the server has declared what the method belongs to.
  func isOffered(by catalog: Catalog, _ configuration: ServerConfiguration) -> Bool {
    switch self {
    case .initialize, .ping, .discover, .listen: true
    case .listTools, .callTool: catalog.offersTools
    case .listResources, .listTemplates, .readResource, .subscribe, .unsubscribe: catalog.offersResources
    case .listPrompts, .getPrompt: catalog.offersPrompts
    case .complete: catalog.completes
    case .setLevel: configuration.tellsLogs
    }
  }
}

/// What a server declares.
enum ServerCapabilities {
  static func json(_ catalog: Catalog, _ configuration: ServerConfiguration) -> JSONValue {
    var object = JSONObject()
    if catalog.offersTools { object["tools"] = ["listChanged": true] }
    if catalog.offersResources { object["resources"] = ["listChanged": true, "subscribe": true] }
    if catalog.offersPrompts { object["prompts"] = ["listChanged": true] }
    if catalog.completes { object["completions"] = [:] }
    if configuration.tellsLogs { object["logging"] = [:] }
    return .object(object)
  }
}
