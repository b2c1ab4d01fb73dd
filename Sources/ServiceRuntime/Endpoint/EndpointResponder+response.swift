import HTTPTypes
internal import Hummingbird
import NIOCore

extension EndpointResponder {
  /// The answer in Hummingbird's terms.
  static func response(_ answer: EndpointResponse, isHead: Bool, channel: any Channel) -> Response {
    var headers = HTTPFields()
    headers[.cacheControl] = "no-store"
    headers[.xContentTypeOptions] = "nosniff"
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
        return Response(status: status, headers: headers, body: closing(bytes, channel))
      }
      return Response(
        status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    case .stream(let produce):
      if isHead { return Response(status: status, headers: headers) }
      return Response(status: status, headers: headers, body: streaming(produce))
    }
  }

  private static func closing(_ bytes: [UInt8], _ channel: any Channel) -> ResponseBody {
    ResponseBody(contentLength: bytes.count) { writer in
      try await writer.write(ByteBuffer(bytes: bytes))
      try await writer.finish(nil)
      channel.close(mode: .input, promise: nil)
    }
  }

  private static func streaming(
    _ produce: @escaping @Sendable (@escaping @Sendable ([UInt8]) async throws -> Void) async throws -> Void
  ) -> ResponseBody {
    // The producer pushes from one task while the connection's task writes, one piece at a time.
    ResponseBody { writer in
      let (pieces, pieceContinuation) = AsyncStream.makeStream(of: StreamPiece.self)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          defer { pieceContinuation.finish() }
          try await produce { bytes in
            try await withCheckedThrowingContinuation { continuation in
              let result = pieceContinuation.yield(StreamPiece(bytes: bytes, written: continuation))
              if case .terminated = result { continuation.resume(throwing: CancellationError()) }
            }
          }
        }
        var failure: (any Error)?
        for await piece in pieces {
          if let failure {
            piece.written.resume(throwing: failure)
            continue
          }
          do {
            try await writer.write(ByteBuffer(bytes: piece.bytes))
            piece.written.resume()
          } catch {
            failure = error
            piece.written.resume(throwing: error)
          }
        }
        if let failure { throw failure }
        try await group.waitForAll()
      }
      try await writer.finish(nil)
    }
  }
}

private struct StreamPiece: Sendable {
  let bytes: [UInt8]
  let written: CheckedContinuation<Void, any Error>
}
