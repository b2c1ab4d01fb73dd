import Logging
import Testing

@testable import StructuredLogging

@Suite("Text for terminals")
struct TextFormatTests {
  private func text(_ message: String, _ metadata: Logger.Metadata = [:], isColoured: Bool = false) -> String
  {
    let event = LogEvent(
      level: .warning, message: "\(message)", metadata: nil, source: "s", file: "f", function: "g", line: 1)
    return EncodingContext.withCurrent { _, line, timestamps in
      TextEncoder(label: "feed", isColoured: isColoured).encode(
        event, metadata: MetadataLayers(event: nil, provider: nil, logger: metadata), at: 0,
        maximumBytes: 4095, line: &line, timestamps: &timestamps)
      return String(decoding: line.bytes, as: UTF8.self)
    }
  }

  @Test("a line has time, level, logger, message and sorted metadata")
  func layout() {
    #expect(
      text("gap closed", ["b": "x y", "a": .stringConvertible(3), "c": ""])
        == "1970-01-01T00:00:00.000000Z WARNING  feed: gap closed a=3 b=\"x y\" c=\"\"")
  }

  @Test("control characters can neither break the line nor command the terminal")
  func controls() {
    let line = text("a\n\u{1b}[2J\u{9b}\u{7f}", ["k": "\"\\\r\u{2028}"])
    #expect(line.hasSuffix("a\\n\\u001b[2J\\u009b\\u007f k=\"\\\"\\\\\\r\\u2028\""))
  }

  @Test("colours are there when asked for, and only then")
  func colours() {
    #expect(text("m", isColoured: true).contains("\u{1b}[33mWARNING \u{1b}[0m"))
    #expect(!text("m").contains("\u{1b}"))
  }

  @Test("a long line is cut and says so")
  func cut() {
    let line = text(String(repeating: "€", count: 9000), ["k": "v"])
    #expect(line.utf8.count <= 4095)
    #expect(line.hasSuffix(" k=v [truncated]"))
  }
}
