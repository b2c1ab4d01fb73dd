import Testing

@testable import OpenMetrics

@Suite("What is written can be read and is written again the same")
struct RoundTripTests {
  @Test(
    "every text format and scheme: what is written is allowed, is read, and is written again the same",
    arguments: ExpositionFormat.allCases.filter { $0 != .protobuf }, EscapingScheme.allCases)
  func text(format: ExpositionFormat, escaping: EscapingScheme) throws {
    for seed in UInt64(0)..<150 {
      var generator = FamilyGenerator(seed: seed, features: features(format))
      let families = generator.families()
      for family in families { #expect(family.violation() == nil) }
      let first = Exposition.write(families, as: format, options: options(escaping))
      let parser = ExpositionParser(format: format, options: .init(allowsQuotedNames: true))
      let parsed: [MetricFamily]
      do {
        parsed = try parser.parse(first).families
      } catch {
        let lines = first.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let line = error.line <= lines.count ? String(decoding: lines[error.line - 1], as: UTF8.self) : ""
        Issue.record("seed \(seed): \(error): \(line.debugDescription)")
        continue
      }
      // Names are what they were escaped to now, and stay so.
      let second = Exposition.write(parsed, as: format, options: options(.allowUTF8))
      #expect(
        String(decoding: second, as: UTF8.self) == String(decoding: first, as: UTF8.self), "seed \(seed)")
    }
  }

  @Test("a name under the schemes that can be taken back is what it was", arguments: UInt64(0)..<20)
  func names(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let alphabet: [Character] = ["a", "Z", "0", "_", ":", ".", " ", "-", "é", "日", "🚀", "\"", "\n", "\u{0}"]
    for _ in 0..<200 {
      let name = String(
        (0..<Int.random(in: 1...12, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a"
        })
      #expect(EscapingScheme.values.unescape(EscapingScheme.values.escape(name)) == name)
      #expect(EscapingScheme.allowUTF8.unescape(EscapingScheme.allowUTF8.escape(name)) == name)
      for scheme in [EscapingScheme.underscores, .dots, .values] {
        #expect(NameGrammar.isMetricName(scheme.escape(name).utf8), "\(scheme): \(name)")
        #expect(NameGrammar.isLabelName(scheme.escapeLabel(name).utf8), "\(scheme): \(name)")
      }
      if name.unicodeScalars.allSatisfy({ $0.isASCII && ($0 == "." || $0.properties.isAlphabetic) }) {
        #expect(EscapingScheme.dots.unescape(EscapingScheme.dots.escape(name)) == name)
      }
    }
  }

  private func options(_ escaping: EscapingScheme) -> Exposition.Options {
    .init(includesCreated: true, escaping: escaping)
  }

  private func features(_ format: ExpositionFormat) -> FamilyGenerator.Features {
    switch format {
    case .openMetrics2: [.quotedNames, .nativeHistograms, .floatCounts, .openMetrics2]
    case .openMetrics1, .protobuf: [.quotedNames, .nativeHistograms]
    case .text004, .text100: [.quotedNames, .nativeHistograms, .openMetrics2]
    }
  }
}
