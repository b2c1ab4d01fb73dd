import OpenMetrics
import Testing

/// A text that Prometheus takes, what a lenient parser overlooks in it, and what a strict one says.
struct LenientCase: Sendable, CustomTestStringConvertible {
  let format: ExpositionFormat
  let text: String
  let kinds: [Overlooked.Kind]
  let testDescription: String

  init(_ what: String, _ format: ExpositionFormat, _ text: String, _ kinds: [Overlooked.Kind]) {
    self.format = format
    self.text = text
    self.kinds = kinds
    testDescription = what
  }
}

@Suite("Lenient parsers take what Prometheus takes, and say what they overlooked")
struct LenientParserTests {
  static func parse(_ format: ExpositionFormat, _ text: String) throws -> ParsedExposition {
    try ExpositionParser(format: format, mode: .lenient).parse(text.utf8)
  }

  @Test("it parses into valid families, and a strict parser refuses it for the first fault", arguments: taken)
  func takes(_ lenient: LenientCase) throws {
    let parsed = try Self.parse(lenient.format, lenient.text)
    for family in parsed.families { #expect(family.violation() == nil) }
    #expect(parsed.overlooked.map(\.kind) == lenient.kinds)
    #expect(parsed.overlookedCount == lenient.kinds.count)
    let strict = ExpositionParser(format: lenient.format)
    #expect(throws: ParseError.self) { try strict.parse(lenient.text.utf8) }
  }

  static let taken: [LenientCase] = lexical + metadata + groups + points

  static let lexical: [LenientCase] = [
    .init("no final line feed", .text004, "a 1", [.missingFinalNewline]),
    .init("a trailing comma", .openMetrics1, "a{b=\"c\",} 1\n# EOF\n", [.trailingComma]),
    .init("no comma between labels", .text004, "a{b=\"c\" d=\"e\"} 1\n", [.missingComma]),
    .init("a quoted name in 0.0.4", .text004, "{\"a.b\",\"c d\"=\"e\"} 1\n", [.quotedName, .quotedName]),
    .init("a quoted name in OpenMetrics 1.0", .openMetrics1, "{\"a.b\"} 1\n# EOF\n", [.quotedName]),
    .init("an undefined escape", .text004, "a{b=\"\\x\"} 1\n", [.undefinedEscape]),
    .init(
      "quotes in a help", .openMetrics1, "# HELP a \"x\"\n# EOF\n", [.undefinedEscape, .undefinedEscape]),
    .init("a lone backslash in a help", .text004, "# HELP a x\\\n", [.undefinedEscape]),
    .init("a line feed in a label's value", .text004, "a{b=\"x\ny\"} 1\n", [.lineFeedInQuotes]),
    .init(
      "line feeds and nothing else", .text004, "a{b=\"\n\n\"} 1\n", [.lineFeedInQuotes, .lineFeedInQuotes]),
    .init("one after an escaped backslash", .text100, "a{b=\"x\\\\\ny\"} 1\n", [.lineFeedInQuotes]),
    .init(
      "one in a name", .text100, "{\"a\nb\",\"c\nd\"=\"e\"} 1\n", [.lineFeedInQuotes, .lineFeedInQuotes]),
    .init("one in a name's metadata", .text100, "# HELP \"a\nb\" x\n", [.lineFeedInQuotes]),
    .init("one in a name of OpenMetrics", .openMetrics2, "{\"a\nb\"} 1\n# EOF\n", [.lineFeedInQuotes]),
    .init(
      "one in the last line, which has none at its end", .text004, "a{b=\"\n\"} 1",
      [.lineFeedInQuotes, .missingFinalNewline]),
    .init("reserved names", .openMetrics1, "_a{_b=\"c\"} 1\n# EOF\n", [.reservedName, .reservedName]),
  ]

  static let metadata: [LenientCase] = [
    .init("HELP twice", .text004, "# HELP a x\n# HELP a y\na 1\n", [.repeatedMetadata]),
    .init("TYPE after samples", .openMetrics1, "a 1\n# TYPE a gauge\n# EOF\n", [.repeatedMetadata]),
    .init("a unit of an info", .openMetrics1, "# TYPE a_x info\n# UNIT a_x x\n# EOF\n", [.unitNotAllowed]),
    .init("a counter without _total", .openMetrics1, "# TYPE a counter\na 1\n# EOF\n", [.bareTotal]),
    .init(
      "a family with _total", .openMetrics1, "# TYPE a_total counter\na_total 1\n# EOF\n", [.bareTotal]),
    .init("an info without _info", .openMetrics1, "# TYPE a info\na{b=\"c\"} 1\n# EOF\n", [.bareInfo]),
  ]

  static let groups: [LenientCase] = [
    .init("a family in two groups", .text004, "a 1\nb 1\na{c=\"d\"} 1\n", [.familyInGroups]),
    .init(
      "a sample of an earlier family", .text004,
      "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\nb 1\na_sum 1\na_count 1\n", [.familyInGroups]),
    .init(
      "interleaved metrics", .openMetrics1,
      "# TYPE f summary\nf_count{a=\"b\"} 0\nf_count{a=\"c\"} 0\nf_sum{a=\"b\"} 0\n# EOF\n",
      [.interleavedMetrics]),
    .init(
      "clashing families", .openMetrics1,
      "# TYPE a counter\na_total 1\n# TYPE a_created gauge\n# EOF\n", [.clashingFamilies]),
    .init("a series twice", .text004, "a 1\na 2\n", [.repeatedSample]),
    .init("timestamps that go back", .openMetrics1, "a 1 2\na 1 1\na 1 3\n# EOF\n", [.repeatedSample]),
    .init("a sample of no role", .text004, "# TYPE a histogram\na 1\n", [.sampleLeftOut]),
  ]

  static let points: [LenientCase] = [
    .init("an info that is not 1", .openMetrics1, "# TYPE a info\na_info 5\n# EOF\n", [.infoValue]),
    .init(
      "counts that are not whole", .openMetrics1,
      "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1.5\n# EOF\n", [.floatCount]),
    .init(
      "infinity in another spelling", .text004, "# TYPE a histogram\na_bucket{le=\"inf\"} 1\n",
      [.infinitySpelling]),
    .init(
      "buckets in no order", .text004,
      "# TYPE a histogram\na_bucket{le=\"+Inf\"} 2\na_bucket{le=\"1\"} 1\na_sum 1\na_count 2\n",
      [.notAscending]),
    .init(
      "no bucket of infinity", .text004, "# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 2\n",
      [.missingInfinityBucket]),
    .init(
      "no buckets", .text004, "# TYPE a histogram\na_sum 1\na_count 2\n", [.missingInfinityBucket]),
    .init(
      "a count that is not infinity's", .text004,
      "# TYPE a histogram\na_bucket{le=\"+Inf\"} 2\na_sum 1\na_count 3\n", [.countMismatch]),
    .init(
      "a sum without a count", .text004, "# TYPE a histogram\na_bucket{le=\"+Inf\"} 2\na_sum 1\n",
      [.incompletePoint]),
    .init("a negative sum", .openMetrics1, "# TYPE a summary\na_sum -1\n# EOF\n", [.valueRange]),
    .init(
      "an exemplar of a gauge", .openMetrics1, "# TYPE a gauge\na 1 # {} 1\n# EOF\n", [.exemplarLeftOut]),
    .init(
      "an exemplar without its timestamp", .openMetrics2, "# TYPE a counter\na 1 # {} 1\n# EOF\n",
      [.exemplarForm]),
    .init("a bucket without le", .text004, "# TYPE a histogram\na_bucket 1\n", [.sampleLeftOut]),
    .init("a counter that is negative", .text004, "# TYPE a counter\na -1\n", [.metricLeftOut]),
    .init(
      "buckets that are not cumulative", .text004,
      "# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\n", [.metricLeftOut]),
    .init(
      "quantiles in no order", .text004,
      "# TYPE a summary\na{quantile=\"0.9\"} 2\na{quantile=\"0.5\"} 1\n", [.notAscending]),
  ]

  @Test(
    "what Prometheus refuses is refused",
    arguments: [
      (ExpositionFormat.openMetrics1, "a 1\n"), (.openMetrics1, "\n# EOF\n"), (.openMetrics1, "# x\n# EOF\n"),
      (.openMetrics1, "a 1\r\n# EOF\n"), (.openMetrics1, "# TYPE a untyped\n# EOF\n"),
      (.openMetrics1, "# TYPE a gauge\n# UNIT a s\n# EOF\n"), (.openMetrics1, "a  1\n# EOF\n"),
      (.text004, "# TYPE a info\n"), (.text004, "a{b=\"1\",b=\"2\"} 1\n"), (.text004, "a 0x1p4\n"),
      (.text004, "a{b=\"\\\n\"} 1\n"), (.text004, "a{b=\"\n} 1\n"), (.text004, "a{b=\"\n"),
      (.text004, "# HELP a x\n\"\n"),
      (.openMetrics1, "a{b=\"\n\"} 1\n# EOF\n"), (.openMetrics2, "{\"a\"} 1 # {\"b\n\"=\"\"} 1 1\n# EOF\n"),
      (.openMetrics2, "{\"a\nb\"} 1"), (.text004, "a 1\r\n"), (.text004, "a.b 1\n"), (.text004, "a 1 2.5\n"),
      (.text004, "a\n"),
    ])
  func refuses(format: ExpositionFormat, text: String) {
    #expect(throws: ParseError.self) { try Self.parse(format, text) }
  }

  @Test("a line feed in quotes is part of the value, and the lines after it keep their numbers")
  func lineFeeds() throws {
    let text = "a{b=\"x\ny\\\"\n\",c=\"d\"} 1\nb{c=\"x\\ny\"} 2\nc{d=\"\n\"} 3\nc{d=\"\\n\"} 4\n"
    let parsed = try Self.parse(.text004, text)
    let labels = parsed.families.flatMap { $0.metrics.map(\.labels) }
    #expect(labels == [["b": "x\ny\"\n", "c": "d"], ["c": "x\ny"], ["d": "\n"]])
    // The series of line 7 is that of line 5 in another spelling.
    #expect(parsed.overlooked.map(\.error.line) == [1, 1, 5, 7])
    #expect(parsed.overlooked.last?.kind == .repeatedSample)
    let written = Exposition.write(parsed.families, as: .text004)
    #expect(try ExpositionParser(format: .text004).parse(written).families == parsed.families)
  }

  @Test("a line with line feeds in quotes keeps the limits and the rules of a line")
  func lineFeedLimits() throws {
    let long = "a{b=\"" + String(repeating: "\n", count: 200) + "\"} 1\n"
    let parser = ExpositionParser(format: .text004, mode: .lenient, limits: ParseLimits(lineBytes: 100))
    #expect(throws: ParseError.self) { try parser.parse(long.utf8) }
    #expect(throws: ParseError.self) { try Self.parseBytes(bytes("a{b=\"\n", [0xFF], "\"} 1\n")) }
    #expect(throws: ParseError.self) {
      try Self.parseBytes(bytes("a{b=\"\n\"} 1\nb{c=\"", [0xFF], "\"} 1\n"))
    }
    #expect(try Self.parseBytes(bytes("a{b=\"\n\"} 1\n# ", [0xFF], "\n")).families.count == 1)
  }

