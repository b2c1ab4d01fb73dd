import Foundation
import Testing

@Suite("What the playbooks tell to type", .twoAtATime)
struct PlaybookTests {
  @Test("every command of every page exists and answers yes or no, and every address answers")
  func commands() async throws {
    let commands = try Playbooks.commands()
    #expect(commands.count > 20, "hardly any commands; the test looks in the wrong place")
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { _ in
        try await run.gate(is: "open")
        for command in commands {
          if command.hasPrefix("curl ") {
            let path = try #require(Playbooks.path(of: command), "\(command)")
            let status = try await HTTP.get(run.port, path).status
            #expect(status == 200 || status == 503, "\(command): \(status)")
          } else {
            let finished = try await CDB.run(Playbooks.arguments(of: command, on: run), in: folder)
            #expect(
              [ChildProcess.Exit.code(0), .code(1)].contains(finished.exit),
              "\(command): \(finished.exit) \(finished.told)")
          }
        }
      }
    }
  }

  @Test("every metric that a page names is in the catalogue")
  func metrics() async throws {
    struct Metric: Decodable { var name: String }
    try await withTemporaryDirectory { folder in
      let catalogue = try await CDB.run(["metrics", "catalog", "--format", "json"], in: folder)
      let known = try catalogue.json(as: [Metric].self).flatMap { [$0.name, $0.name + "_total"] }
      for (name, text) in try Playbooks.pages() {
        for match in text.matches(of: /cdb_[a-z_]+/) {
          // The beginning of a name stands for all that begin so.
          let named = match.output
          #expect(known.contains { $0.hasPrefix(named) }, "\(name): \(named)")
        }
      }
    }
  }

  @Test("every setting that a page names exists")
  func settings() async throws {
    struct Listing: Decodable {
      struct Entry: Decodable { var key: String }
      var entries: [Entry]
    }
    try await withTemporaryDirectory { folder in
      let finished = try await CDB.run(["config", "--json"], in: folder)
      let keys = Set(try finished.json(as: Listing.self).entries.map(\.key))
      let groups = Set(keys.filter { $0.contains(".") }.map { String($0.prefix { $0 != "." }) })
      for (name, text) in try Playbooks.pages() {
        for match in text.matches(of: /`([a-z_]+)(\.[a-z0-9_.]+)`/) {
          guard groups.contains(String(match.output.1)) else { continue }
          let key = String(match.output.1 + match.output.2)
          #expect(keys.contains(key), "\(name): \(key)")
        }
      }
    }
  }
}

/// The pages of docs/04_incident-management/playbooks.
enum Playbooks {
  static let folder = Surroundings.repository + "/docs/04_incident-management/playbooks"

  /// What stands in a command for something else, and what it is for a run.
  static func values(on run: LiveRun) -> [String: String] { ["data": run.dataDirectory] }

  /// The pages of every language.
  static func pages() throws -> [(name: String, text: String)] {
    try pages(in: folder) + pages(in: folder + "/de")
  }

  static func pages(in folder: String) throws -> [(name: String, text: String)] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".md") }.sorted().map {
      (name: "\(folder)/\($0)", text: try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8))
    }
  }

  /// The lines of all `sh` fences without their comments, each once, but for those that start a process that stays.
  /// Of the English pages: in other languages they are the same, but for what a person says in quotes.
  ///
  /// Backwards by their letters, so that a stop comes before the resume that ends it, and that before the opening.
  static func commands() throws -> [String] {
    var commands: Set<String> = []
    for (_, text) in try pages(in: folder) {
      var isCode = false
      for line in text.split(separator: "\n") {
        if line.hasPrefix("```") {
          isCode = line == "```sh"
        } else if isCode {
          let command = line.firstRange(of: " #").map { line[..<$0.lowerBound] } ?? line
          commands.insert(command.trimmingCharacters(in: .whitespaces))
        }
      }
    }
    return commands.filter { !$0.hasPrefix("cdb run") && !$0.hasPrefix("cdb exchange") }.sorted(by: >)
  }

  /// The arguments of a `cdb` command, with the run's address and directory where it takes them.
  static func arguments(of command: String, on run: LiveRun) -> [String] {
    let known = values(on: run)
    let arguments = words(of: command).dropFirst().map { known[$0] ?? $0 }
    let directory = ["--data-dir", run.dataDirectory]
    return switch (arguments.first, arguments.dropFirst().first) {
    case ("gate", "verify"), ("config", _), ("store", _): arguments + directory
    case ("why", _), ("gate", _), ("incident", _), ("block", _), ("stop", _), ("resume", _):
      arguments + directory + ["--listen", "127.0.0.1:\(run.port)"]
    default: arguments
    }
  }

  /// Words between blanks; what stands in double quotes is one.
  static func words(of line: String) -> [String] {
    var words: [String] = []
    var word: String?
    var isQuoted = false
    for character in line {
      if character == "\"" {
        isQuoted.toggle()
        word = word ?? ""
      } else if character == " ", !isQuoted {
        if let word { words.append(word) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let word { words.append(word) }
    return words
  }

  /// What a `curl` command asks a run for, or the gate service, which has the same addresses.
  static func path(of command: String) -> String? {
    guard
      let address = command.firstRange(of: "localhost:8000") ?? command.firstRange(of: "127.0.0.1:8004")
    else { return nil }
    return String(command[address.upperBound...].prefix { $0 != " " && $0 != "'" })
  }
}
