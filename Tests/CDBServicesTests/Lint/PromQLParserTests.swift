import Testing

@testable import CDBServices

@Suite("PromQL")
struct PromQLParserTests {
  private func selectors(_ text: String, _ dialect: PromQLDialect = .prometheus) throws -> [PromQLSelector] {
    try PromQLParser.parse(text, dialect: dialect).selectors
  }

  @Test("a selector has its name, its matchers, its range and whether it looks back")
  func selector() throws {
    let found = try selectors(#"m{a="b",c=~"x|y",d!='z',e!~`w\d`,}[5m] offset -1h30m @ end()"#)
    let selector = try #require(found.first)
    #expect(found.count == 1)
    #expect(selector.name?.text == "m")
    #expect(selector.hasRange && selector.hasOffset)
    #expect(selector.matchers.map(\.label.text) == ["a", "c", "d", "e"])
    #expect(selector.matchers.map(\.operation) == [.equal, .matches, .notEqual, .matchesNot])
    #expect(selector.matchers.map(\.value.text) == ["b", "x|y", "z", #"w\d"#])
    #expect(selector.matchers[1].value.offset == 11)
  }

  @Test(
    "a name may stand in braces",
    arguments: [
      #"{__name__="m",a="b"}"#, #"{"m",a="b"}"#, #"m{a="b"}"#, #"  # a comment "{"\#nm{ a = "b" }"#,
    ])
  func names(text: String) throws {
    let selector = try #require(try selectors(text).first)
    #expect(selector.name?.text == "m")
    #expect(selector.matchers.map(\.label.text) == ["a"])
  }

  @Test("escapes in strings are those of Go")
  func escapes() throws {
    let values = try selectors(#"m{a="\"\\\n\x41\u00e9\101",b='\''}"#)[0].matchers.map(\.value.text)
    #expect(values == ["\"\\\nAéA", "'"])
  }

  @Test(
    "an aggregation has its labels before or behind", arguments: ["sum by (a, b) (m)", "SUM(m) BY (a, b,)"])
  func aggregation(text: String) throws {
    guard case .aggregation(let sum) = try PromQLParser.parse(text) else {
      Issue.record("no aggregation: \(text)")
      return
    }
    #expect(sum.operation.text == "sum")
    #expect(sum.grouping == .by)
    #expect(sum.labels.map(\.text) == ["a", "b"])
  }

  @Test("words of the language are names where a name belongs")
  func keywords() throws {
    #expect(try selectors("sum").first?.name?.text == "sum")
    #expect(try selectors(#"by{on="x", offset="y"}"#).first?.matchers.map(\.label.text) == ["on", "offset"])
    guard case .aggregation(let count) = try PromQLParser.parse("count by (by, without) (sum)") else {
      Issue.record("no aggregation")
      return
    }
    #expect(count.labels.map(\.text) == ["by", "without"])
  }

  @Test("operators bind as in Prometheus")
  func precedence() throws {
    func shape(_ expression: PromQLExpression) -> String {
      switch expression {
      case .selector(let selector): selector.name?.text ?? "{}"
      case .binary(let binary): "(\(shape(binary.left)) \(binary.operation) \(shape(binary.right)))"
      default: "1"
      }
    }
    for (text, expected) in [
      ("a + b * c", "(a + (b * c))"), ("a - b - c", "((a - b) - c)"), ("a ^ b ^ c", "(a ^ (b ^ c))"),
      ("a > b and c or d unless e", "(((a > b) and c) or (d unless e))"),
      ("a and b == 1", "(a and (b == 1))"),
      ("-a ^ b", "(a ^ b)"), ("a * -b + c", "((a * b) + c)"), ("(a + b) * c", "((a + b) * c)"),
      ("a atan2 b % c", "((a atan2 b) % c)"), ("a > bool b", "(a > b)"),
    ] {
      #expect(shape(try PromQLParser.parse(text)) == expected, "\(text)")
    }
  }

  @Test("operators say how they match")
  func matching() throws {
    guard
      case .binary(let binary) = try PromQLParser.parse(
        "a / ignoring (x) group_right (y, z) b")
    else {
      Issue.record("no operator")
      return
    }
    #expect(binary.matching == .ignoring)
    #expect(binary.labels.map(\.text) == ["x"])
    #expect(binary.many == .right)
    #expect(binary.borrowed.map(\.text) == ["y", "z"])
  }

  @Test(
    "what Prometheus takes is taken",
    arguments: [
      "1", "-1.5e-3", "0x1F", ".5", "1_000", "Inf", "+Inf", "NaN", #""text""#, "5m", "time()",
      "rate(m[5m])", "max_over_time(rate(m[5m])[1h:])", "max_over_time(rate(m[5m])[1h:1m] offset 2d)",
      "m @ 1609746000", "m @ start()", "m offset 1y2w3d4h5m6s7ms", "a:b:c", "job:x:rate5m{a=\"\"}",
      "histogram_quantile(0.9, sum by (le) (rate(m_bucket[5m])))", "topk(5, m)", "count_values(\"v\", m)",
      "quantile by (a) (0.9, m)", "sum(a) by (x) / on (x) group_left sum(b) by (x)", "absent(m{a=\"b\"})",
      "label_replace(m, \"a\", \"$1\", \"b\", \"(.*)\")", "a unless on () b", "{a=\"b\"}", "sum by () (m)",
      "m[300]", "group_left", "m{a=\"b\", # why\n c=\"d\"}",
    ])
  func accepted(text: String) throws {
    _ = try PromQLParser.parse(text)
  }

  @Test(
    "what it does not take is refused with its place",
    arguments: [
      ("", 0), ("sum(", 4), ("m{a=b}", 4), ("m{a}", 3), ("m{", 2), ("m[5m", 4), ("m[5]x", 4), ("m[5q]", 2),
      ("m[]", 2), ("(a", 2), ("a)", 1), ("a b", 2), ("a +", 3), ("a + * b", 4), ("\"text", 0), ("'a\nb'", 0),
      ("m{a=\"\\q\"}", 5), ("sum by a (m)", 7), ("topk(m)", 0), ("{}", 0), ("m offset", 8), ("m @ x", 4),
      ("1d2", 0),
      ("1.2.3", 0), ("12x", 0), ("0x", 0), ("a ; b", 2), ("$x", 0), ("m[$__interval]", 2),
      ("m{a=\"\\ud800\"}", 5),
      ("m[5m][5m]", 9), ("\u{e9}", 0), ("sum(m) by", 9),
    ])
  func refused(text: String, offset: Int) {
    let error = #expect(throws: PromQLError.self) { try PromQLParser.parse(text) }
    #expect(error?.offset == offset, "\(text): \(error?.reason ?? "")")
  }

  @Test(
    "variables of Grafana stand where durations, values, labels and numbers do",
    arguments: [
      "rate(m[$__rate_interval])", "rate(m[${window:raw}])", "rate(m[[[window]]])", "m{a=~\"$x\"}",
      "sum by ($by) (m)", "sum by (${by}) (m)", "m > $limit", "quantile($q, m)", "m offset $back",
      "max_over_time(m[$a:$b])", "$metric{a=\"b\"}", "topk([[n]], m)",
    ])
  func variables(text: String) throws {
    _ = try PromQLParser.parse(text, dialect: .grafana)
    if text.contains(where: { $0 == "$" }), !text.contains("\"$x\"") {
      #expect(throws: PromQLError.self) { try PromQLParser.parse(text) }
    }
  }

  @Test(
    "hostile texts are refused, and quickly",
    arguments: [
      String(repeating: "(", count: 60_000), String(repeating: "-", count: 8_000) + "1",
      String(repeating: "sum(", count: 8_000), "a" + String(repeating: "+a", count: 4_000),
      "a" + String(repeating: "^a", count: 4_000), "m" + String(repeating: "[5m:]", count: 1_500),
      String(repeating: "(a+", count: 2_000), String(repeating: "a", count: 70_000),
      "m{" + String(repeating: "a=\"b\",", count: 4_000), String(repeating: "\"", count: 60_001),
      String(repeating: "\u{0}", count: 10),
    ])
  func hostile(text: String) {
    #expect(throws: PromQLError.self) { try PromQLParser.parse(text) }
    #expect(throws: PromQLError.self) { try PromQLParser.parse(text, dialect: .grafana) }
  }

  @Test("any bytes are read or refused")
  func anything() {
    let pieces = [
      "m", "sum", "(", ")", "{", "}", "[", "]", "5m", "1", "\"a\"", "=", "=~", ",", "+", "by", "on", "offset",
      "@",
      ":", "$x", "${", "[[", "]]", "#", "\n", "`", "'", "and", "\\", "é", "-", "group_left", "1e", "0x",
    ]
    var state: UInt64 = 42
    for _ in 0..<2_000 {
      var text = ""
      for _ in 0..<12 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += pieces[Int(state >> 33) % pieces.count] + (state >> 40 & 1 == 0 ? " " : "")
      }
      for dialect in [PromQLDialect.prometheus, .grafana] {
        do throws(PromQLError) {
          _ = try PromQLParser.parse(text, dialect: dialect)
        } catch {
          #expect((0...text.utf8.count).contains(error.offset), "\(text)")
        }
      }
    }
  }
}
