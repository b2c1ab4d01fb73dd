import Testing

@testable import CDBDomain

@Suite("Decimal text in the form that exchanges write")
struct DecimalTextFormsTests {
  private static func outcome(
    _ bytes: [UInt8], _ parse: (UnsafeRawBufferPointer) throws(DecimalText.ParseError) -> Int64
  ) -> Result<Int64, DecimalText.ParseError> {
    bytes.withUnsafeBytes { buffer in
      do throws(DecimalText.ParseError) {
        return .success(try parse(buffer))
      } catch {
        return .failure(error)
      }
    }
  }

  @Test("eight decimals are read at once, at every scale that holds them", arguments: 0...8)
  func scales(scale: Int) throws {
    let digits = Array("12345678".utf8)
    let fraction = digits.prefix(scale) + Array(repeating: UInt8(ascii: "0"), count: 8 - scale)
    let mantissa = Int64(String(decoding: Array("987654321".utf8) + digits.prefix(scale), as: UTF8.self))
    let text = Array("987654321.".utf8) + fraction
    text.withUnsafeBytes { buffer in
      #expect(DecimalText.parseEightDecimals(buffer, scale: scale) == mantissa)
      if scale > 0 { #expect(DecimalText.parseEightDecimals(buffer, scale: scale - 1) == nil) }
    }
  }

  @Test("only digits count as digits: every byte at every place", arguments: 0..<18)
  func bytes(place: Int) {
    for byte in UInt8.min ... .max {
      var text = Array("123456789.12345678".utf8)
      text[place] = byte
      for scale in [0, 2, 8, 9, 18] {
        #expect(
          Self.outcome(text) { bytes throws(DecimalText.ParseError) in
            try DecimalText.parse(bytes, scale: scale)
          }
            == Self.outcome(text) { bytes throws(DecimalText.ParseError) in
              try DecimalText.parseEveryDigit(bytes, scale: scale)
            }, "byte \(byte) at \(place), scale \(scale)")
      }
    }
  }

  @Test(
    "the short way agrees with digit by digit, in its mantissas and in its errors",
    arguments: 1...8 as ClosedRange<UInt64>)
  func agreement(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let alphabet = Array("00000123456789.-e/:".utf8)
    for _ in 0..<5_000 {
      var text = (0..<random.integer(0...22)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      if text.count > 9, random.integer(0...3) > 0 {
        for index in text.indices where text[index] < UInt8(ascii: "0") || text[index] > UInt8(ascii: "9") {
          if random.integer(0...9) > 0 { text[index] = UInt8(ascii: "0") }
        }
        text[text.count - 9] = UInt8(ascii: ".")
      }
      let scale = Int(random.integer(0...18))
      #expect(
        Self.outcome(text) { bytes throws(DecimalText.ParseError) in
          try DecimalText.parse(bytes, scale: scale)
        }
          == Self.outcome(text) { bytes throws(DecimalText.ParseError) in
            try DecimalText.parseEveryDigit(bytes, scale: scale)
          }, "\(String(decoding: text, as: UTF8.self)) at scale \(scale)")
    }
  }

  @Test("powers of ten, up to the largest scale")
  func powers() {
    var expected: Int64 = 1
    for exponent in 0...DecimalText.maximumScale {
      #expect(DecimalText.powerOfTen(exponent) == expected)
      expected = expected.multipliedReportingOverflow(by: 10).partialValue
    }
  }
}
