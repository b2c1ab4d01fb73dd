import Foundation
import ProgramFixture
import Testing

@testable import LogShipping

@Suite("What is made of a line")
struct LineTests {
  private static func document(
    _ line: [UInt8], isTruncated: Bool = false, isUnended: Bool = false
  ) throws -> [String: Any] {
    let origin = DocumentWriter.Origin(
      path: JSONText.quoted("/var/log/a \"b\".log"), offset: 42,
      time: Array("\"2026-11-30T12:00:00.000Z\"".utf8), isTruncated: isTruncated, isUnended: isUnended)
    var output: [UInt8] = []
    var writer = DocumentWriter()
    line.withUnsafeBytes { line in
      let prepared = writer.prepare(line, origin)
      writer.write(prepared, line, origin, to: &output)
    }
    #expect(!output.contains(10))
    return try #require(try JSONSerialization.jsonObject(with: Data(output)) as? [String: Any])
  }

  private static func scan(_ text: String) -> JSONScan {
    Array(text.utf8).withUnsafeBytes { JSONValidator.scan($0) }
  }

  @Test(
    "what RFC 8259 calls an object is one",
    arguments: [
      "{}", " {\t} ", "{\"a\":1}", "{\"a\":-0.5e+10,\"b\":[],\"c\":[1,\"x\",null,true,false,{\"d\":{}}]}",
      "{\"a\":\"\\u00e4\\n\\\"\\\\\\/\"}", "{\"ä\":\"€𝄞\"}", "{\"a\":0}", "{\"a\":[[[[]]]]}",
      "{\"a\":1,\"a\":2}",
    ])
  func objects(text: String) {
    guard case .object = Self.scan(text) else {
      Issue.record("\(text): \(Self.scan(text))")
      return
    }
  }

  @Test(
    "what is none is not, and it is said where",
    arguments: [
      ("{", 1), ("{\"a\"}", 4), ("{\"a\":}", 5), ("{\"a\":1,}", 7), ("{\"a\":01}", 6), ("{\"a\":1} x", 8),
      ("{\"a\":+1}", 5), ("{\"a\":1.}", 7), ("{\"a\":\"\u{1}\"}", 6), ("{\"a\":\"\\x\"}", 7), ("{'a':1}", 1),
      ("{\"a\":tru}", 8), ("{\"a\":[1 2]}", 8), ("{\"a\":\"b", 7), ("{\"a\":NaN}", 5), ("{\"a\":[}", 6),
    ])
  func faults(text: String, offset: Int) {
    #expect(Self.scan(text) == .invalid(JSONFault(kind: .syntax, offset: offset)))
  }

