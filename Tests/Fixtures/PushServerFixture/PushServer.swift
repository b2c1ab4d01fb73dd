import Foundation
import HTTPServerFixture
import RemoteWrite
import Synchronization

/// A server on loopback that hands what is pushed to a bridge's receiver, as `cdb bridge` does but for the token.
public final class PushServer: Sendable {
  private let server: HTTPServer

  public var port: UInt16 { server.port }
  public var url: String { server.url + "/api/v1/write" }

  /// - Parameter port: 0 for any.
  public init(_ receiver: PushReceiver, port: UInt16 = 0) throws {
    server = try HTTPServer(port: port) { request in
      let (path, push) = Self.push(request)
      let answer = Self.wait {
        path.hasSuffix("/import/prometheus")
          ? await receiver.importText(push) : await receiver.write(push)
      }
      return .status(answer.status, answer.words, Dictionary(answer.headers.map { ($0, $1) }) { $1 })
    }
  }

  public func stop() { server.stop() }

  private static func push(_ request: HTTPServer.Request) -> (path: String, Push) {
    let target = URLComponents(
      string: request.line.split(separator: " ").dropFirst().first.map(String.init) ?? "")
    let push = Push(
      contentType: request.headers["content-type"], contentEncoding: request.headers["content-encoding"],
      body: request.body,
      arguments: (target?.queryItems ?? []).map { (name: $0.name, value: $0.value ?? "") })
    return (target?.path ?? "", push)
  }

  private final class Box<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
  }

  /// The server's threads are its own, and may wait.
  private static func wait(_ body: @escaping @Sendable () async -> PushAnswer) -> PushAnswer {
    let (box, done) = (Box<PushAnswer>(), DispatchSemaphore(value: 0))
    Task {
      let answer = await body()
      box.value.withLock { $0 = answer }
      done.signal()
    }
    done.wait()
    return box.value.withLock { $0 } ?? PushAnswer(.unavailable)
  }
}
