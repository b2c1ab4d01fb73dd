import Foundation
import OpenMetrics
import Testing

@testable import CDBServices

@Suite("Drift in files")
struct DriftLintTests {
  /// Lints files of these names and texts.
  private func lint(
    _ files: [String: String], paths: [String]? = nil, scrapes: [DriftLint.Scrape] = []
  ) throws -> LintReport {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lint-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
      let file = folder.appending(path: name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: false, encoding: .utf8)
    }
    let named = (paths ?? [""]).map { $0.isEmpty ? folder.path : folder.appending(path: $0).path }
    return try DriftLint(catalogue: LintFixture.catalogue, scrapes: scrapes).run(named)
  }

  /// `file:line kind` of each finding, without the folder.
  private func places(_ report: LintReport) -> [String] {
    report.findings.map { "\(URL(filePath: $0.file).lastPathComponent):\($0.line) \($0.kind.rawValue)" }
  }

  private static let rules = """
    groups:
      - name: a
        rules:
          - record: shop:orders:rate5m
            expr: sum by (side) (rate(shop_orders_total[5m]))
          - alert: Shut
            expr: |
              shop_state{shop_state="shut"}
                == 1
            annotations:
              summary: "{{ $labels.shelf }} is shut"
              runbook_url: http://127.0.0.1:8000/playbooks/stalled
    """
  private static let tests = """
    rule_files: [a.rules.yml]
    tests:
      - input_series: [{series: 'shop_state{shelf="1", shop_state="shut"}', values: '1x10'}]
        alert_rule_test:
          - {eval_time: 1m, alertname: Shut, exp_alerts: [{}]}
          - {eval_time: 9m, alertname: Shut, exp_alerts: []}
    """

  @Test(
    "rules with their tests are clean, and the tests are found beside them", arguments: ["", "a.rules.yml"])
  func clean(path: String) throws {
    let report = try lint(["a.rules.yml": Self.rules, "a.tests.yml": Self.tests], paths: [path])
    #expect(report.findings.isEmpty, "\(report.text)")
    #expect(report.metrics == ["shop_orders_total", "shop_state"])
    #expect(report.text.hasSuffix(": nothing found"))
  }

  @Test(
    "a change of one word is found on its line",
    arguments: [
      ("shop_state=\"shut\"", "shop_state=\"shot\"", ["a.rules.yml:8 unknown_value"]),
      ("$labels.shelf", "$labels.shelv", ["a.rules.yml:11 unknown_label"]),
      (
        "          runbook_url: http://127.0.0.1:8000/playbooks/stalled", "          title: x",
        ["a.rules.yml:6 no_runbook"]
      ),
      ("playbooks/stalled", "playbooks/staled", ["a.rules.yml:12 unknown_runbook"]),
      ("playbooks/stalled", "playbooks/check-{{ $labels.shelf }}", ["a.rules.yml:12 unknown_runbook"]),
      ("playbooks/stalled", "elsewhere/stalled", ["a.rules.yml:12 unknown_runbook"]),
      ("== 1", "= 1", ["a.rules.yml:9 syntax"]),
      ("rate(shop_orders_total[5m])", "shop_orders_total", ["a.rules.yml:5 bare_counter"]),
      (
        "alert: Shut", "alert: Closed",
        [
          "a.rules.yml:6 no_firing_test", "a.rules.yml:6 no_silent_test", "a.tests.yml:5 unknown_alert",
          "a.tests.yml:6 unknown_alert",
        ]
      ),
    ])
  func drifted(old: String, new: String, expected: [String]) throws {
    #expect(Self.rules.contains(old))
    let report = try lint(["a.rules.yml": Self.rules.replacing(old, with: new), "a.tests.yml": Self.tests])
    #expect(places(report) == expected, "\(report.text)")
  }

  @Test("tests that pretend what nobody exports, or leave out one side, are found")
  func driftedTests() throws {
    for (old, new, expected) in [
      ("series: 'shop_state{shelf", "series: 'shop_state{shelv", ["a.tests.yml:3 unknown_label"]),
      ("exp_alerts: [{}]", "exp_alerts: []", ["a.rules.yml:6 no_firing_test"]),
      ("exp_alerts: []", "exp_alerts: [{}]", ["a.rules.yml:6 no_silent_test"]),
      ("[a.rules.yml]", "[b.rules.yml]", ["a.rules.yml:6 no_firing_test", "a.rules.yml:6 no_silent_test"]),
    ] {
      let report = try lint(["a.rules.yml": Self.rules, "a.tests.yml": Self.tests.replacing(old, with: new)])
      #expect(places(report) == expected, "\(report.text)")
    }
  }

  @Test(
    "panels, annotations and variables of a dashboard are looked at, and queries of other sources are not")
  func dashboard() throws {
    let json = """
      {
        "annotations": {"list": [{"expr": "changes(shop_stat[1m])"}]},
        "panels": [
          {"type": "row", "panels": [
            {"targets": [{"expr": "rate(shop_orders_total{side=~\\"$side\\"}[$__rate_interval])"},
                         {"expr": "shop_opened"}]}]},
          {"datasource": {"type": "loki"}, "targets": [{"expr": "{job=\\"x\\"} |= `y`"}]}
        ],
        "templating": {"list": [
          {"type": "query", "query": {"query": "label_values(shop_orders_total, sight)"}},
          {"type": "query", "query": "label_values(shop_orders_total{side=\\"x\\"}, reason)"},
          {"type": "query", "query": "query_result(shop_orders_total)"},
          {"type": "query", "query": "label_values(job)"},
          {"type": "custom", "query": "label_values(nobody, x)"}
        ]}
      }
      """
    let report = try lint(["d.json": json, "schema.json": #"{"type": "object"}"#])
    #expect(
      places(report) == [
        "d.json:2 unknown_metric", "d.json:6 unknown_metric", "d.json:10 unknown_label",
        "d.json:12 bare_counter",
      ], "\(report.text)")
    let wrapped = try lint(["d.json": #"{"dashboard": {"panels": [{"targets": [{"expr": "shop_opened"}]}]}}"#]
    )
    #expect(places(wrapped) == ["d.json:1 unknown_metric"])
  }

  @Test("a dashboard may be written as JSON can be: tabs, escapes, one line")
  func written() throws {
    let json =
      #"{"title": "\ud83d\ude00 \u003c \/ \\ud83d", "panels": [@{"targets": [{"expr": "1 <@shop_opened"}]}]}"#
    for (blank, line) in [("\n\t", 2), (" ", 1), ("\n", 2)] {
      let text = json.replacing("[@", with: "[" + blank).replacing("<@", with: #"\u003c\n "#)
      #expect(places(try lint(["d.json": text])) == ["d.json:\(line) unknown_metric"], "\(text)")
    }
  }

  @Test("of a page the blocks of PromQL are looked at")
  func page() throws {
    let page = """
      `shop_nothing` in a line is not.

      ```promql
      # how many
      rate(shop_orders_total[5m])

      sum by (side) (
        rate(shop_order_total[5m])
      )
      ```

      ```sh
      shop_nothing
      ```
        ````promql
        shop_opened
        ````
      """
    #expect(places(try lint(["p.md": page])) == ["p.md:8 unknown_metric", "p.md:16 unknown_metric"])
  }

  @Test("what a scrape has of ours and the catalogue does not is said")
  func undeclared() throws {
    let text = """
      # TYPE cdb_restarts counter
      cdb_restarts_total{kind="sudden",place="here"} 1
      # TYPE cdb_new gauge
      cdb_new 1
      # EOF

      """
    let families = try ExpositionParser(format: .openMetrics1, mode: .lenient).parse(Array(text.utf8))
      .families
    let report = try lint(["p.md": ""], scrapes: [.init(place: "scrape", families: families)])
    #expect(report.findings.map(\.kind) == [.undeclared, .undeclared, .undeclared], "\(report.text)")
    for words in ["kind=\"sudden\"", "the label place", "cdb_new"] {
      #expect(report.findings.contains { $0.message.contains(words) }, "\(words)")
    }
  }

  @Test(
    "hostile files are refused with their place, or read without harm",
    arguments: [
      "groups: [", "groups: " + String(repeating: "[", count: 100_000),
      String(repeating: "- ", count: 50_000),
      "a: &a [x]\ngroups:\n" + String(repeating: "  - *a\n", count: 40), "groups: [{rules: [{alert: a}]}]",
      "groups: [{rules: [{alert: a, record: b, expr: c}]}]", "a: 1\na: 2\n", "groups: *x\n", "\u{1}",
    ])
  func hostile(text: String) throws {
    #expect(throws: LintRefusal.self) { try lint(["a.yml": text], paths: ["a.yml"]) }
  }

  @Test("in a folder what is of no known kind is passed over, and named it is refused")
  func kinds() throws {
    let report = try lint(["a/other.yml": "a: b", "a/c.txt": "x", "a/.hidden.md": "```promql\nx\n```"])
    #expect(report.findings.isEmpty && report.expressions == 0)
    #expect(throws: LintRefusal.self) { try lint(["other.yml": "a: b"], paths: ["other.yml"]) }
    #expect(throws: LintRefusal.self) { try lint(["c.txt": "x"], paths: ["c.txt"]) }
  }

  @Test("the page on lint names every exporter whose metrics are accepted as they are")
  func foreign() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "docs/03_stacks/lint.md"), encoding: .utf8)
    for name in ForeignMetrics.prefixes.map({ $0 + "*" }) + ForeignMetrics.names {
      #expect(page.contains("`\(name)`"), "\(name)")
    }
    for kind in LintFinding.Kind.allCases {
      #expect(page.contains("| `\(kind.rawValue)` |"), "\(kind.rawValue)")
    }
  }
}