  static func parseBytes(_ bytes: [UInt8]) throws -> ParsedExposition {
    try ExpositionParser(format: .text004, mode: .lenient).parse(bytes)
  }

  @Test("invalid UTF-8 in a comment is passed over, and elsewhere refused")
  func comments() throws {
    let parser = ExpositionParser(format: .text004, mode: .lenient)
    let parsed = try parser.parse(bytes("# caf", [0xE9], "\na 1\n"))
    #expect(parsed.families.map(\.name) == ["a"])
    #expect(parsed.overlooked.map(\.kind) == [.invalidUTF8InComment])
    let refused = #expect(throws: ParseError.self) { try parser.parse(bytes("# HELP a ", [0xE9], "\n")) }
    #expect(refused?.reason == .invalidUTF8)
    #expect(refused?.column == 10)
  }

  @Test("the plain count and sum of a gauge histogram are its own")
  func plainCount() throws {
    let text = "# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 1\na_count 1\na_sum 2\n# EOF\n"
    let parsed = try Self.parse(.openMetrics1, text)
    #expect(parsed.families.count == 1)
    #expect(parsed.overlooked.map(\.kind) == [.plainGaugeCount, .plainGaugeCount])
    // Strictly, they are families of their own.
    #expect(try ExpositionParser(format: .openMetrics1).parse(text.utf8).families.count == 3)
  }

  @Test("families that go on later are joined, with all their metrics")
  func joined() throws {
    let text = "# TYPE a counter\na{x=\"1\"} 1\nb 1\na{x=\"2\"} 2\n"
    let families = try Self.parse(.text004, text).families
    #expect(families.map(\.name) == ["a", "b"])
    #expect(families[0].metrics.map(\.labels) == [["x": "1"], ["x": "2"]])
    #expect(families[0].hasBareTotal)
  }

  @Test("what is overlooked is listed up to a limit, and counted beyond it")
  func limit() throws {
    let text = String(repeating: "a 1\n", count: 100)
    let parser = ExpositionParser(format: .text004, mode: .lenient, limits: ParseLimits(overlooked: 7))
    let parsed = try parser.parse(text.utf8)
    #expect(parsed.overlooked.count == 7)
    #expect(parsed.overlookedCount == 99)
    #expect(parsed.overlooked.first?.error.line == 2)
  }
}
