import RemoteWrite
import ServiceRuntime

/// `POST /api/v1/write` and `POST /api/v1/import/prometheus`: what senders push. They need the token, as all that changes something.
enum PushRoutes {
  /// Of all bodies that are under way.
  static let mostBytesAtOnce = 128 << 20
  /// For a body to come.
  static let deadline = Duration.seconds(30)

  static func routes(_ receiver: PushReceiver) -> [EndpointRoute] {
    let body = RouteBody(
      maximumBytes: PushReceiver.mostBytes, deadline: deadline, budget: BodyBudget(bytes: mostBytesAtOnce))
    return [
      // What comes again is the same, so it is right however late.
      EndpointRoute("POST", "/api/v1/write", access: .token, body: body) { request in
        response(await receiver.write(push(request)))
      },
      EndpointRoute("POST", "/api/v1/import/prometheus", access: .token, body: body) { request in
        response(await receiver.importText(push(request)))
      },
    ]
  }

  private static func push(_ request: EndpointRequest) -> Push {
    Push(
      contentType: request.header("content-type"), contentEncoding: request.header("content-encoding"),
      body: request.body, arguments: request.query.map { ($0.name, $0.value) })
  }

  private static func response(_ answer: PushAnswer) -> EndpointResponse {
    var response =
      answer.result == .ok
      ? EndpointResponse(status: answer.status)
      : EndpointResponse.error(answer.status, answer.result.rawValue, answer.words)
    response.headers += answer.headers
    return response
  }
}
