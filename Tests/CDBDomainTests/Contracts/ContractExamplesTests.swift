import Foundation
import Testing

@testable import CDBDomain

/// The examples in `docs/contracts/README.md` are the encoder's own output. To write them anew after a
/// deliberate change: `CDB_UPDATE_EXAMPLES=1 swift test --filter ContractExamplesTests`.
@Suite("Examples in the documentation", .serialized)
struct ContractExamplesTests {
  static let readme = SchemaValidator.directory.appending(path: "README.md")

  /// Two lines between which one example stands.
  static func markers(_ name: String) -> (start: String, end: String) {
    ("<!-- example: \(name) -->\n```json\n", "\n```\n")
  }

  static func range(of name: String, in text: String) throws -> Range<String.Index> {
    let (start, end) = markers(name)
    let from = try #require(text.range(of: start), "no example of \(name) in \(readme.path())")
      .upperBound
    let to = try #require(text.range(of: end, range: from..<text.endIndex)).lowerBound
    return from..<to
  }

  @Test("each example is what the encoder writes")
  func current() throws {
    var text = try String(contentsOf: Self.readme, encoding: .utf8)
    let isRecording = ProcessInfo.processInfo.environment["CDB_UPDATE_EXAMPLES"] == "1"
    for sample in ContractSamples.examples {
      let written = Self.indented(try CloudEventEncoderTests.encode(sample))
      let range = try Self.range(of: sample.name, in: text)
      if isRecording {
        text.replaceSubrange(range, with: written)
      } else {
        #expect(text[range] == written, "\(sample.name)")
      }
    }
    if isRecording { try text.write(to: Self.readme, atomically: true, encoding: .utf8) }
  }

  /// The same JSON over several lines; members stay in their order.
  static func indented(_ json: [UInt8]) -> String {
    var (text, depth, isInString, isEscaped) = ("", 0, false, false)
    for byte in String(decoding: json, as: UTF8.self) {
      let newline = { "\n" + String(repeating: "  ", count: depth) }
      if isInString {
        text.append(byte)
        if !isEscaped, byte == "\"" { isInString = false }
        isEscaped = !isEscaped && byte == "\\"
        continue
      }
      switch byte {
      case "{", "[":
        depth += 1
        text += String(byte) + newline()
      case "}", "]":
        depth -= 1
        text += newline() + String(byte)
      case ",": text += "," + newline()
      case ":": text += ": "
      default:
        isInString = byte == "\""
        text.append(byte)
      }
    }
    return text
  }
}
