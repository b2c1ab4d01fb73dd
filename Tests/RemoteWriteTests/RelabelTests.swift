import OpenMetrics
import RemoteWrite
import Testing

/// The cases are those that Prometheus documents and tests (model/relabel/relabel_test.go).
@Suite("Relabelling")
struct RelabelTests {
  static func rule(
    _ action: RelabelRule.Action, _ sources: [String] = [], _ pattern: String? = nil, separator: String = ";",
    modulus: UInt64 = 0, target: String = "", replacement: String = "$1"
  ) throws -> RelabelRule {
    try RelabelRule(
      action: action, sourceLabels: sources, separator: separator, pattern: pattern.map { try Pattern($0) },
      modulus: modulus, targetLabel: target, replacement: replacement)
  }

  let start: SeriesLabels = ["a": "foo", "b": "bar", "c": "baz"]

  @Test("replace sets the target to the replacement where the pattern matches")
  func replace() throws {
    let rule = try Self.rule(.replace, ["a"], "f(.*)", target: "d", replacement: "ch${1}-ch${1}")
    #expect(RelabelRule.apply([rule], to: start)?["d"] == "choo-choo")
    let none = try Self.rule(.replace, ["a"], "x(.*)", target: "d", replacement: "y")
    #expect(RelabelRule.apply([none], to: start) == start)
  }

  @Test("values are joined by the separator, and a label that is missing is empty")
  func joined() throws {
    let rule = try Self.rule(.replace, ["a", "x", "b"], "foo;;bar", target: "a", replacement: "both")
    #expect(RelabelRule.apply([rule], to: start)?["a"] == "both")
    let own = try Self.rule(.replace, ["a", "b"], "(.*)", separator: "--", target: "d")
    #expect(RelabelRule.apply([own], to: start)?["d"] == "foo--bar")
  }

  @Test("an empty replacement removes the target, and the standard rule copies")
  func standard() throws {
    #expect(RelabelRule.apply([try Self.rule(.replace, ["a"], nil, target: "d")], to: start)?["d"] == "foo")
    let removed = RelabelRule.apply(
      [try Self.rule(.replace, ["a"], ".*", target: "a", replacement: "")], to: start)
    #expect(removed?.contains("a") == false)
  }

  @Test("the target's name may hold groups, and one that is no name changes nothing")
  func targets() throws {
    let labels: SeriesLabels = ["a": "some-name-value"]
    let named = try Self.rule(.replace, ["a"], "some-([^-]+)-([^,]+)", target: "${1}", replacement: "${2}")
    #expect(RelabelRule.apply([named], to: labels)?["name"] == "value")
    let invalid = try Self.rule(.replace, ["a"], "some-([^-]+)-([^,]+)", target: "0${3}", replacement: "${2}")
    #expect(RelabelRule.apply([invalid], to: labels) == labels)
  }

  @Test("keep and drop decide by the whole value")
  func keepAndDrop() throws {
    #expect(RelabelRule.apply([try Self.rule(.drop, ["a"], ".*o.*")], to: start) == nil)
    #expect(RelabelRule.apply([try Self.rule(.drop, ["a"], "o")], to: start) == start)
    #expect(RelabelRule.apply([try Self.rule(.keep, ["a"], "f|foo")], to: start) == start)
    #expect(RelabelRule.apply([try Self.rule(.keep, ["a"], "fo")], to: start) == nil)
  }

  @Test("keepequal and dropequal compare with the target")
  func equal() throws {
    let labels: SeriesLabels = ["port": "1234", "other": "1234"]
    #expect(RelabelRule.apply([try Self.rule(.keepequal, ["port"], target: "other")], to: labels) != nil)
    #expect(RelabelRule.apply([try Self.rule(.dropequal, ["port"], target: "other")], to: labels) == nil)
    #expect(RelabelRule.apply([try Self.rule(.keepequal, ["port"], target: "none")], to: labels) == nil)
    #expect(RelabelRule.apply([try Self.rule(.dropequal, ["port"], target: "none")], to: labels) != nil)
  }

  @Test("hashmod is the last half of MD5, as Prometheus has it")
  func hashmod() throws {
    let rule = try Self.rule(.hashmod, ["c"], modulus: 1_000, target: "d")
    #expect(RelabelRule.apply([rule], to: start)?["d"] == "976")
    let lines = try Self.rule(.hashmod, ["a"], modulus: 1_000, target: "b")
    #expect(RelabelRule.apply([lines], to: ["a": "foo\nbar"])?["b"] == "734")
  }

  @Test("labelmap, labeldrop and labelkeep look at names")
  func names() throws {
    let labels: SeriesLabels = ["a": "foo", "b1": "bar", "b2": "baz"]
    let mapped = RelabelRule.apply([try Self.rule(.labelmap, [], "(b.*)")], to: labels)
    #expect(mapped == labels)
    let meta = RelabelRule.apply(
      [try Self.rule(.labelmap, [], "__meta_(my.*)")],
      to: ["a": "foo", "__meta_my_bar": "aaa", "__meta_my_baz": "bbb"])
    #expect(meta?["my_bar"] == "aaa" && meta?["my_baz"] == "bbb" && meta?["__meta_my_bar"] == "aaa")
    let renamed = RelabelRule.apply(
      [try Self.rule(.labelmap, [], "b(.)", replacement: "bar_${1}")], to: labels)
    #expect(renamed?["bar_1"] == "bar" && renamed?["bar_2"] == "baz")
    #expect(RelabelRule.apply([try Self.rule(.labeldrop, [], "(b.*)")], to: labels) == ["a": "foo"])
    #expect(
      RelabelRule.apply([try Self.rule(.labelkeep, [], "(b.*)")], to: labels) == ["b1": "bar", "b2": "baz"])
  }

  @Test("lowercase and uppercase")
  func letterCase() throws {
    let rules = [
      try Self.rule(.lowercase, ["a"], target: "low"), try Self.rule(.uppercase, ["a"], target: "up"),
    ]
    let made = RelabelRule.apply(rules, to: ["a": "FooÉ"])
    #expect(made?["low"] == "fooé" && made?["up"] == "FOOÉ")
  }

  @Test("rules work on what the ones before left")
  func chain() throws {
    let rules = [
      try Self.rule(.replace, ["a"], "f(.*)", target: "d", replacement: "ch$1"),
      try Self.rule(.replace, ["d"], "c(.*)", target: "e", replacement: "s$1"),
      try Self.rule(.drop, ["e"], "shoo"),
    ]
    #expect(RelabelRule.apply(Array(rules.prefix(2)), to: start)?["e"] == "shoo")
    #expect(RelabelRule.apply(rules, to: start) == nil)
  }

  @Test("an action without what it needs is refused")
  func incomplete() {
    for action in [RelabelRule.Action.replace, .hashmod, .lowercase, .uppercase, .keepequal, .dropequal] {
      #expect(throws: RelabelError.self) { try RelabelRule(action: action) }
    }
    #expect(throws: RelabelError.self) { try RelabelRule(action: .hashmod, targetLabel: "a") }
  }
}
