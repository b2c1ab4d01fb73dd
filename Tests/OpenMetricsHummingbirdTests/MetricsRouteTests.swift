import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import OpenMetrics
import OpenMetricsHummingbird
import OpenMetricsTesting
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A context without a connection.
struct LooseContext: RequestContext {
  struct Source: RequestContextSource {
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
  }

  var coreContext: CoreRequestContextStorage

  init(source: Source) { coreContext = CoreRequestContextStorage(source: source) }
}

@Suite("Metrics in Hummingbird")
struct MetricsRouteTests {
  let registry = MetricRegistry()

  init() throws {
    try registry.counter(.init("jobs", type: .counter, help: "Done.")).increment(by: 3)
    try registry.gauge(.init("depth", type: .gauge, help: "Waiting.")).set(2)
  }

  func respond(
    _ path: String = "/metrics", method: HTTPRequest.Method = .get, _ fields: HTTPFields = [:],
    configure: (Router<LooseContext>) -> Void
  ) async throws -> (response: Response, body: [UInt8]) {
    let router = Router(context: LooseContext.self)
    configure(router)
    let head = HTTPRequest(
      method: method, scheme: "http", authority: "localhost", path: path, headerFields: fields)
    let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
    let response = try await router.buildResponder().respond(
      to: request, context: LooseContext(source: LooseContext.Source()))
    let body = CollectedBody()
    try await response.body.write(body)
    return (response, body.bytes)
  }

  @Test("one line serves a registry, by default as text 0.0.4")
  func oneLine() async throws {
    let (response, body) = try await respond { $0.addMetrics(registry) }
    #expect(response.status == .ok)
    #expect(response.headers[.contentType]?.hasPrefix("text/plain; version=0.0.4; charset=utf-8") == true)
    #expect(response.headers[.contentLength] == "\(body.count)")
    let families = try ExpositionFormat.text004.strictlyParsed(body)
    #expect(families.map(\.name) == ["depth", "jobs"])
  }

  @Test("the header Accept chooses the format")
  func accept() async throws {
    let fields: HTTPFields = [.accept: "application/openmetrics-text;version=1.0.0"]
    let (response, body) = try await respond("/metrics", fields) { $0.addMetrics(registry) }
    #expect(response.headers[.contentType]?.hasPrefix("application/openmetrics-text; version=1.0.0") == true)
    #expect(try ExpositionFormat.openMetrics1.strictlyParsed(body).count == 2)
  }

  @Test(
    "the query restricts the answer, with brackets plain or encoded", arguments: ["name[]", "name%5B%5D"])
  func names(_ parameter: String) async throws {
    let (_, body) = try await respond("/metrics?\(parameter)=jobs_total") { $0.addMetrics(registry) }
    #expect(try ExpositionFormat.text004.strictlyParsed(body).map(\.name) == ["jobs"])
  }

  @Test("a scraper that takes gzip gets it")
  func gzip() async throws {
    let options = ScrapeHandler.Options(gzipThreshold: 0)
    let (response, body) = try await respond("/metrics", [.acceptEncoding: "gzip"]) {
      $0.addMetrics(registry, options: options)
    }
    #expect(response.headers[.contentEncoding] == "gzip")
    #expect(body.starts(with: [0x1F, 0x8B]))
    #expect(response.headers[.contentLength] == "\(body.count)")
  }

  @Test("HEAD has the headers and no body")
  func head() async throws {
    let (response, body) = try await respond(method: .head) { $0.addMetrics(registry) }
    #expect(response.status == .ok)
    #expect(body.isEmpty)
    #expect(response.headers[.contentType] != nil)
  }

  @Test("another path, in a group, and a shared handler are served too")
  func elsewhere() async throws {
    let handler = ScrapeHandler(registry: registry)
    let (response, _) = try await respond("/internal/prometheus") {
      $0.group("internal").addMetrics(handler, at: "prometheus")
    }
    #expect(response.status == .ok)
  }

  @Test("other methods are not answered")
  func otherMethods() async throws {
    let (response, body) = try await respond(method: .post) { $0.addMetrics(registry) }
    #expect(response.status == .notFound)
    #expect(body.isEmpty)
  }

  @Test("a server answers a scrape that comes over the network")
  func network() async throws {
    let router = Router()
    router.addMetrics(registry)
    let (ports, found) = AsyncStream.makeStream(of: Int.self)
    let application = Application(
      router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { found.yield($0.localAddress?.port ?? 0) }, logger: LooseContext.Source().logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await application.run() }
      let port = try #require(await ports.first { _ in true })
      var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)/metrics")))
      request.setValue("application/openmetrics-text;version=1.0.0", forHTTPHeaderField: "Accept")
      let (body, response) = try await URLSession.shared.data(for: request)
      #expect((response as? HTTPURLResponse)?.statusCode == 200)
      #expect(try ExpositionFormat.openMetrics1.strictlyParsed(Array(body)).map(\.name) == ["depth", "jobs"])
      group.cancelAll()
    }
  }
}

/// Keeps what a response writes.
private final class CollectedBody: ResponseBodyWriter {
  private(set) var bytes: [UInt8] = []

  func write(_ buffer: ByteBuffer) async throws { bytes += buffer.readableBytesView }

  consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
