import OpenMetrics
import Testing

@testable import CDBServices

/// A few metrics to lint against.
enum LintFixture {
  static let catalogue = [
    MetricDescriptor("shop_orders", type: .counter, help: "", labels: ["side", "reason"]),
    MetricDescriptor("shop_open", type: .gauge, help: "", labels: ["shelf"]),
    MetricDescriptor("shop_wait_seconds", type: .histogram, help: "", unit: "seconds", labels: ["shelf"]),
    MetricDescriptor("shop_state", type: .stateset, help: "", labels: ["shelf"], states: ["open", "shut"]),
    MetricDescriptor("shop_build", type: .info, help: "", labels: ["version"]),
    MetricDescriptor("cdb_restarts", type: .counter, help: "", labels: ["kind"]),
  ]

  static func issues(
    _ text: String, _ dialect: PromQLDialect = .prometheus, records: [String: Set<String>?] = [:]
  ) throws -> [ExpressionLint.Issue] {
    var scope = LintScope(MetricVocabulary(catalogue: catalogue))
    for (name, labels) in records { scope.learn(record: name, labels: labels) }
    var lint = ExpressionLint(scope, dialect: dialect)
    lint.check(try PromQLParser.parse(text, dialect: dialect))
    return lint.issues
  }
}

@Suite("What an expression names")
struct ExpressionLintTests {
  @Test(
    "what fits together gives no finding",
    arguments: [
      "rate(shop_orders_total[5m])", #"sum by (side, job) (increase(shop_orders_total{instance="x"}[1h]))"#,
      #"shop_state{shop_state="open"} == 1"#, #"shop_state{shop_state=~"open|shut"}"#,
      #"shop_open{shelf=~".+"}"#,
      "histogram_quantile(0.9, sum by (shelf, le) (rate(shop_wait_seconds_bucket[5m])))",
      "histogram_quantile(0.9, sum without (shelf) (rate(shop_wait_seconds_bucket[5m])))",
      "histogram_quantile(0.9, rate(shop_wait_seconds_bucket[5m]))",
      "histogram_quantile(0.9, sum(rate(shop_wait_seconds[5m])))",
      "rate(shop_wait_seconds_sum[5m]) / rate(shop_wait_seconds_count[5m])",
      "absent(shop_orders_total)", "count(shop_orders_total)", "changes(shop_orders_total[1h])",
      "(shop_orders_total unless shop_orders_total offset 10m) > 0", "delta(shop_open[5m])",
      "max_over_time(rate(shop_orders_total[5m])[1h:])", "shop_open * on (shelf) group_left () shop_state",
      "shop_open * on () group_left (version) shop_build_info", "node_load1 > 3", "up == 0",
      "process_open_fds",
      "sum by (device) (node_disk_io_now * on (instance) group_left (shelf) shop_open)",
      "sum by (shelf) (vector(1) * on () group_right () shop_open)",
      "sum by (shelf) (1 - (time() - shop_open) / 2)",
      #"ALERTS{alertstate="firing"}"#, "shop:recorded:sum > 1", #"{__name__=~"shop_open|shop_build_info"}"#,
      #"label_replace(shop_open, "place", "$1", "shelf", "(.*)") * on (place) shop:recorded:sum"#,
      #"cdb_restarts_total{kind="planned"} unless cdb_restarts_total offset 5m"#,
    ])
  func clean(text: String) throws {
    let issues = try LintFixture.issues(text, records: ["shop:recorded:sum": ["place"]])
    #expect(issues.isEmpty, "\(text): \(issues.map(\.message))")
  }

