import Foundation
import Glibc
import Testing

/// The page at `/` of a real run, as a person sees it.
@Suite(
  "The status page in a browser", .twoAtATime, .needsChromium,
  .needsPython("websocket, axe_playwright_python"))
struct StatusPageTests {
  /// A run that has traded, and its page after a scenario.
  private func scenario(_ name: String) async throws -> StatusPageBrowser.Figures {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      return try await run.during { child in
        try await run.gate(is: "open")
        try await run.firstFill()
        let figures = try await StatusPageBrowser.figures(of: StatusPageBrowser.start(name, run))
        print("\(name): \(figures)")
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
        return figures
      }
    }
  }

  @Test(
    "at three widths, light and dark, in both languages: nothing sticks out, WCAG 2.2 AA holds, the console is silent"
  )
  func looks() async throws {
    _ = try await scenario("looks")
  }

  @Test("it moves with what happens, and leaves focus, scroll, and what is typed and open alone")
  func moves() async throws {
    let watch = PromiseWatch()
    let figures = try await scenario("moves")
    let pause = try #require(figures["longest_pause_ms"]?.number)
    #expect(pause < 4_000 * watch.stretch, "nothing moved for \(pause) ms")
  }

  @Test(
    "by the keyboard alone: every control, a stop that is seen within two seconds, a resume that asks once more"
  )
  func operates() async throws {
    let watch = PromiseWatch()
    let figures = try await scenario("operates")
    let seen = try #require(figures["stop_seen_ms"]?.number)
    #expect(seen < 2_000 * watch.stretch)
  }

  @Test("the answer leads to its playbook, and the playbooks can be read at three widths and lead on")
  func playbooks() async throws {
    #expect(try await scenario("playbooks")["playbook"]?.text == "kill_switch")
  }

  @Test("it is whole without JavaScript")
  func withoutScript() async throws {
    _ = try await scenario("without_script")
  }

  @Test("it says that the connection is lost, and goes on when the server is back")
  func reconnects() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      let script: ChildProcess = try await run.during { child in
        try await run.gate(is: "open")
        let script = try StatusPageBrowser.start("reconnects", run)
        _ = try await eventually("the page is connected; \(script.errors)") {
          FileManager.default.fileExists(atPath: folder + "/connected") || script.exit != nil ? true : nil
        }
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
        return script
      }
      try await run.during { child in
        try Data().write(to: URL(filePath: folder + "/restarted"))
        let figures = try await StatusPageBrowser.figures(of: script)
        print("reconnects: \(figures)")
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
      }
    }
  }
}

/// What the page and the API say of each other.
@Suite("The status page and the catalogue of operations", .twoAtATime)
struct StatusPageCatalogueTests {
  private struct Listing: Decodable {
    struct Item: Decodable {
      struct Parameter: Decodable {
        var name: String
        var required: Bool
      }
      var name: String
      var effect: String
      var parameters: [Parameter]
    }
    var operations: [Item]
  }

  @Test("every operation that changes something is on the page with all its fields, and no other is")
  func operations() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { child in
        let catalogue = try await HTTP.get(run.port, "/api/v1/operations").json(as: Listing.self)
        let changing = catalogue.operations.filter { $0.effect == "change" }
        #expect(changing.count >= 4)
        for language in ["en", "de"] {
          let page = try await HTTP.get(run.port, "/?language=\(language)").body
          let forms = page.split(separator: "<form class=\"operation\"").dropFirst().map { form in
            form.prefix(
              form.firstRange(of: "</form>").map { form.distance(from: form.startIndex, to: $0.lowerBound) }
                ?? 0)
          }
          func values(_ attribute: String, _ form: Substring) -> [String] {
            form.split(separator: " \(attribute)=\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
          }
          #expect(Set(forms.compactMap { values("data-operation", $0).first }) == Set(changing.map(\.name)))
          #expect(forms.count == changing.count)
          for operation in changing {
            let form = try #require(forms.first { values("data-operation", $0).first == operation.name })
            #expect(values("name", form) == operation.parameters.map(\.name), "\(operation.name)")
            #expect(
              form.components(separatedBy: " required").count - 1
                == operation.parameters.count(where: \.required))
          }
        }
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
      }
    }
  }
}
