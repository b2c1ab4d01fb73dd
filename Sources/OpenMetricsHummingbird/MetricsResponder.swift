import HTTPTypes
import Hummingbird
import NIOCore
import OpenMetrics

/// Hands a scrape to the library, and its answer to Hummingbird.
struct MetricsResponder<Context: RequestContext>: HTTPResponder {
  let handler: ScrapeHandler

  func respond(to request: Request, context: Context) async throws -> Response {
    let answer = await handler.answer(
      ScrapeRequest(query: request.uri.query) { name in
        HTTPField.Name(name).flatMap { request.headers[$0] }
      })
    var headers = HTTPFields()
    for header in answer.headers {
      if let name = HTTPField.Name(header.name) { headers.append(HTTPField(name: name, value: header.value)) }
    }
    let response = Response(
      status: HTTPResponse.Status(code: answer.status), headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    return request.method == .head ? response.createHeadResponse() : response
  }
}
