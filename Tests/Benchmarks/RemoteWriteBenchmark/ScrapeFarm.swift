import HTTPServerFixture
import Synchronization

/// Targets that expose as many series each, with values that change from scrape to scrape.
final class ScrapeFarm: Sendable {
  let addresses: [String]
  private let servers: [HTTPServer]

  /// - Parameters:
  ///   - series: of each target.
  init(targets: Int, series: Int) throws {
    let servers = try (0..<targets).map { target in
      // Written before anything is measured; each scrape gets the next one.
      let bodies = (0..<3).map { Self.exposition(target: target, scrape: $0, series: series) }
      let scrapes = Atomic<Int>(0)
      let box = Box(count: scrapes)
      return try HTTPServer { _ in
        let number = box.count.wrappingAdd(1, ordering: .relaxed).newValue
        return HTTPServer.Answer(
          headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"],
          body: bodies[number % bodies.count])
      }
    }
    self.servers = servers
    addresses = servers.map { "127.0.0.1:\($0.port)" }
  }

  private final class Box: Sendable {
    let count: Atomic<Int>
    init(count: consuming Atomic<Int>) { self.count = count }
  }

  func stop() { for server in servers { server.stop() } }

  /// Families of a hundred series, counters and gauges in turn, as services have them.
  private static func exposition(target: Int, scrape: Int, series: Int) -> [UInt8] {
    let methods = ["get", "put", "post", "delete", "patch"]
    let routes = (0..<10).map { "/api/v1/resource_\($0)/{id}" }
    var text = ""
    for number in 0..<series {
      let (family, member) = (number / 100, number % 100)
      let isCounter = family % 2 == 0
      let name = isCounter ? "service_requests_\(family)_total" : "service_duration_\(family)_seconds"
      if member == 0 {
        text += "# HELP \(name) What this service did, by method, route and status.\n"
        text += "# TYPE \(name) \(isCounter ? "counter" : "gauge")\n"
      }
      let labels =
        "method=\"\(methods[member % 5])\",route=\"\(routes[member / 5 % 10])\",status=\"\(member < 50 ? 200 : 500)\""
      let seed = (number * 7_919 + target * 104_729) % 1_000_003
      let value =
        isCounter ? "\(seed * 10 + scrape * (1 + number % 7))" : "0.\((seed + scrape * 131) % 100_000)"
      text += "\(name){\(labels)} \(value)\n"
    }
    return Array(text.utf8)
  }
}
