import Testing

@testable import RedisTransport

@Suite("Addresses, slots, credentials and pauses")
struct AddressTests {
  @Test(
    "an address is read and written",
    arguments: [
      ("redis://localhost", "redis://localhost:6379"),
      ("rediss://[::1]:7000/3", "rediss://[::1]:7000/3"),
      ("redis://10.0.0.1:6380/", "redis://10.0.0.1:6380"),
      ("redis+sentinel://a,b:27000/mymaster/2", "redis+sentinel://a:26379,b:27000/mymaster/2"),
      ("rediss+sentinel://a/m", "rediss+sentinel://a:26379/m"),
      ("redis+cluster://a:1,b:2,[::1]:3", "redis+cluster://a:1,b:2,[::1]:3"),
    ])
  func read(text: String, written: String) throws {
    #expect(try RedisAddress(text).description == written)
  }

  @Test(
    "what is no address says why",
    arguments: [
      "localhost:6379", "http://a", "redis://", "redis://a,b", "redis://a:0", "redis://a:65536",
      "redis://a:x",
      "redis://a/x", "redis://a/-1", "redis://a/1/2", "redis://a/65536", "redis+sentinel://a",
      "redis+sentinel://a/",
      "redis+cluster://a/1", "redis+cluster://a,,b", "redis+other://a", "redis+a+b://c", "redis://[::1",
      "redis://a b",
      "redis://a?x=1", "redis://:6379", "",
    ])
  func invalid(text: String) {
    #expect(throws: RedisError.self) { try RedisAddress(text) }
  }

  @Test("a password in an address is refused, and not repeated")
  func password() throws {
    let error = try #require(throws: RedisError.self) { try RedisAddress("redis://me:geheim@host") }
    #expect(!"\(error)".contains("geheim"))
    #expect("\(error)".contains("credentials"))
  }

  @Test("a credential cannot be printed")
  func credential() {
    let credential = RedisCredential(user: "me", password: "geheim")
    var dumped = ""
    dump(credential, to: &dumped)
    var options = RedisOptions()
    options.credential = credential
    for text in [
      "\(credential)", String(reflecting: credential), dumped, "\(options)", "\(credential.command)",
    ] {
      #expect(!text.contains("geheim"))
    }
  }

  @Test(
    "keys have the slots that a cluster gives them",
    arguments: [("123456789", 12_739), ("foo", 12_182), ("{foo}bar", 12_182), ("foo{}{bar}", 8_363), ("", 0)])
  func slots(key: String, slot: Int) { #expect(KeySlot.of(key) == slot) }

  @Test("only the first braces with something inside count")
  func braces() {
    #expect(KeySlot.of("a{b}c{d}") == KeySlot.of("b"))
    #expect(KeySlot.of("a{{b}}c") == KeySlot.of("{b"))
  }

  @Test(
    "a redirection says where to",
    arguments: [
      ("MOVED 3999 127.0.0.1:6381", true), ("ASK 1 ::1:7", true), ("MOVED 16384 a:1", false),
      ("MOVED 1 a", false),
      ("MOVED 1 :1", false), ("MOVED 1 a:0", false), ("MOVED x a:1", false), ("OOM 1 a:1", false),
    ])
  func redirection(message: String, isOne: Bool) {
    #expect((RedisRefusal(message: message).redirection != nil) == isOne)
  }

  @Test("pauses double up to their bound, and of each at least a half is waited")
  func backOff() {
    var backOff = BackOff(first: .milliseconds(100), longest: .seconds(1))
    #expect(backOff.failed(random: 0) == .milliseconds(50))
    #expect(backOff.failed(random: 0) == .milliseconds(100))
    #expect(backOff.failed(random: 0) == .milliseconds(200))
    #expect(backOff.failed(random: 0) == .milliseconds(400))
    for _ in 0..<100 { #expect(backOff.failed(random: 0) == .milliseconds(500)) }
    #expect(backOff.failed(random: .max) <= .seconds(1))
    backOff.succeeded()
    #expect(backOff.failed(random: .max) > .milliseconds(99))
  }
}
