import Foundation
import Logging
import Testing

@testable import StructuredLogging

struct SampleFailure: Error, CustomStringConvertible {
  var description: String { "no \"luck\"" }
}

@Suite("Elastic Common Schema fields")
struct ECSFieldTests {
  @Test("a line without metadata has the eleven fields that are always there, and no other")
  func alwaysPresent() throws {
    let line = encode("hello", level: .warning)
    let object = try parse(line)
    #expect(
      topLevelKeys(line) == [
        "@timestamp", "log.level", "message", "ecs.version", "service.name", "service.version",
        "service.node.name", "event.dataset", "log.logger", "process.pid", "process.thread.id",
      ])
    #expect(object["@timestamp"] as? String == "2026-01-31T23:59:59.000001Z")
    #expect(object["log.level"] as? String == "warning")
    #expect(object["message"] as? String == "hello")
    #expect((object["ecs.version"] as? String)?.hasPrefix("8.") == true)
    #expect(object["service.name"] as? String == "shop")
    #expect(object["service.version"] as? String == "2.1.0")
    #expect(object["service.node.name"] as? String == "node-7")
    #expect(object["event.dataset"] as? String == "shop.log")
    #expect(object["log.logger"] as? String == "orders")
    #expect(object["process.pid"] as? Int32 == getpid())
    #expect((object["process.thread.id"] as? Int ?? 0) > 0)
  }

  @Test("each level is written as its lower-case name", arguments: Logger.Level.allCases)
  func levels(level: Logger.Level) throws {
    #expect(try parse(encode("m", level: level))["log.level"] as? String == level.rawValue)
  }

  @Test(
    "time is RFC 3339 in UTC with microseconds, also before the epoch and on leap days",
    arguments: [
      (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
      (951_782_400_123_456_789, "2000-02-29T00:00:00.123456Z"),
      (Int64.max, "2262-04-11T23:47:16.854775Z"), (Int64.min, "1677-09-21T00:12:43.145224Z"),
    ])
  func timestamps(nanoseconds: Int64, expected: String) throws {
    #expect(try parse(encode("m", at: nanoseconds))["@timestamp"] as? String == expected)
  }

  @Test("a dotted key stands as it is, and numbers and booleans under it are typed")
  func dottedKeys() throws {
    let line = encode(
      "m",
      metadata: [
        "cdb.stage": "core", "event.sequence": .stringConvertible(42), "a.float": .stringConvertible(0.1),
        "a.single": .stringConvertible(Float(0.1)), "a.flag": .stringConvertible(true),
        "a.big": .stringConvertible(UInt64.max), "a.least": .stringConvertible(Int64.min),
        "a.small": .stringConvertible(Int8(-3)), "a.nan": .stringConvertible(Double.nan),
        "a.text": .stringConvertible(Substring("12")),
      ])
    let object = try parse(line)
    #expect(object["cdb.stage"] as? String == "core")
    for part in [
      "\"event.sequence\":42", "\"a.float\":0.1", "\"a.single\":0.1", "\"a.flag\":true",
      "\"a.big\":18446744073709551615", "\"a.least\":-9223372036854775808", "\"a.small\":-3",
      "\"a.nan\":\"NaN\"", "\"a.text\":\"12\"",
    ] {
      #expect(line.contains(part))
    }
  }

  @Test("an undotted key becomes a label, and labels hold strings only")
  func labels() throws {
    let line = encode(
      "m",
      metadata: [
        "attempt": .stringConvertible(3), "labels.ratio": .stringConvertible(0.5),
        "tags": .array([.stringConvertible(1), "x"]), "inner": ["n": .stringConvertible(true)],
      ])
    let object = try parse(line)
    #expect(object["labels.attempt"] as? String == "3")
    #expect(object["labels.ratio"] as? String == "0.5")
    #expect(object["labels.tags"] as? [String] == ["1", "x"])
    #expect(object["labels.inner"] as? [String: String] == ["n": "true"])
  }

  @Test("arrays and dictionaries under a dotted key are nested and typed")
  func containers() throws {
    let line = encode(
      "m", metadata: ["a.b": ["list": .array([.stringConvertible(1), ["x": .stringConvertible(false)]])]])
    #expect(line.contains("\"a.b\":{\"list\":[1,{\"x\":false}]}"))
    #expect(encode("m", metadata: ["a.e": .array([]), "a.f": .dictionary([:])]).contains("\"a.e\":[]"))
  }

  @Test(
    "a key that would overwrite a field that is always there is moved to labels",
    arguments: [
      "@timestamp", "log.level", "message", "ecs.version", "service.name", "service.version",
      "service.node.name", "event.dataset", "log.logger", "process.pid", "process.thread.id", "log.flags",
    ])
  func collisions(key: String) throws {
    let line = encode("real", metadata: [key: "forged"])
    let object = try parse(line)
    #expect(object["labels." + key] as? String == "forged")
    #expect(object["message"] as? String == "real")
    let keys = topLevelKeys(line)
    #expect(Set(keys).count == keys.count)
  }

  @Test("keys that aim at the same label all stay, under different names")
  func labelCollisions() throws {
    let line = encode(
      "m",
      metadata: ["a": "1", "labels.a": "2", "labels.labels.a": "3", "service.name": "4"],
      logger: ["labels.service.name": "5"])
    let object = try parse(line)
    #expect(object["labels.a"] as? String == "1")
    #expect(object["labels.labels.a"] as? String == "2")
    #expect(object["labels.labels.labels.a"] as? String == "3")
    #expect(object["labels.service.name"] as? String == "4")
    #expect(object["labels.labels.service.name"] as? String == "5")
  }

  @Test("the event's metadata wins over the provider's, and that over the logger's")
  func precedence() throws {
    let object = try parse(
      encode(
        "m", metadata: ["a.a": "event"], provider: ["a.a": "provider", "a.b": "provider"],
        logger: ["a.a": "logger", "a.b": "logger", "a.c": "logger"]))
    #expect(object["a.a"] as? String == "event")
    #expect(object["a.b"] as? String == "provider")
    #expect(object["a.c"] as? String == "logger")
  }

  @Test("an error gives error.type and error.message, and what claims these names becomes a label")
  func errors() throws {
    let object = try parse(encode("m", error: SampleFailure(), metadata: ["error.type": "mine"]))
    #expect((object["error.type"] as? String)?.hasSuffix("SampleFailure") == true)
    #expect(object["error.message"] as? String == "no \"luck\"")
    #expect(object["labels.error.type"] as? String == "mine")
    #expect(try parse(encode("m", metadata: ["error.type": "mine"]))["error.type"] as? String == "mine")
  }

  @Test("the dataset is the service's name, and the node the host's, unless told otherwise")
  func identityDefaults() {
    let identity = ServiceIdentity(name: "a", version: "b")
    #expect(identity.dataset == "a")
    #expect(identity.nodeName == ServiceIdentity.hostName)
    #expect(!identity.nodeName.isEmpty)
  }
}
