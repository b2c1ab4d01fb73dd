import Testing

@testable import RedisTransport

@Suite("What a server answers is read")
struct ReplyReaderTests {
  /// Reads the text in pieces of that size.
  private func read(
    _ text: String, pieces: Int = .max, limits: RedisReplyLimits = RedisReplyLimits()
  ) throws -> [RedisValue] {
    let reader = ReplyReader(limits: limits)
    var values: [RedisValue] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      try rest.prefix(pieces).withUnsafeBytes { try reader.feed($0) { values.append($0) } }
      rest = rest.dropFirst(pieces)
    }
    return values
  }

  static let sample =
    "+OK\r\n:-42\r\n$5\r\nhello\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n-ERR no such thing\r\n"
    + "*3\r\n:1\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$1\r\nb\r\n$4\r\na\r\nb\r\n-WRONGTYPE x\r\n"
  static let values: [RedisValue] = [
    .status("OK"), .integer(-42), .bytes(Array("hello".utf8)), .bytes([]), .null, .null, .array([]),
    .error(RedisRefusal(message: "ERR no such thing")),
    .array([
      .integer(1),
      .array([.bytes(Array("1-0".utf8)), .array([.bytes(Array("b".utf8)), .bytes(Array("a\r\nb".utf8))])]),
      .error(RedisRefusal(message: "WRONGTYPE x")),
    ]),
  ]

  @Test("the same values come out, however the bytes are cut", arguments: [1, 2, 3, 7, 64, .max])
  func pieces(size: Int) throws { #expect(try read(Self.sample, pieces: size) == Self.values) }

  @Test("random values come out as they went in, in random pieces", arguments: UInt64(1)...20)
  func roundTrip(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let values = (0..<50).map { _ in Self.value(depth: 0, &random) }
    var bytes: [UInt8] = []
    for value in values { Self.encode(value, into: &bytes) }
    let reader = ReplyReader(limits: RedisReplyLimits())
    var read: [RedisValue] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Int.random(in: 1...97, using: &random)
      try rest.prefix(count).withUnsafeBytes { try reader.feed($0) { read.append($0) } }
      rest = rest.dropFirst(count)
    }
    #expect(read == values)
  }

  static func value(depth: Int, _ random: inout SeededGenerator) -> RedisValue {
    switch Int.random(in: 0..<(depth < 6 ? 6 : 4), using: &random) {
    case 0: .integer(Int64.random(in: .min ... .max, using: &random))
    case 1:
      .bytes(
        (0..<Int.random(in: 0..<300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
    case 2: .null
    case 3: .status("S\(Int.random(in: 0..<1_000, using: &random))")
    default: .array((0..<Int.random(in: 0..<5, using: &random)).map { _ in value(depth: depth + 1, &random) })
    }
  }

  static func encode(_ value: RedisValue, into bytes: inout [UInt8]) {
    switch value {
    case .null: bytes += Array("$-1\r\n".utf8)
    case .integer(let number): bytes += Array(":\(number)\r\n".utf8)
    case .status(let text): bytes += Array("+\(text)\r\n".utf8)
    case .error(let refusal): bytes += Array("-\(refusal.message)\r\n".utf8)
    case .bytes(let content): bytes += Array("$\(content.count)\r\n".utf8) + content + [13, 10]
    case .array(let list):
      bytes += Array("*\(list.count)\r\n".utf8)
      for value in list { encode(value, into: &bytes) }
    }
  }

  @Test(
    "what is no reply is an error",
    arguments: [
      "HTTP/1.1 200 OK\r\n\r\n", "$abc\r\n", ":12x\r\n", "*1x\r\n", "$-2\r\n", "*-2\r\n", "\0\0\0\0\r\n",
      "*99999999999999999999\r\n", "$99999999999999999999\r\n",
      String(repeating: "*1\r\n", count: 40) + ":1\r\n",
    ])
  func malformed(text: String) {
    #expect(throws: ReplyFault.self) { try read(text) }
    #expect(throws: ReplyFault.self) { try read(text, pieces: 1) }
  }

  @Test("random bytes crash nothing", arguments: UInt64(1)...200)
  func hostile(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let alphabet = Array("*$+-:\r\n0123456789\0aZ".utf8)
    let reader = ReplyReader(limits: RedisReplyLimits())
    var values = 0
    for _ in 0..<50 {
      let bytes = (0..<40).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
      do { try bytes.withUnsafeBytes { try reader.feed($0) { _ in values += 1 } } } catch { break }
    }
    #expect(values < 2_000)
  }

  @Test("a reply that announces more than is allowed is refused before it comes, and nothing is kept for it")
  func announced() {
    var limits = RedisReplyLimits()
    limits.values = 1_000
    #expect(throws: ReplyFault.tooLarge(limits)) { try read("*1001\r\n", limits: limits) }
    #expect(throws: ReplyFault.tooLarge(limits)) { try read("*2147483647\r\n", limits: limits) }
    #expect(throws: ReplyFault.tooLarge(limits)) {
      try read("*900\r\n*900\r\n", limits: limits)
    }
  }

  @Test(
    "a reply without an end is refused at the limit",
    arguments: ["$1000000000\r\n", "+", "*1\r\n$1000000000\r\n"])
  func endless(beginning: String) {
    var limits = RedisReplyLimits()
    limits.bytes = 100_000
    let reader = ReplyReader(limits: limits)
    let chunk = Array(repeating: UInt8(ascii: "x"), count: 1_000)
    #expect(throws: ReplyFault.tooLarge(limits)) {
      try Array(beginning.utf8).withUnsafeBytes { try reader.feed($0) { _ in } }
      for _ in 0..<200 { try chunk.withUnsafeBytes { try reader.feed($0) { _ in } } }
    }
  }

  @Test("many small replies after one another are no large one")
  func many() throws {
    var limits = RedisReplyLimits()
    limits.bytes = 1_000
    limits.values = 10
    let values = try read(String(repeating: "$3\r\nabc\r\n", count: 5_000), pieces: 500, limits: limits)
    #expect(values.count == 5_000)
  }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
