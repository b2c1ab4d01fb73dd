import Testing

@testable import OpenMetrics

@Suite("Strict parsers do as their specifications say")
struct StrictParserTests {
  static let accepted: [SpecCase] =
    OpenMetrics1Accepted.all + OpenMetrics1Subtle.accepted + OpenMetrics1Quoted.accepted
    + OpenMetrics2Accepted.all + Text004.accepted
    + Text100.accepted

  static let refused: [SpecCase] =
    OpenMetrics1Structure.refused + OpenMetrics1Metadata.refused + OpenMetrics1Values.refused
    + OpenMetrics1Types.refused + OpenMetrics1Subtle.refused + OpenMetrics1Quoted.refused
    + OpenMetrics1Quoted.withoutOption
    + OpenMetrics2Samples.refused + OpenMetrics2Classic.refused + OpenMetrics2Native.refused
    + OpenMetrics2Summary.refused + Text004.refused + Text004.moreRefused + Text100.refused

  @Test("what is allowed parses into valid families", arguments: accepted)
  func accepts(_ valid: SpecCase) throws {
    let parsed = try valid.parser.parse(valid.text)
    for family in parsed.families { #expect(family.violation() == nil) }
    #expect(parsed.overlooked.isEmpty)
  }

  @Test("what is forbidden is refused with its reason, line and a column within it", arguments: refused)
  func refuses(_ invalid: SpecCase) throws {
    let error = try #require(throws: ParseError.self) { try invalid.parser.parse(invalid.text) }
    #expect(error.reason == invalid.reason)
    #expect(error.line == invalid.line)
    let lines = invalid.text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if let column = error.column, error.line <= lines.count {
      #expect((1...lines[error.line - 1].count + 1).contains(column))
    }
  }

  @Test("the tables have at least 60 allowed and 150 forbidden texts")
  func coverage() {
    #expect(Self.accepted.count >= 60)
    #expect(Self.refused.count >= 150)
  }

  @Test("limits are typed errors")
  func limits() {
    func reason(_ text: String, _ limits: ParseLimits) -> ParseError.Reason? {
      let parser = ExpositionParser(format: .openMetrics1, limits: limits)
      return #expect(throws: ParseError.self) { try parser.parse(text.utf8) }?.reason
    }
    #expect(reason("# EOF\n", ParseLimits(bytes: 3)) == .tooLarge)
    #expect(reason("a 1111111\n# EOF\n", ParseLimits(lineBytes: 6)) == .lineTooLong)
    #expect(reason("a{b=\"\",c=\"\"} 1\n# EOF\n", ParseLimits(labelsPerSample: 1)) == .tooManyLabels)
    #expect(reason("a 1\nb 1\n# EOF\n", ParseLimits(samples: 1)) == .tooManySamples)
  }

  @Test("an error reads well, with line, column and printable input")
  func description() {
    let error = #expect(throws: ParseError.self) {
      try ExpositionParser(format: .openMetrics1).parse("# TYPE a gauge\na 1\u{7}x\n# EOF\n".utf8)
    }
    #expect(error?.description == "line 2, column 3: invalid number: \"1\\u{07}x\"")
  }
}
