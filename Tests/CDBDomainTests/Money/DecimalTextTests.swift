import Testing

@testable import CDBDomain

@Suite("Decimal text")
struct DecimalTextTests {
  @Test(
    "a decimal becomes its mantissa at the scale",
    arguments: [
      ("0", 8, 0), ("-0", 8, 0), ("12", 0, 12), ("61837.63000000", 2, 6_183_763), ("0.05", 8, 5_000_000),
      ("-0.05", 8, -5_000_000), ("007.5", 1, 75), ("1.", 2, 100),
      ("9.223372036854775807", 18, Int64.max), ("-9.223372036854775808", 18, Int64.min),
    ] as [(String, Int, Int64)])
  func parsing(text: String, scale: Int, mantissa: Int64) throws {
    #expect(try DecimalText.parse(text, scale: scale) == mantissa)
  }

  @Test("nothing, or a sign alone, is empty", arguments: ["", "-"])
  func empty(text: String) {
    #expect(throws: DecimalText.ParseError.empty) { try DecimalText.parse(text, scale: 2) }
  }

  @Test(
    "a byte that a plain decimal does not have is named with its offset",
    arguments: [
      ("1e5", UInt8(ascii: "e"), 1), ("+1", UInt8(ascii: "+"), 0), (" 1", UInt8(ascii: " "), 0),
      ("1,5", UInt8(ascii: ","), 1), ("--1", UInt8(ascii: "-"), 1), ("1.2.3", UInt8(ascii: "."), 3),
      (".5", UInt8(ascii: "."), 0), ("NaN", UInt8(ascii: "N"), 0), ("1\0", 0, 1), ("٣", 0xD9, 0),
    ] as [(String, UInt8, Int)])
  func unexpectedByte(text: String, byte: UInt8, offset: Int) {
    #expect(throws: DecimalText.ParseError.unexpectedByte(byte, at: offset)) {
      try DecimalText.parse(text, scale: 2)
    }
  }

  @Test("digits that the scale cannot hold are refused, zeros there are not")
  func precision() throws {
    #expect(throws: DecimalText.ParseError.tooPrecise(scale: 2)) { try DecimalText.parse("1.001", scale: 2) }
    #expect(throws: DecimalText.ParseError.tooPrecise(scale: 0)) { try DecimalText.parse("1.1", scale: 0) }
    #expect(try DecimalText.parse("1.0100000000000000000000000", scale: 2) == 101)
  }

  @Test(
    "what does not fit in 64 bits is an overflow, wherever it shows",
    arguments: [
      ("9223372036854775808", 0), ("-9223372036854775809", 0), ("92233720368547758070", 0),
      ("10", 18), ("-9.223372036854775809", 18), ("99999999999999999999999999", 2),
    ])
  func overflow(text: String, scale: Int) {
    #expect(throws: DecimalText.ParseError.overflow) { try DecimalText.parse(text, scale: scale) }
  }

  @Test(
    "rendering leaves out what says nothing",
    arguments: [
      (-5_000_000, 8, "-0.05"), (6_183_763, 2, "61837.63"), (1200, 2, "12"), (0, 18, "0"), (7, 0, "7"),
      (100, 0, "100"), (1, 18, "0.000000000000000001"), (Int64.min, 18, "-9.223372036854775808"),
      (Int64.min, 0, "-9223372036854775808"),
    ] as [(Int64, Int, String)])
  func rendering(mantissa: Int64, scale: Int, text: String) {
    #expect(DecimalText.render(mantissa, scale: scale) == text)
  }

  @Test("whatever is rendered parses to the same mantissa, at every scale", arguments: 0...18)
  func roundTrip(scale: Int) throws {
    var random = SplitMix64(seed: UInt64(scale))
    for _ in 0..<2_000 {
      let mantissa = random.anyInteger()
      let text = DecimalText.render(mantissa, scale: scale)
      #expect(try DecimalText.parse(text, scale: scale) == mantissa, "\(text) at scale \(scale)")
    }
  }

  @Test("any bytes at all are a mantissa or a typed error")
  func hostile() {
    var random = SplitMix64(seed: 7)
    let alphabet = Array("0123456789.-+eE ,\0".utf8)
    for _ in 0..<5_000 {
      let bytes = (0..<random.integer(0...30)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      bytes.withUnsafeBytes { buffer in
        let scale = Int(random.integer(0...18))
        if let mantissa = try? DecimalText.parse(buffer, scale: scale) {
          let again = try? DecimalText.parse(DecimalText.render(mantissa, scale: scale), scale: scale)
          #expect(again == mantissa)
        }
      }
    }
  }
}
