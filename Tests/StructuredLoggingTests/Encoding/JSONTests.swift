import Foundation
import Logging
import Testing

@testable import StructuredLogging

/// Describes itself by logging, as code that was not written for loggers may do.
private struct Chatty: CustomStringConvertible {
  var description: String { "said \(!encode("inner").isEmpty)" }
}

@Suite("JSON")
struct JSONTests {
  @Test("every ASCII character comes back, at every offset of the eight-byte scan")
  func ascii() throws {
    for offset in 0..<9 {
      for value in 0..<128 {
        let text = String(repeating: "x", count: offset) + String(UnicodeScalar(UInt8(value))) + "tail"
        let line = encode(text)
        #expect(try parse(line)["message"] as? String == text)
        #expect(!line.utf8.contains { $0 < 0x20 })
      }
    }
  }

  @Test("quotes, backslashes and control characters are escaped in the short form where there is one")
  func escapes() {
    let line = encode("\" \\ \u{8} \u{9} \n \u{c} \r \u{1} \u{1f} \u{7f} \u{2028}")
    #expect(line.contains("\\\" \\\\ \\b \\t \\n \\f \\r \\u0001 \\u001f \u{7f} \u{2028}"))
  }

  @Test("a value that logs while it is described disturbs neither line")
  func reentrancy() throws {
    let object = try parse(encode("outer", metadata: ["a.b": .stringConvertible(Chatty())]))
    #expect(object["message"] as? String == "outer")
    #expect(object["a.b"] as? String == "said true")
  }

  @Test("containers nested without end are cut and flagged")
  func nesting() throws {
    var value: Logger.MetadataValue = "core"
    for _ in 0..<10_000 { value = .array([value]) }
    let object = try parse(encode("m", metadata: ["a.b": value]))
    #expect(object["log.flags"] as? [String] == ["truncated"])
  }

  @Test("hostile metadata always gives one valid object without duplicate keys, within the maximum")
  func property() throws {
    var random = SplitMix(state: 20_260_131)
    for round in 0..<1500 {
      let maximum = [4095, 5000, 65_535][round % 3]
      let generator = HostileMetadata()
      let event = generator.metadata(&random)
      let line = encode(
        generator.text(&random), error: round % 7 == 0 ? SampleFailure() : nil, metadata: event,
        provider: generator.metadata(&random), logger: generator.metadata(&random), maximumBytes: maximum)
      #expect(line.utf8.count <= maximum)
      #expect(!line.utf8.contains(0x0A))
      let object = try parse(line)
      let keys = topLevelKeys(line)
      #expect(Set(keys.map { Array($0.utf8) }).count == keys.count)
      #expect(object["service.name"] as? String == "shop")
      guard object["log.flags"] == nil else { continue }
      for (key, value) in event {
        guard case .string(let text) = value, key.contains("."), !key.hasPrefix("labels.") else { continue }
        let found = (object[key] as? String == text) || (object["labels." + key] as? String == text)
        #expect(found, "\(key.debugDescription) in round \(round)")
      }
    }
  }
}

/// Metadata of the kinds that break encoders.
private struct HostileMetadata {
  private static let keys = [
    "a", "labels.a", "labels.labels.a", "message", "labels.message", "service.name", "labels.service.name",
    "log.flags", "@timestamp", "error.type", "error.message", "a.b", "", ".", "labels.", "a\"b.c", "\u{0}.x",
    "é.x", "e\u{301}.x", "trace.id", "labels",
  ]
  // No byte order mark: Foundation's parser drops it at the beginning of a string and behind an escape.
  // No byte order mark: Foundation drops one at the beginning of a string and behind an escape.
  private static let scalars: [Unicode.Scalar] = [
    "a", "\"", "\\", "\n", "\u{0}", "\u{1b}", "\u{7f}", "é", "\u{301}", "€", "😀", "\u{2028}", "\u{FEFE}",
    "\u{FFFD}", "\u{10FFFF}", "/", "<",
  ]

  func text(_ random: inout SplitMix) -> String {
    let length = [0, 1, 7, 8, 9, 40, 600, 3000].randomElement(using: &random) ?? 0
    var text = ""
    for _ in 0..<Int.random(in: 0...length, using: &random) {
      text.unicodeScalars.append(Self.scalars.randomElement(using: &random) ?? "a")
    }
    return text
  }

  func metadata(_ random: inout SplitMix) -> Logger.Metadata {
    var metadata: Logger.Metadata = [:]
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      metadata[Self.keys.randomElement(using: &random) ?? "a"] = value(&random, depth: 0)
    }
    return metadata
  }

  private func value(_ random: inout SplitMix, depth: Int) -> Logger.MetadataValue {
    switch Int.random(in: 0..<(depth > 3 ? 6 : 8), using: &random) {
    case 0: return .stringConvertible(Int.random(in: .min ... .max, using: &random))
    case 1: return .stringConvertible(Double(bitPattern: random.next()))
    case 2: return .stringConvertible(Bool.random(using: &random))
    case 3: return .stringConvertible(Float(bitPattern: UInt32(truncatingIfNeeded: random.next())))
    case 6: return .array((0..<3).map { _ in value(&random, depth: depth + 1) })
    case 7:
      let keys = Self.keys.prefix(Int.random(in: 0..<4, using: &random))
      return .dictionary(
        Dictionary(keys.map { ($0, value(&random, depth: depth + 1)) }, uniquingKeysWith: { $1 }))
    default: return .string(text(&random))
    }
  }
}