  @Test(
    "each kind of drift is found, with what was meant and where",
    arguments: [
      ("shop_opened", LintFinding.Kind.unknownMetric, "shop_open?", 0),
      ("1 + rate(shop_orders[5m])", .unknownMetric, "shop_orders_total?", 9),
      (#"{__name__="shop_opem"}"#, .unknownMetric, "shop_open?", 10),
      (#"{__name__=~"shop_open|shop_closed"}"#, .unknownMetric, "shop_closed", 11),
      ("shop:recordet:sum", .unknownMetric, "shop:recorded:sum?", 0),
      (#"shop_open{shelv="1"}"#, .unknownLabel, "shelf?", 10),
      (#"shop_build_info{le="1"}"#, .unknownLabel, "no label le", 16),
      ("sum by (shelv) (shop_open)", .unknownLabel, "shelf?", 8),
      ("sum without (sides) (rate(shop_orders_total[5m]))", .unknownLabel, "side?", 13),
      ("sum by (shelf) (shop_open) / on (side) sum by (shelf) (shop_open)", .unknownLabel, "side", 33),
      ("sum by (side) (shop:recorded:sum)", .unknownLabel, "side", 8),
      ("sum by (side) (1 - (time() - shop_open) / 2)", .unknownLabel, "side", 8),
      ("shop_open * on (shelf) group_left (version) shop_state", .unknownLabel, "version", 35),
      (
        "histogram_quantile(0.9, sum by (le) (rate(shop_wait_seconds_bucket[5m]))) * on (le) shop_open",
        .unknownLabel,
        "le", 80
      ),
      (#"shop_state{shop_state="opem"}"#, .unknownValue, "by the catalogue; did you mean open?", 22),
      (#"shop_state{shop_state=~"open|closed"}"#, .unknownValue, "never closed", 23),
      (#"increase(cdb_restarts_total{kind!="unplaned"}[1h])"#, .unknownValue, "unplanned?", 34),
      ("shop_orders_total > 5", .bareCounter, "rate()", 0),
      ("sum(shop_wait_seconds_count)", .bareCounter, "only grows", 4),
      ("delta(shop_orders_total[5m])", .bareCounter, "only grows", 6),
      ("rate(shop_open[5m])", .rateOfGauge, "no counter", 0),
      ("increase(shop_state[5m])", .rateOfGauge, "increase()", 0),
      (
        "histogram_quantile(0.9, sum by (shelf) (rate(shop_wait_seconds_bucket[5m])))", .quantileWithoutLe,
        "le", 0
      ),
      ("histogram_quantile(0.9, sum(rate(shop_wait_seconds_bucket[5m])))", .quantileWithoutLe, "le", 0),
      (
        "1 + histogram_quantile(0.9, sum without (le) (rate(shop_wait_seconds_bucket[5m])))",
        .quantileWithoutLe, "le",
        4
      ),
    ])
  func found(text: String, kind: LintFinding.Kind, words: String, offset: Int) throws {
    let issues = try LintFixture.issues(text, records: ["shop:recorded:sum": ["place"]])
    #expect(issues.map(\.kind) == [kind], "\(text): \(issues.map(\.message))")
    #expect(issues.first?.message.contains(words) == true, "\(text): \(issues.map(\.message))")
    #expect(issues.first?.offset == offset, "\(text)")
  }

  @Test("what a variable will be is not guessed, and what stands beside it is checked")
  func variables() throws {
    for text in [
      #"shop_open{shelf="$shelf"}"#, #"shop_state{shop_state=~"[[state]]"}"#, "sum by ($by) (shop_open)",
      "$metric{a=\"b\"}",
      "histogram_quantile($q, sum by ($by) (rate(shop_wait_seconds_bucket[$__rate_interval])))",
    ] {
      #expect(try LintFixture.issues(text, .grafana).isEmpty, "\(text)")
    }
    #expect(try LintFixture.issues(#"shop_open{shelv="$shelf"}"#, .grafana).map(\.kind) == [.unknownLabel])
  }

  @Test("against a scrape, what it does not have is not exported, whatever the catalogue declares")
  func scrape() throws {
    let text = """
      # TYPE shop_open gauge
      shop_open{shelf="1",floor="2"} 1
      # TYPE shop_state stateset
      shop_state{shelf="1",shop_state="open"} 1
      shop_state{shelf="1",shop_state="shut"} 0
      # TYPE other_state stateset
      other_state{other_state="on"} 1
      other_state{other_state="off"} 0
      # TYPE shop_orders counter
      # EOF

      """
    let families = try ExpositionParser(format: .openMetrics1, mode: .lenient).parse(Array(text.utf8))
      .families
    let scope = LintScope(MetricVocabulary(scrape: families, catalogue: LintFixture.catalogue))
    func issues(_ text: String) throws -> [ExpressionLint.Issue] {
      var lint = ExpressionLint(scope, dialect: .prometheus)
      lint.check(try PromQLParser.parse(text))
      return lint.issues
    }
    #expect(try issues(#"shop_open{floor="2"}"#).isEmpty)
    // A family without a sample has the labels that are declared.
    #expect(try issues(#"rate(shop_orders_total{side="buy"}[5m])"#).isEmpty)
    #expect(try issues("shop_build_info").map(\.kind) == [.notExported])
    #expect(try issues("shop_built_info").map(\.kind) == [.unknownMetric])
    let values = try issues(#"other_state{other_state="of"} or shop_state{shop_state="closed"}"#)
    #expect(values.map(\.kind) == [.unknownValue, .unknownValue])
    #expect(values[0].message.contains("by the scrape; did you mean off?"), "\(values[0].message)")
    #expect(values[1].message.contains("by the catalogue"), "\(values[1].message)")
  }
}
