/// A path that an endpoint answers, beside those it has by itself.
public struct EndpointRoute: Sendable {
  public enum Access: Sendable {
    case open
    /// Needs the endpoint's bearer token.
    case token
  }

  public typealias Handler = @Sendable (EndpointRequest) async throws -> EndpointResponse

  /// In capitals. A `GET` also answers `HEAD`.
  public let method: String
  /// As it is written in the request; a last `*` stands for any rest: `/ui/*`. It is also the label
  /// under which requests are counted, so that labels stay few.
  public let path: String
  public let access: Access
  /// Whether it is answered for whoever has gone, too.
  public let isDoneLate: Bool
  /// Nil for what the endpoint takes.
  public let body: RouteBody?
  let handler: Handler

  /// - Parameters:
  ///   - isDoneLate: false where nothing must be done once whoever asked has gone, or waits no longer.
  ///   - body: for a route that takes larger bodies than the endpoint does.
  ///   - handler: what it throws becomes an answer: an ``OperationError`` its own, anything else 500.
  public init(
    _ method: String, _ path: String, access: Access = .open, isDoneLate: Bool = true,
    body: RouteBody? = nil, handler: @escaping Handler
  ) {
    self.method = method.uppercased()
    self.path = path
    self.access = access
    self.isDoneLate = isDoneLate
    self.body = body
    self.handler = handler
  }
}

/// Which route answers a request. A pure value.
struct RouteTable: Sendable {
  enum Match {
    case found(EndpointRoute)
    case methodNotAllowed(template: String, allowed: [String])
    case notFound
  }

  private var exact: [String: [String: EndpointRoute]] = [:]
  /// The longest prefix first.
  private var prefixes: [(prefix: String, routes: [String: EndpointRoute])] = []

  init(_ routes: [EndpointRoute]) throws(EndpointError) {
    var byPath: [String: [String: EndpointRoute]] = [:]
    for route in routes {
      guard byPath[route.path, default: [:]].updateValue(route, forKey: route.method) == nil else {
        throw .duplicateRoute(method: route.method, path: route.path)
      }
    }
    for (path, methods) in byPath {
      if path.hasSuffix("*") {
        prefixes.append((String(path.dropLast()), methods))
      } else {
        exact[path] = methods
      }
    }
    prefixes.sort { ($1.prefix.utf8.count, $0.prefix) < ($0.prefix.utf8.count, $1.prefix) }
  }

  func resolve(method: String, path: String) -> Match {
    guard let methods = exact[path] ?? prefixes.first(where: { path.hasPrefix($0.prefix) })?.routes else {
      return .notFound
    }
    if let route = methods[method == "HEAD" ? "GET" : method] { return .found(route) }
    let template = methods.values.first?.path ?? path
    return .methodNotAllowed(
      template: template, allowed: (methods.keys + (methods["GET"] == nil ? [] : ["HEAD"])).sorted())
  }
}
