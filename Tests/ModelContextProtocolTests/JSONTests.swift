import Testing

@testable import ModelContextProtocol

@Suite("JSON values")
struct JSONTests {
  private func read(_ text: String, _ limits: JSONLimits = JSONLimits()) throws(JSONFailure) -> JSONValue {
    try JSONReader.read(Array(text.utf8), limits: limits)
  }

  @Test("whole numbers of 64 bits stay what they are, and others keep their digits")
  func numbers() throws {
    let text =
      "[9223372036854775807,-9223372036854775808,9223372036854775808,0.10,1E400,-0,123456789012345678901]"
    let value = try read(text)
    #expect(value.encodedText == text)
    #expect(value.elements?.first == .integer(.max))
    #expect(value.elements?[1] == .integer(.min))
    #expect(value.elements?[2].whole == nil)
    #expect(value.elements?[4].double == nil)
  }

  @Test(
    "a whole number is one however it is written",
    arguments: [
      ("1.0", 1), ("1e3", 1_000), ("1.50e1", 15), ("-0", 0), ("0e99", 0),
      ("9223372036854775807.0", Int64.max),
      ("-92233720368547758080e-1", Int64.min), ("1.5", nil), ("1e-1", nil), ("1e19", nil),
      ("1e999999999999", nil), ("1e-9223372036854775808", nil),
    ] as [(String, Int64?)])
  func whole(_ text: String, _ number: Int64?) throws {
    #expect(try read(text).whole == number)
  }

  @Test(
    "what is no JSON is refused",
    arguments: [
      "", " ", "{", "[", "[1,]", "{\"a\":1,}", "{a:1}", "{'a':1}", "[1 2]", "01", "1.", ".5", "+1", "1e", "-",
      "tru",
      "truex", "nul", "\"", "\"\\x\"", "\"\\u12\"", "\"\u{1}\"", "\"a\nb\"", "1 1", "{\"a\"}", "{\"a\":}",
      "[,]", "NaN",
      "\u{FEFF}1", "//", "\"\\u00g0\"",
    ])
  func malformed(_ text: String) {
    #expect(throws: JSONFailure.self) { try read(text) }
  }

  @Test(
    "a decimal is one number and nothing else",
    arguments: ["", " 1", "1 ", "1 2", "1\n", "\"1\"", "[1]", "x"])
  func decimals(_ text: String) {
    #expect(JSONDecimal(text) == nil)
    #expect(JSONDecimal("1.50")?.text == "1.50")
  }

  @Test("a name that an object has twice is refused, in a small and in a large one")
  func duplicates() {
    #expect(throws: JSONFailure.duplicateName(at: 7)) { try read(#"{"a":1,"\u0061":2}"#) }
    let many = (0..<100).map { "\"n\($0)\":1" }.joined(separator: ",")
    #expect(throws: JSONFailure.self) { try read("{\(many),\"n50\":1}") }
    #expect(throws: Never.self) { try read("{\(many),\"n100\":1}") }
  }

  @Test("nesting and the number of values are bounded")
  func bounds() throws {
    let limits = JSONLimits(depth: 3, values: 5)
    #expect(throws: Never.self) { try read("[[[1]]]", limits) }
    #expect(throws: JSONFailure.tooDeep(limit: 3)) { try read("[[[[1]]]]", limits) }
    #expect(throws: Never.self) { try read("[1,2,3,4]", limits) }
    #expect(throws: JSONFailure.tooManyValues(limit: 5)) { try read("[1,2,3,4,5]", limits) }
    #expect(throws: JSONFailure.tooDeep(limit: 64)) { try read(String(repeating: "[", count: 1_000_000)) }
  }

  @Test("escapes are resolved, pairs put together, and lone surrogates replaced")
  func escapes() throws {
    #expect(try read(#""\u00e9\ud83d\ude00\n\/""#).text == "é😀\n/")
    #expect(try read(#""\ud83d!""#).text == "\u{FFFD}!")
    #expect(try read(#""\ud83d\u0041""#).text == "\u{FFFD}A")
    #expect(try read(#""\ude00""#).text == "\u{FFFD}")
  }

  @Test(
    "bytes that are no UTF-8 are refused",
    arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]])
  func encoding(_ bytes: [UInt8]) {
    #expect(throws: JSONFailure.self) {
      try JSONReader.read([0x22] + bytes + [0x22], limits: JSONLimits())
    }
  }

  @Test("what is written is one line, and says the same when it is read")
  func writing() throws {
    let text =
      String(String.UnicodeScalarView((0..<0x80).compactMap { Unicode.Scalar(UInt8($0)) })) + "é😀\u{2028}"
    let value: JSONValue = [
      "text": .string(text), "list": [1, nil, true, false, []], "object": [:],
      "number": .decimal(try #require(JSONDecimal("1.50"))),
    ]
    let bytes = value.encoded
    #expect(!bytes.contains { $0 < 0x20 })
    #expect(try JSONReader.read(bytes, limits: JSONLimits()) == value)
  }

  @Test("members keep their order, are equal in any, and can be taken out, in small and in large objects")
  func objects() {
    var object = JSONObject((0..<40).map { ("n\($0)", JSONValue.integer(Int64($0))) })
    object["n3"] = nil
    object["n4"] = "four"
    object["n3"] = 3
    #expect(object.count == 40)
    #expect(object.members.last?.name == "n3")
    #expect(object["n4"] == "four")
    #expect(object["n39"] == 39)
    #expect(JSONObject(object.members.reversed().map { ($0.name, $0.value) }) == object)
    object["n39"] = nil
    #expect(object["n39"] == nil)
  }

  @Test(
    "a floating-point number becomes the number it is",
    arguments: [(1.0, "1"), (-2.5, "-2.5"), (1e300, "1e+300")])
  func doubles(_ number: Double, _ text: String) throws {
    #expect(JSONValue(number)?.encodedText == text)
    #expect(JSONValue(number)?.double == number)
    #expect(JSONValue(Double.nan) == nil)
    #expect(JSONValue(-Double.infinity) == nil)
  }
}
