import HTTPTypes
internal import Hummingbird
import NIOCore

extension EndpointResponder {
  /// The answer in Hummingbird's terms.
  func response(_ answer: EndpointResponse, isHead: Bool, channel: any Channel) -> Response {
    var headers = HTTPFields()
    headers[.cacheControl] = "no-store"
    headers[.xContentTypeOptions] = "nosniff"
    if let name = HTTPField.Name(ServiceInstant.field) { headers[name] = instants.now.description }
    for (name, value) in answer.headers {
      guard let name = HTTPField.Name(name), HTTPField.isValidValue(value) else { continue }
      headers.append(HTTPField(name: name, value: value))
    }
    let status = HTTPResponse.Status(code: (100...599).contains(answer.status) ? answer.status : 500)
    switch answer.body {
    case .bytes(let bytes):
      headers[.contentLength] = String(bytes.count)
      if isHead { return Response(status: status, headers: headers) }
      // Who is told that the connection closes may go on sending what was refused; nothing more of it is read.
      if headers[.connection] == "close" {
        return Response(status: status, headers: headers, body: Self.closing(bytes, channel))
      }
      return Response(
        status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    case .stream(let produce):
      if isHead { return Response(status: status, headers: headers) }
      return Response(status: status, headers: headers, body: streams.body(produce, on: channel))
    }
  }

  private static func closing(_ bytes: [UInt8], _ channel: any Channel) -> ResponseBody {
    ResponseBody(contentLength: bytes.count) { writer in
      try await writer.write(ByteBuffer(bytes: bytes))
      try await writer.finish(nil)
      channel.close(mode: .input, promise: nil)
    }
  }
}
