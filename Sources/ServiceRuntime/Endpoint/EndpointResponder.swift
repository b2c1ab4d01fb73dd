import HTTPTypes
internal import Hummingbird
import Logging
import NIOCore
import Synchronization

/// What Hummingbird hands on with each request.
struct EndpointContext: InitializableFromSource {
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    channel = source.channel
  }
}

/// Checks each request from the outside in — target, host, origin, route, token, body — and answers it.
struct EndpointResponder: HTTPResponder {
  let routes: RouteTable
  let hosts: HostPolicy
  let token: BearerToken
  let maximumBodyBytes: Int
  let maximumURLBytes: Int
  let streams: StreamedBody
  let instants: ServiceInstants
  let observer: RequestObserver?
  let logger: Logger

  func respond(to request: Request, context: EndpointContext) async throws -> Response {
    let start = ContinuousClock.now
    let (answer, template) = await answer(request, context.channel)
    observer?(
      RequestObservation(
        template: template, method: request.method.rawValue, status: answer.status,
        seconds: (ContinuousClock.now - start) / .seconds(1)))
    return response(answer, isHead: request.method == .head, channel: context.channel)
  }

  private static let unmatched = "unmatched"
  private static let host = HTTPField.Name("Host")

  private func answer(_ request: Request, _ channel: any Channel) async -> (
    EndpointResponse, template: String
  ) {
    if let refusal = refusal(of: request) { return (refusal, Self.unmatched) }
    let target = request.head.path ?? "/"
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = String(parts[0])
    let method = request.method.rawValue
    switch routes.resolve(method: method, path: path) {
    case .notFound:
      return (.error(404, "not_found", UnmatchedPath.message), Self.unmatched)
    case .methodNotAllowed(let template, let allowed):
      let names = allowed.joined(separator: ", ")
      var answer = EndpointResponse.error(405, "method_not_allowed", "\(template) answers \(names)")
      answer.headers.append(("Allow", names))
      return (answer, template)
    case .found(let route):
      if case .token = route.access,
        let refusal = token.refusal(authorization: request.headers[.authorization])
      {
        return (refusal, route.path)
      }
      guard let query = parts.count == 2 ? QueryItem.parse(parts[1]) : [] else {
        return (.error(.invalidInput("the query is not valid percent-encoded UTF-8")), route.path)
      }
      let found = EndpointRequest(
        method: method, path: path, query: query, body: [],
        fields: request.headers.map { (name: $0.name.canonicalName, value: $0.value) })
      return (await run(route, request, found, channel), route.path)
    }
  }

  private func refusal(of request: Request) -> EndpointResponse? {
    guard (request.head.path?.utf8.count ?? 0) <= maximumURLBytes else {
      return .error(414, "uri_too_long", "the request target is longer than \(maximumURLBytes) bytes")
    }
    // The first Host became the authority; another one is still among the fields. A proxy may have looked at
    // either of them (RFC 9112 section 3.2).
    guard let host = request.head.authority, Self.host.map(request.headers.contains) != true else {
      return .error(400, "bad_request", "a request names exactly one host")
    }
    guard hosts.allows(host: host) else {
      return .error(
        421, "misdirected_request", "this host name is not served here; add it to the allowed hosts")
    }
    for origin in request.headers[values: .origin] where !hosts.allows(origin: origin) {
      return .error(403, "forbidden_origin", "requests from this origin are not answered")
    }
    return nil
  }

  private func run(
    _ route: EndpointRoute, _ request: Request, _ found: EndpointRequest, _ channel: any Channel
  ) async -> EndpointResponse {
    let body: [UInt8]
    var held = 0
    defer { route.body?.budget.give(back: held) }
    switch await collectBody(request, route.body, &held) {
    case .complete(let bytes): body = bytes
    case .tooLarge: return Self.tooLarge(route.body?.maximumBytes ?? maximumBodyBytes)
    case .tooSlow: return Self.closing(408, "request_timeout", "the body took too long to come")
    case .crowded:
      var answer = Self.closing(503, "unavailable", "too much is being sent at once; send it again later")
      answer.headers.append(("Retry-After", "1"))
      return answer
    case .broken: return .error(400, "bad_request", "the body ended early")
    }
    if !route.isDoneLate, let refusal = await lateness(of: found, on: channel) { return refusal }
    do {
      return try await route.handler(
        EndpointRequest(
          method: found.method, path: found.path, query: found.query, body: body, fields: found.fields))
    } catch let error as OperationError {
      return .error(error)
    } catch {
      logger.error("a route failed", metadata: ["route": "\(route.path)", "error": "\(error)"])
      return .error(.internal("the request could not be answered; see the service's log"))
    }
  }

  private enum CollectedBody {
    case complete([UInt8])
    case tooLarge
    case tooSlow
    /// Others have taken what there is for all.
    case crowded
    case broken
  }

  /// - Parameter held: what was taken of the route's budget.
  private func collectBody(
    _ request: Request, _ limits: RouteBody?, _ held: inout Int
  ) async -> CollectedBody {
    let most = limits?.maximumBytes ?? maximumBodyBytes
    if let length = request.headers[.contentLength].flatMap(Int.init), length > most { return .tooLarge }
    let begun = ContinuousClock.now
    var bytes: [UInt8] = []
    do {
      for try await part in request.body {
        guard bytes.count + part.readableBytes <= most else { return .tooLarge }
        if let limits {
          guard ContinuousClock.now - begun <= limits.deadline else { return .tooSlow }
          guard limits.budget.take(part.readableBytes) else { return .crowded }
          held += part.readableBytes
        }
        bytes.append(contentsOf: part.readableBytesView)
      }
    } catch {
      return .broken
    }
    return .complete(bytes)
  }

  private static func tooLarge(_ limit: Int) -> EndpointResponse {
    closing(413, "payload_too_large", "the body is larger than \(limit) bytes")
  }

  /// Of a request whose body was not read to its end.
  private static func closing(_ status: Int, _ code: String, _ message: String) -> EndpointResponse {
    var answer = EndpointResponse.error(status, code, message)
    answer.headers.append(("Connection", "close"))
    return answer
  }
}

/// What an endpoint says of a path that nobody serves.
public enum UnmatchedPath {
  public static let message = "there is nothing at this path"
}
