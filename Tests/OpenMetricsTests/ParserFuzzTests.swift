import OpenMetrics
import Testing

@Suite("Whatever the input, parsers end with an error or with valid families")
struct ParserFuzzTests {
  static let parsers: [ExpositionParser] = ExpositionFormat.allCases.flatMap { format in
    [ExpositionParser.Mode.strict, .lenient].map { mode in
      ExpositionParser(format: format, mode: mode, options: .init(allowsQuotedNames: mode == .lenient))
    }
  }

  /// Valid texts to begin with, those of the specifications and generated ones.
  static func seeds(_ seed: UInt64) -> [[UInt8]] {
    var generator = FamilyGenerator(
      seed: seed,
      features: seed % 3 == 0 ? [] : [.quotedNames, .nativeHistograms, .floatCounts, .openMetrics2])
    let families = generator.families()
    return ExpositionFormat.allCases.map { format in
      Exposition.write(
        families, as: format, options: .init(includesCreated: true, escaping: .allowUTF8))
    }
  }

  /// - Returns: whether it was accepted.
  @discardableResult
  static func check(_ bytes: [UInt8], _ parser: ExpositionParser) -> Bool {
    guard let parsed = try? parser.parse(bytes) else { return false }
    for family in parsed.families {
      #expect(
        family.violation() == nil,
        "\(parser.format.rawValue), \(parser.mode.rawValue): \(String(decoding: bytes, as: UTF8.self))")
    }
    if parser.mode == .strict { #expect(parsed.overlooked.isEmpty) }
    return true
  }

  @Test("bytes flipped, lines swapped, doubled and cut, garbage and long texts", arguments: UInt64(0)..<8)
  func mutations(seed: UInt64) {
    var mutator = ExpositionMutator(seed: seed)
    let tables = (StrictParserTests.accepted + StrictParserTests.refused).map(\.text)
    for round in 0..<12 {
      for text in Self.seeds(seed &* 1000 &+ UInt64(round)) + [
        tables.randomElement(using: &mutator.random) ?? []
      ] {
        let mutated = mutator.mutate(text)
        for parser in Self.parsers { Self.check(mutated, parser) }
      }
    }
  }

  @Test("a valid text cut at every byte", arguments: ExpositionFormat.allCases)
  func truncations(format: ExpositionFormat) {
    var generator = FamilyGenerator(seed: 7)
    let text = Exposition.write(generator.families(), as: format, options: .init(escaping: .allowUTF8))
    for end in 0...min(text.count, 1500) {
      for parser in Self.parsers where parser.format == format {
        let isAccepted = Self.check(Array(text[..<end]), parser)
        // Nothing that is cut in OpenMetrics is whole, but for the last line feed.
        if parser.format == .openMetrics1 || parser.format == .openMetrics2 {
          #expect(isAccepted == (end >= text.count - 1) || text.count > 1500)
        }
      }
    }
  }

  @Test("random bytes", arguments: UInt64(0)..<8)
  func garbage(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let alphabet = Array("abc_:.{}\"\\=,# \n\t0123456789+-eE.NaInfst@[]TYPEHELP\u{0}é".utf8)
    for _ in 0..<100 {
      let isText = Bool.random(using: &random)
      let bytes = (0..<Int.random(in: 0...120, using: &random)).map { _ in
        isText ? alphabet.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
      }
      for parser in Self.parsers { Self.check(bytes, parser) }
    }
  }

  @Test("30,000 samples of the worst kinds are read in time that grows with their number")
  func linear() throws {
    let count = 30_000
    let limits = ParseLimits(lineBytes: 16 << 20)
    let hostile: [(ExpositionFormat, String, (Int) -> String, String)] = [
      (.text004, "# TYPE a histogram\n", { "a_bucket{le=\"\($0)\"} 1\n" }, ""),
      (.openMetrics1, "# TYPE a summary\n", { "a{quantile=\"0.\(count - $0)1\"} 1\n" }, "# EOF\n"),
      (.openMetrics1, "# TYPE a stateset\n", { "a{a=\"s\($0)\"} 1\n" }, "# EOF\n"),
      (.openMetrics2, "# TYPE a stateset\n", { "a{a=\"s\($0)\"} 1 \($0)\n" }, "# EOF\n"),
      (.openMetrics1, "# TYPE a gauge\n", { "a 1 \($0)\n" }, "# EOF\n"),
      (.openMetrics1, "", { "a\($0) 1\n" }, "# EOF\n"),
      (.text004, "# TYPE a summary\n", { "a_count{b=\"\($0 / 2)\",c=\"\($0 % 2)\"} 1\n" }, ""),
      (
        .openMetrics2, "# TYPE a summary\na {count:1,sum:1,quantile:[", { "\($0 == 0 ? "" : ",")0.\($0)1:1" },
        "]}\n# EOF\n"
      ),
    ]
    for (format, head, line, tail) in hostile {
      let bytes = Array((head + (0..<count).map(line).joined() + tail).utf8)
      for mode in ExpositionParser.Mode.allCases {
        let parser = ExpositionParser(format: format, mode: mode, limits: limits)
        let time = ContinuousClock().measure { Self.check(bytes, parser) }
        // A quadratic search takes minutes.
        #expect(time < .seconds(60), "\(format.rawValue) \(mode.rawValue) \(head)")
      }
    }
  }
}

/// Makes valid texts invalid, and sometimes not.
struct ExpositionMutator {
  var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func mutate(_ text: [UInt8]) -> [UInt8] {
    var bytes = text
    for _ in 0..<Int.random(in: 1...3, using: &random) { bytes = mutateOnce(bytes) }
    return bytes
  }

  private mutating func mutateOnce(_ text: [UInt8]) -> [UInt8] {
    var bytes = text
    let position = Int.random(in: 0...text.count, using: &random)
    switch Int.random(in: 0...8, using: &random) {
    case 0:
      if position < text.count { bytes[position] = UInt8.random(in: 0...255, using: &random) }
    case 1: bytes = Array(text[..<position])
    case 2: bytes.insert(contentsOf: insertion(), at: position)
    case 3:
      if position < text.count { bytes.remove(at: position) }
    case 4:
      bytes.insert(
        contentsOf: [0xC3, 0x28, 0xED, 0xA0, 0x80].prefix(Int.random(in: 1...5, using: &random)), at: position
      )
    default: bytes = shuffled(text)
    }
    return bytes
  }

  private mutating func insertion() -> [UInt8] {
    let pieces = [
      "1e400", "-1", "NaN", "+Inf", "99999999999999999999999999", String(repeating: "x", count: 10_240),
      "{", "}", "\"", "\\", "\n", " ", ",", "_total", "le=\"+Inf\"", " # {} 1 2", " st@1", "{count:1,sum:1",
      "\r",
    ]
    return Array((pieces.randomElement(using: &random) ?? "").utf8)
  }

  /// Lines swapped, left out or doubled.
  private mutating func shuffled(_ text: [UInt8]) -> [UInt8] {
    var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.count > 2 else { return text }
    let first = Int.random(in: 0..<lines.count - 1, using: &random)
    let second = Int.random(in: 0..<lines.count - 1, using: &random)
    switch Int.random(in: 0...2, using: &random) {
    case 0: lines.swapAt(first, second)
    case 1: lines.remove(at: first)
    default: lines.insert(lines[first], at: second)
    }
    return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
  }
}
