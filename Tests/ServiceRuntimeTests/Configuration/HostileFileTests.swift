import ServiceRuntime
import Testing

@Suite("Hostile configuration files")
struct HostileFileTests {
  private func problem(_ text: String) throws -> String? {
    let folder = try TemporaryFolder()
    return Fixture.problem(file: try folder.write("a.yml", text))
  }

  @Test("an empty file, or one of comments and empty sections, sets nothing")
  func empty() throws {
    for text in ["", "# nothing\n", "---\n", "feed:\n", "feed: ~\n  # name: sim\n"] {
      #expect(try problem(text) == nil)
    }
  }

  @Test("a key set twice is refused, nested or dotted")
  func duplicates() throws {
    #expect(try problem("feed:\n  name: sim\n  name: sim\n")?.contains("name is set twice") == true)
    #expect(try problem("feed.name: sim\nfeed:\n  name: sim\n")?.contains("feed.name is set twice") == true)
  }

  @Test("an oversized file is refused before it is parsed")
  func oversized() throws {
    #expect(try problem(String(repeating: "# padding\n", count: 30_000))?.contains("larger than") == true)
  }

  @Test("bytes that are not UTF-8 are refused")
  func notUTF8() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("a.yml", bytes: Array("label: ".utf8) + [0xff, 0xfe, 0x0a])
    #expect(Fixture.problem(file: file)?.hasSuffix("not UTF-8") == true)
  }

  @Test("aliases that multiply are refused at once")
  func bomb() throws {
    var text = "a0: &a0 [x, x]\n"
    for level in 1..<40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    text += "? *a39\n: x\n"
    let start = ContinuousClock.now
    #expect(try problem(text)?.contains("anchors and aliases") == true)
    // Worked out they would be 2^40 words.
    #expect(ContinuousClock.now - start < .seconds(60))
    #expect(try problem("feed: &f {name: sim}\n")?.contains("anchors and aliases") == true)
  }

  @Test("nesting without end is refused")
  func nesting() throws {
    #expect(try problem(String(repeating: "[", count: 100_000)) != nil)
    #expect(
      try problem("label: " + String(repeating: "{a: ", count: 500) + String(repeating: "}", count: 500))
        != nil)
    #expect(try problem(String(repeating: "- ", count: 50_000)) != nil)
  }

  @Test(
    "what is no mapping of settings is refused with its line",
    arguments: [
      "- a\n- b\n", "just text\n", "feed:\n  symbols: [{a: b}]\n", "feed:\n  symbols:\n    - [a]\n",
      "? [a]\n: b\n", "feed: [a\n", "a: b: c\n", "\tfeed: x\n", "label: a\n---\nlabel: b\n", "label: *x\n",
      "feed: {name: [sim]}\n", "feed: text\n", "label: {a: b}\n", "label: \"a\\0b\"\n",
    ])
  func wrongShapes(text: String) throws {
    #expect(try problem(text) != nil)
  }

  @Test("case 15: a secret written into the file is refused, and not repeated in the message")
  func inlineSecret() throws {
    let message = try #require(try problem("api:\n  token: hunter2\n"))
    #expect(message.contains("api.token is a secret"))
    #expect(message.contains("api.token_file"))
    #expect(!message.contains("hunter2"))
    #expect(Fixture.problem(flags: ["api.token": "hunter2"])?.contains("hunter2") == false)
  }

  @Test("a broken file's error does not print its lines")
  func noSnippets() throws {
    let message = try #require(try problem("api:\n  token: hunter2\n bad: [\n"))
    #expect(!message.contains("hunter2"))
    #expect(message.contains("a.yml:"))
  }
}
