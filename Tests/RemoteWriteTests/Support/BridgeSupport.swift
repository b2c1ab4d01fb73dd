import DurableQueue
import Foundation
import HTTPServerFixture
import Synchronization

@testable import RemoteWrite

/// A target whose counter numbers every scrape.
final class CountingTarget: Sendable {
  private let server: HTTPServer
  private let count: Counted

  private final class Counted: Sendable {
    let scrapes = Mutex(0)
    let body = Mutex<(@Sendable (Int) -> HTTPServer.Answer)?>(nil)
  }

  var address: String { "127.0.0.1:\(server.port)" }
  var scrapes: Int { count.scrapes.withLock { $0 } }

  init(_ body: (@Sendable (Int) -> HTTPServer.Answer)? = nil) throws {
    let count = Counted()
    self.count = count
    server = try HTTPServer { _ in
      let number = count.scrapes.withLock { scrapes in
        scrapes += 1
        return scrapes
      }
      return body?(number) ?? .text("# TYPE scrapes_total counter\nscrapes_total \(number)\nsteady 1\n")
    }
  }

  func stop() { server.stop() }
}

func bridgeYAML(
  _ targets: [String], _ endpoints: [String], interval: String = "100ms",
  queue: String = "min_backoff: 20ms, max_backoff: 200ms",
  global: String = "", job: String = ""
) -> String {
  let writes = endpoints.enumerated().map { index, url in
    "  - {name: e\(index), url: \"\(url)\", queue_config: {batch_send_deadline: 50ms, \(queue)}}\n"
  }.joined()
  return """
    global: {scrape_interval: \(interval), scrape_timeout: \(interval)\(global)}
    scrape_configs:
      - job_name: j
        static_configs: [{targets: [\(targets.map { "\"\($0)\"" }.joined(separator: ", "))]}]
    \(job)
    remote_write:
    \(writes)
    """
}

/// The letters of a folder, oldest first.
func readDeadLetters(_ folder: String) throws -> [(letter: DeadLetter, body: [UInt8])] {
  let reader = try DurableQueue.openForReading(directory: folder).makeReader()
  var letters: [(letter: DeadLetter, body: [UInt8])] = []
  while try reader.next(
    maximumRecords: 100, maximumBytes: 1 << 20,
    { _, payload in
      if let letter = DeadLetter.read(payload) { letters.append(letter) }
    }) > 0
  {}
  return letters
}