  @Test("nesting is followed to 128, on both sides of 64, and refused beyond")
  func depth() {
    for depth in [1, 63, 64, 65, 127] {
      let text =
        "{\"a\":" + String(repeating: "[{\"b\":", count: depth / 2)
        + String(repeating: "[", count: depth % 2) + "1" + String(repeating: "]", count: depth % 2)
        + String(repeating: "}]", count: depth / 2) + "}"
      guard case .object = Self.scan(text) else {
        Issue.record("\(depth): \(Self.scan(text))")
        return
      }
    }
    let deep = "{\"a\":" + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}"
    #expect(Self.scan(deep) == .invalid(JSONFault(kind: .depth, offset: 132)))
  }

  @Test("bytes that need a look are found eight at a time as one at a time")
  func plainBytes() {
    var random = SeededGenerator(seed: 1)
    let special: [UInt8] = [0x22, 0x5C, 0x1F, 0, 0x80, 0xFF, 0x20, 0x7F, 0x21, 0x23, 0x5B, 0x5D]
    for _ in 0..<2_000 {
      let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
        Int.random(in: 0..<8, using: &random) == 0
          ? special.randomElement(using: &random) ?? 0 : UInt8.random(in: 0x23...0x5B, using: &random)
      }
      let expected = bytes.firstIndex { $0 == 0x22 || $0 == 0x5C || $0 < 0x20 || $0 >= 0x80 } ?? bytes.count
      #expect(bytes.withUnsafeBytes { PlainBytes.end(in: $0, from: 0) } == expected, "\(bytes)")
    }
  }

  @Test("UTF-8 is what Swift takes for it")
  func utf8() {
    var random = SeededGenerator(seed: 2)
    for _ in 0..<5_000 {
      let bytes = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        UInt8.random(in: 0x70...0xFF, using: &random)
      }
      var output: [UInt8] = []
      let isWhole = bytes.withUnsafeBytes { JSONText.append($0, to: &output) }
      #expect(isWhole == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
      #expect(String(validating: output, as: UTF8.self) != nil)
    }
  }

  @Test("a JSON object is passed through as it is, behind what it lacks")
  func pass() throws {
    let document = try Self.document(Array("{\"message\":\"a\\u00e4\",\"x\":{\"y\":[1]}}".utf8))
    #expect(document["message"] as? String == "aä")
    #expect(document["@timestamp"] as? String == "2026-11-30T12:00:00.000Z")
    #expect(document["log.file.path"] as? String == "/var/log/a \"b\".log")
    #expect(document["log.offset"] as? Int == 42)
    #expect(document.count == 5)
    let own = try Self.document(Array("{\"@timestamp\":\"t\",\"log.offset\":1,\"log.file.path\":\"p\"}".utf8))
    #expect(own["@timestamp"] as? String == "t" && own["log.offset"] as? Int == 1 && own.count == 3)
    #expect(try Self.document(Array("{}".utf8)).count == 3)
    // A key that is not at the top is another one.
    let nested = try Self.document(Array("{\"a\":{\"@timestamp\":\"t\"}}".utf8))
    #expect(nested["@timestamp"] as? String == "2026-11-30T12:00:00.000Z")
  }

  @Test("plain text is the message")
  func text() throws {
    let document = try Self.document(Array("GET \"/a\"\t\\ 200 ä \u{1}".utf8))
    #expect(document["message"] as? String == "GET \"/a\"\t\\ 200 ä \u{1}")
    #expect(document.count == 4)
  }

  @Test("broken JSON and broken UTF-8 are kept, and say so")
  func broken() throws {
    let json = try Self.document(Array("{\"a\":1".utf8))
    #expect(json["message"] as? String == "{\"a\":1")
    #expect(json["error.message"] as? String == "invalid JSON at byte 6")
    #expect(json["log.flags"] as? [String] == ["invalid_json"])
    let text = try Self.document([0x61, 0xFF, 0x62])
    #expect(text["message"] as? String == "a\u{FFFD}b")
    #expect(text["error.message"] as? String == "invalid UTF-8")
    #expect(text["log.flags"] as? [String] == ["invalid_utf8"])
    let both = try Self.document(Array("{\"a\":\"".utf8) + [0xC0] + Array("\"}".utf8))
    #expect(both["error.message"] as? String == "invalid UTF-8 at byte 6")
    #expect(both["log.flags"] as? [String] == ["invalid_json", "invalid_utf8"])
    let cut = try Self.document(Array("{\"a\":1}".utf8), isTruncated: true)
    #expect(cut["message"] as? String == "{\"a\":1}" && cut["log.flags"] as? [String] == ["truncated"])
  }

  @Test("lines are cut at newlines, without carriage returns and the NULs of a hole")
  func cuts() {
    let bytes = Array("a\r\n\n\u{0}\u{0}b\nrest".utf8)
    bytes.withUnsafeBytes { bytes in
      #expect(LineCutter.next(in: bytes, from: 0) == LineCutter.Cut(content: 0..<1, end: 3))
      #expect(LineCutter.next(in: bytes, from: 3) == LineCutter.Cut(content: 3..<3, end: 4))
      #expect(LineCutter.next(in: bytes, from: 4) == LineCutter.Cut(content: 6..<7, end: 8))
      #expect(LineCutter.next(in: bytes, from: 8) == nil)
    }
  }

  @Test("a cut does not tear a character")
  func boundary() {
    let bytes = Array("aä€𝄞".utf8)  // 1, 2, 3 and 4 bytes
    let ends = (1...10).map { end in bytes.withUnsafeBytes { UTF8Bytes.boundary(in: $0, before: end) } }
    #expect(ends == [1, 1, 3, 3, 3, 6, 6, 6, 6, 10])
  }

  @Test("the same line of the same life has the same id, and another one another")
  func ids() {
    func id(_ shipper: UInt64, _ number: UInt64, _ offset: UInt64, _ text: String) -> String {
      var output: [UInt8] = []
      Array(text.utf8).withUnsafeBytes {
        LineID.append(
          key: LineID.key(shipper: shipper, number: number), offset: offset, content: $0, to: &output)
      }
      return String(decoding: output, as: UTF8.self)
    }
    let one = id(1, 1, 0, "a")
    #expect(one == id(1, 1, 0, "a") && one.utf8.count == LineID.count)
    let others = [id(2, 1, 0, "a"), id(1, 2, 0, "a"), id(1, 1, 2, "a"), id(1, 1, 0, "b")]
    #expect(Set(others + [one]).count == 5)
  }

  @Test("times are those of the calendar")
  func times() {
    #expect(TimeText.of(0) == "1970-01-01T00:00:00.000Z")
    #expect(TimeText.of(951_782_399_999) == "2000-02-28T23:59:59.999Z")
    #expect(TimeText.of(951_782_400_000) == "2000-02-29T00:00:00.000Z")
    #expect(TimeText.of(1_796_040_348_007) == "2026-11-30T12:05:48.007Z")
  }
}
