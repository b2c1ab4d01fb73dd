import Synchronization

/// A target of scrapes whose counter numbers every one.
public final class CountingTarget: Sendable {
  /// What is answered to the scrape with this number, from 1.
  public typealias Script = @Sendable (Int) -> HTTPServer.Answer

  private final class Count: Sendable {
    let scrapes = Mutex(0)
  }

  private let server: HTTPServer
  private let count = Count()

  public var address: String { "127.0.0.1:\(server.port)" }
  public var scrapes: Int { count.scrapes.withLock { $0 } }

  public init(_ script: Script? = nil) throws {
    server = try HTTPServer { [count] _ in
      let number = count.scrapes.withLock { scrapes in
        scrapes += 1
        return scrapes
      }
      return script?(number) ?? .text("# TYPE scrapes_total counter\nscrapes_total \(number)\nsteady 1\n")
    }
  }

  public func stop() { server.stop() }
}
