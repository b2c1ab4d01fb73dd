import CDBDomain
import CDBGate
import CDBPipeline
import Foundation
import HTTPTransport
import Logging
import ServiceLifecycle
import ServiceRuntime
import Testing

@testable import CDBServices

@Suite("The status page over a real socket")
struct StatusPageTests {
  /// A page on a free port.
  private struct Served {
    var board: PipelineBoard
    var gateBoard: GateBoard
    var page: StatusPage
    var port: Int
    var group: ServiceGroup

    func get(_ target: String, _ headers: [(name: String, value: String)] = []) async throws -> HTTPResponse {
      let client = HTTPClient()
      defer { client.shutdown() }
      return try await client.send(HTTPRequest(url: "http://127.0.0.1:\(port)\(target)", headers: headers))
    }

    func watcher(_ query: String = "", headers: [String] = []) throws -> EventReader {
      try EventReader(port: port, "/events\(query)", headers: headers)
    }
  }

  private func served(
    maximumWatchers: Int = 4, drainTimeout: Duration = .seconds(2), _ body: (Served) async throws -> Void
  ) async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "cdb-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let board = PipelineBoard.fixture(startedAt: PageFixture.now)
    let gateBoard = GateBoard(thresholds: DiagnosisThresholds())
    gateBoard.update(PageFixture.gate(.open), nil)
    let page = StatusPage(
      StatusPage.Sources(
        board: board, gateBoard: gateBoard, answers: nil,
        store: try SQLiteStore(path: directory + "/store.sqlite"),
        stopFile: MarkerFile(path: directory + "/STOP")),
      document: PageDocument(try PageDocumentTests.catalogue(), revision: "r"),
      maximumWatchers: maximumWatchers)
    let endpoint = ServiceEndpoint(
      configuration: EndpointConfiguration(listen: ListenAddress(port: 0), drainTimeout: drainTimeout),
      routes: page.routes,
      logger: logger)
    let group = ServiceGroup(services: [endpoint, page], gracefulShutdownSignals: [], logger: logger)
    let run = Task { try await group.run() }
    do {
      try await body(
        Served(
          board: board, gateBoard: gateBoard, page: page, port: try await endpoint.address.port, group: group)
      )
    } catch {
      run.cancel()
      throw error
    }
    await group.triggerGracefulShutdown()
    try await run.value
  }

  @Test("the page is whole, is not kept by caches, and is in the language that is asked for")
  func page() async throws {
    try await served { served in
      let english = try await served.get("/")
      #expect(english.status == 200)
      func header(_ name: String) -> [String] {
        english.headers.filter { $0.name.lowercased() == name }.map(\.value)
      }
      #expect(header("content-type") == ["text/html; charset=utf-8"])
      #expect(header("cache-control") == ["no-store"])
      #expect(header("x-content-type-options") == ["nosniff"])
      #expect(header("content-security-policy").first?.contains("frame-ancestors 'none'") == true)
      let text = String(decoding: english.body, as: UTF8.self)
      #expect(MarkupCheck(text).faults.isEmpty)
      #expect(text.contains(#"<html lang="en""#) && text.contains("No order yet."))
      let german = try await served.get("/", [("Accept-Language", "de-DE,en;q=0.5")])
      #expect(String(decoding: german.body, as: UTF8.self).contains("Noch keine Order."))
      let asked = try await served.get("/?language=en", [("Accept-Language", "de")])
      #expect(String(decoding: asked.body, as: UTF8.self).contains(#"<html lang="en""#))
      #expect(try await served.get("/", [("Host", "evil.example")]).status == 421)
      #expect(try await served.get("/events", [("Origin", "http://evil.example")]).status == 403)
    }
  }

  @Test("playbooks are served by the names that there are, and by no others, as safely as the page")
  func playbooks() async throws {
    try await served { served in
      let page = try await served.get("/playbooks/silent_feed")
      #expect(page.status == 200)
      func header(_ name: String, _ answer: HTTPResponse) -> [String] {
        answer.headers.filter { $0.name.lowercased() == name }.map(\.value)
      }
      let status = try await served.get("/")
      for name in [
        "content-type", "cache-control", "x-content-type-options", "referrer-policy", "x-frame-options",
        "cross-origin-opener-policy", "cross-origin-resource-policy", "permissions-policy",
      ] {
        #expect(header(name, page).count == 1 && header(name, page) == header(name, status), "\(name)")
      }
      let policy = try #require(header("content-security-policy", page).first)
      #expect(policy.hasPrefix("default-src 'none'; style-src 'sha256-") && !policy.contains("script-src"))
      #expect(header("content-language", page) == ["en"])
      #expect(String(decoding: page.body, as: UTF8.self).contains("<h2>Meaning</h2>"))
      let german = try await served.get("/playbooks/de/silent_feed", [("Accept-Language", "en")])
      #expect(header("content-language", german) == ["de"])
      #expect(String(decoding: german.body, as: UTF8.self).contains("<h2>Bedeutung</h2>"))
      for index in ["/playbooks/", "/playbooks/de/"] { #expect(try await served.get(index).status == 200) }
      for name in [
        "silent_fee", "silent_feed.md", "Silent_feed", "silent_feed/", "/silent_feed", "%73ilent_feed",
        "README",
        "de", "de/nothing", "en/silent_feed", "de/de/silent_feed", "..%2fREADME", "%2e%2e/", "silent_feed%00",
      ] {
        let status = try await served.get("/playbooks/\(name)").status
        #expect(status == 404, "\(name)")
      }
    }
  }

  @Test("a change arrives within two seconds, and only the section that has changed")
  func change() async throws {
    try await served { served in
      // As a browser does: first the page, for which the store is read.
      #expect(try await served.get("/").status == 200)
      let watcher = try served.watcher()
      try await eventually("every section came") {
        PageSection.allCases.allSatisfy { watcher.count($0.rawValue) >= 1 } && watcher.count("beat") >= 2
      }
      #expect(watcher.count("checks") == 1)
      #expect(watcher.text.contains("Content-Type: text/event-stream"))
      // The fastest of three, on a machine that does other things too.
      var fastest = Duration.seconds(3_600)
      for (number, state) in [GateState.tripped, .open, .tripped].enumerated() {
        let start = ContinuousClock.now
        served.gateBoard.update(PageFixture.gate(state), nil)
        try await eventually("the gate's section came again") { watcher.count("checks") == number + 2 }
        fastest = min(fastest, ContinuousClock.now - start)
      }
      #expect(fastest < .seconds(2))
      #expect(watcher.text.split(separator: "event: checks").last?.contains("tripped") == true)
      #expect(watcher.count("trades") == 1 && watcher.count("account") == 1)

      // Who comes back is told what he has missed, and no more.
      let ids = watcher.text.ranges(of: /id: (\S+)\n/).map { watcher.text[$0].dropFirst(4).dropLast() }
      let position = try #require(ids.last)
      let back = try served.watcher(headers: ["Last-Event-ID: \(position)"])
      let anew = try served.watcher("?after=other-\(position.split(separator: "-")[1])")
      try await eventually("both hear the beat") { back.count("beat") > 0 && anew.count("beat") > 0 }
      #expect(back.count("trades") == 0 && back.count("account") == 0)
      #expect(anew.count("trades") == 1 && anew.count("account") == 1)
    }
  }

  @Test("each watcher has his language")
  func languages() async throws {
    try await served { served in
      let german = try served.watcher("?language=de")
      let english = try served.watcher()
      try await eventually("both have the gate") {
        german.count("checks") == 1 && english.count("checks") == 1
      }
      #expect(german.text.contains("offen") && !german.text.contains("<span>open</span>"))
      #expect(english.text.contains("<span>open</span>"))
    }
  }

  @Test("more than may watch are told to come later, and there is room again when one goes")
  func limit() async throws {
    try await served(maximumWatchers: 2) { served in
      let first = try served.watcher()
      let second = try served.watcher()
      try await eventually("two watch") { await served.page.watching == 2 }
      let refused = try await served.get("/events")
      #expect(refused.status == 503)
      #expect(refused.headers.contains { $0.name.lowercased() == "retry-after" && $0.value == "5" })
      #expect(try await served.get("/").status == 200)
      first.leave()
      try await eventually("one has gone") { await served.page.watching == 1 }
      let third = try served.watcher()
      try await eventually("the third is told") { third.count("beat") > 0 }
      #expect(!second.hasEnded)
    }
  }

  @Test("one who takes nothing holds up nobody")
  func slow() async throws {
    try await served { served in
      let slow = try EventReader(port: served.port, "/events", reads: false)
      let quick = try served.watcher()
      try await eventually("both watch") { await served.page.watching == 2 }
      for round in 2...4 {
        served.gateBoard.update(PageFixture.gate(round.isMultiple(of: 2) ? .tripped : .open), nil)
        try await eventually("round \(round) came") { quick.count("checks") == round }
      }
      withExtendedLifetime(slow) {}
    }
  }

  @Test("the drain ends the streams as complete bodies, and does not wait for them")
  func drain() async throws {
    try await served(drainTimeout: .seconds(600)) { served in
      let watcher = try served.watcher()
      try await eventually("he is told") { watcher.count("beat") > 0 }
      let start = ContinuousClock.now
      await served.group.triggerGracefulShutdown()
      try await eventually("the stream has ended") { watcher.hasEnded }
      #expect(watcher.text.hasSuffix("0\r\n\r\n"), "\(watcher.text.suffix(100))")
      // The endpoint's own limit is ten minutes.
      #expect(ContinuousClock.now - start < .seconds(300))
    }
  }

  @Test("a HEAD asks for no stream")
  func head() async throws {
    try await served { served in
      let client = HTTPClient()
      defer { client.shutdown() }
      let answer = try await client.send(
        HTTPRequest(method: "HEAD", url: "http://127.0.0.1:\(served.port)/events"))
      #expect(answer.status == 200 && answer.body.isEmpty)
      #expect(await served.page.watching == 0)
    }
  }
}
