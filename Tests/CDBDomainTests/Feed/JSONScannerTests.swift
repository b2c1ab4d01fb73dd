import Foundation
import Testing

@testable import CDBDomain

@Suite("The JSON scanner")
struct JSONScannerTests {
  private func accepts(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var scanner = JSONScanner(buffer)
      do {
        _ = try scanner.value()
        try scanner.end()
        return true
      } catch {
        return false
      }
    }
  }

  @Test(
    "takes what RFC 8259 allows",
    arguments: [
      "{}", "[]", " [ 1 , 2 ] ", #"{"a":{"b":[{}]}}"#, "0", "-0", "1.5", "1e9", "-1.25E-3", "true", "false",
      "null", #""""#, #""a\"b\\\/\b\f\n\r\t\u00e9""#, "\"München 🚀\"", "\t\r\n{} \n",
    ])
  func valid(text: String) {
    #expect(accepts(Array(text.utf8)))
  }

  @Test(
    "refuses what it does not",
    arguments: [
      "", " ", "{", "}", "[", "[1", "[1,]", "[,1]", "[1 2]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#,
      #"{"a" 1}"#, "{a:1}", "01", "+1", "1.", ".5", "1e", "1e+", "-", "tru", "nul", "True", "NaN", #"""#,
      #""\x""#, #""\u12""#, #""\u12g4""#, #"""" """#, "[1]]", "{}{}", "\"a\nb\"", "1 2", "'a'", "\u{FEFF}{}",
    ])
  func invalid(text: String) {
    #expect(!accepts(Array(text.utf8)))
  }

  @Test("refuses strings that are not UTF-8")
  func invalidUTF8() {
    for bytes: [UInt8] in [
      [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
      [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0xFF],
    ] {
      #expect(!accepts([0x22] + bytes + [0x22]))
    }
  }

  @Test("finds the end of a string wherever it is")
  func stringLengths() {
    for length in 0..<40 {
      for padding in 0..<10 {
        let text =
          "[\"" + String(repeating: "x", count: length) + "\"" + String(repeating: " ", count: padding) + "]"
        #expect(accepts(Array(text.utf8)))
        #expect(!accepts(Array(text.utf8.prefix(length + 2))))
      }
    }
  }

  @Test("refuses nesting beyond its limit, however deep")
  func depth() {
    let limit = JSONScanner.maximumDepth
    let nested = { (depth: Int) in
      [UInt8](repeating: 0x5B, count: depth) + [UInt8](repeating: 0x5D, count: depth)
    }
    #expect(accepts(nested(limit)))
    #expect(!accepts(nested(limit + 1)))
    #expect(!accepts(nested(1_000_000)))
  }

  @Test("resolves escapes, pairs of surrogates too")
  func escapes() {
    let text = Array(#""\u0042TC\n\uD83D\uDE80\ud800x""#.utf8)
    text.withUnsafeBytes { buffer in
      var scanner = JSONScanner(buffer)
      let value = try? scanner.value()
      let decoded = value?.withText(in: buffer) { String(decoding: $0, as: UTF8.self) }
      #expect(decoded == "BTC\n🚀\u{FFFD}x")
    }
  }

  @Test("reads integers at the ends of their range, and no others")
  func integers() {
    func integer(_ text: String) -> Int64? {
      Array(text.utf8).withUnsafeBytes { buffer in
        var scanner = JSONScanner(buffer)
        return (try? scanner.value())?.integer(in: buffer)
      }
    }
    #expect(integer("9223372036854775807") == .max)
    #expect(integer("9223372036854775808") == nil)
    #expect(integer("-17") == -17)
    #expect(integer("1.0") == nil)
    #expect(integer("1e3") == nil)
    #expect(integer("\"1\"") == nil)
  }

  @Test("takes no mutated text that Foundation refuses")
  func differential() {
    var random = RandomSource(seed: 7)
    let text = Array(#"{"a":[1,-2.5,{"b":"x\ny\\","c":null}],"d":true,"f":""}"#.utf8)
    for _ in 0..<20_000 {
      var mutated = text
      for _ in 0...random.integer(in: 0...2) {
        let index = Int(random.integer(in: 0...Int64(mutated.count - 1)))
        switch random.integer(in: 0...2) {
        case 0: mutated[index] = UInt8(truncatingIfNeeded: random.integer(in: 32...126))
        case 1: mutated.remove(at: index)
        default: mutated.insert(mutated[Int(random.integer(in: 0...Int64(mutated.count - 1)))], at: index)
        }
      }
      let theirs = (try? JSONSerialization.jsonObject(with: Data(mutated), options: .fragmentsAllowed)) != nil
      // The other way round does not hold: Foundation lets commas before closing brackets pass.
      if accepts(mutated), !theirs { Issue.record("\(String(decoding: mutated, as: UTF8.self))") }
    }
  }
}
