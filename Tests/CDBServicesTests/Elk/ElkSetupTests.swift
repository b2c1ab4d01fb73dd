import Foundation
import LogShipping
import ServiceRuntime
import Testing

@testable import CDBServices

@Suite("What a server of log lines is given")
struct ElkSetupTests {
  private static let folder = URL(filePath: #filePath).appending(path: "../../../../elk").standardized

  @Test("the binary has the folder's files as they are written, and no other; a new one is entered in CElk")
  func complete() throws {
    var written: [String: String] = [:]
    for folder in try FileManager.default.contentsOfDirectory(atPath: Self.folder.path())
    where !folder.contains(".") {
      let files = try FileManager.default.contentsOfDirectory(
        atPath: Self.folder.appending(path: folder).path())
      for file in files {
        let path = "\(folder)/\(file)"
        written[path] = try String(contentsOf: Self.folder.appending(path: path), encoding: .utf8)
      }
    }
    #expect(written.count > 5, "hardly any files; the test looks in the wrong place")
    #expect(Dictionary(uniqueKeysWithValues: ElkFiles.all.map { ($0.path, $0.text) }) == written)
    #expect(try ElkFiles.artefacts().count == ElkFiles.all.count - 1)
    #expect(ElkFiles.savedObjects.contains("\"type\":\"index-pattern\""))
  }

  @Test("what is checked are the data streams of the index template")
  func pattern() throws {
    let text = try #require(ElkFiles.all.first { $0.path.hasPrefix("index-templates/") }?.text)
    let template = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    #expect((template?["index_patterns"] as? [String])?.joined(separator: ",") == ElkSetup.pattern)
  }

  private static func setup(_ further: [String: String] = [:]) throws -> ElkSetup {
    try ElkSetup(
      CDBConfiguration.load(
        file: nil, environment: [:], flags: ["ship.urls": "http://one:9200"].merging(further) { $1 }))
  }

  @Test("no files have to be named to ask a server, and a time that is none is refused")
  func settings() throws {
    _ = try Self.setup()
    _ = try Self.setup(["elk.retention": "12h"])
    for retention in ["30", "0d", "-1d", "30 d", "1w", "1000000d"] {
      let error = #expect(throws: InvalidSetting.self) { _ = try Self.setup(["elk.retention": retention]) }
      #expect(error?.key == "elk.retention", "\(retention)")
    }
    #expect(throws: InvalidSetting.self) {
      _ = try ElkSetup(CDBConfiguration.load(file: nil, environment: [:], flags: [:]))
    }
  }

  /// As a server would have it: everything there but for what `findings` say.
  private static func report(_ findings: [String]) throws -> SearchSetup.Report {
    let steps = findings.map {
      "{\"kind\":\"index template\",\"name\":\"t\",\"finding\":\"\($0)\",\"differences\":[\"a: b\"],\"isPut\":false}"
    }
    let text = """
      {"server":{"product":"Elasticsearch","version":"9.1.0","isServerless":false,"hasPolicies":true,"hasPipelines":true},
      "steps":[\(steps.joined(separator: ","))]}
      """
    return try JSONDecoder().decode(SearchSetup.Report.self, from: Data(text.utf8))
  }

  private static func check(_ findings: [String], newest: Int64?) throws -> ElkCheck {
    let newest = newest.map { ",\"newest\":\($0),\"index\":\"i\"" } ?? ""
    let freshness = try JSONDecoder().decode(
      SearchSetup.Freshness.self, from: Data("{\"documents\":3\(newest)}".utf8))
    return ElkCheck(
      report: try report(findings), freshness: freshness, freshWithin: .seconds(60), now: 1_000_000)
  }

  @Test("it is good where everything is there and the newest line is fresh; a later version is none of ours")
  func verdict() throws {
    #expect(try Self.check(["same", "newer"], newest: 940_000).isGood)
    #expect(try !Self.check(["same"], newest: 939_999).isGood)
    #expect(try !Self.check(["same"], newest: nil).isGood)
    #expect(try !Self.check(["same", "missing"], newest: 999_000).isGood)
    let differs = try Self.check(["differs"], newest: 990_000)
    #expect(
      !differs.isGood
        && differs.text == [
          "Elasticsearch 9.1.0", "index template t: differs", "  a: b", "3 lines, the newest 10 s old in i",
        ])
    #expect(try Self.check(["same"], newest: nil).text.last == "no line is there: cdb ship sends them")
  }
}
