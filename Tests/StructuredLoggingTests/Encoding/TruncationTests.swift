import Foundation
import Logging
import Testing

@testable import StructuredLogging

@Suite("Lines that would be too long")
struct TruncationTests {
  @Test("a line of exactly the maximum is whole; one byte more is cut and flagged")
  func edge() throws {
    let empty = encode("")
    // Room is kept for the flag and for a thread id of any length.
    let flag = ",\"log.flags\":[\"truncated\"]".utf8.count
    let threadID = try #require(try parse(empty)["process.thread.id"] as? Int)
    let kept = flag + 11 - String(threadID).count
    let text = String(repeating: "x", count: 4095 - empty.utf8.count - kept)
    #expect(encode(text, maximumBytes: 4095).utf8.count == 4095 - kept)
    let object = try parse(encode(text + "x", maximumBytes: 4095))
    #expect(object["log.flags"] as? [String] == ["truncated"])
  }

  @Test("a value is cut between characters, never inside one", arguments: 0..<4)
  func boundary(offset: Int) throws {
    let text = String(repeating: "x", count: offset) + String(repeating: "😀", count: 5000)
    let line = encode(text, maximumBytes: 4095)
    #expect(line.utf8.count <= 4095)
    let message = try #require(try parse(line)["message"] as? String)
    #expect(message.count > 100)
    #expect(text.hasPrefix(message))
  }

  @Test("an escape is never cut")
  func escapeBoundary() throws {
    let message = try parse(encode(String(repeating: "\u{1}", count: 9000), maximumBytes: 4095))["message"]
    #expect((message as? String)?.isEmpty == false)
  }

  @Test("a long message leaves room for the metadata, and a long value for the others")
  func sharing() throws {
    let long = String(repeating: "y", count: 100_000)
    let object = try parse(encode(long, metadata: ["trace.id": "4bf92f", "a.long": "\(long)"]))
    #expect(object["trace.id"] as? String == "4bf92f")
    #expect((object["a.long"] as? String)?.count ?? 0 > 10_000)
    #expect((object["message"] as? String)?.count ?? 0 > 30_000)
  }

  @Test("a key that does not fit is left out as a whole, with its value")
  func longKey() throws {
    let object = try parse(
      encode("m", metadata: ["a." + String(repeating: "k", count: 9000): "v"], maximumBytes: 4095))
    #expect(object.keys.allSatisfy { !$0.hasPrefix("a.") })
    #expect(object["log.flags"] as? [String] == ["truncated"])
  }

  @Test("an array that does not fit keeps its first elements")
  func longArray() throws {
    let elements = (0..<10_000).map { Logger.MetadataValue.stringConvertible($0) }
    let object = try parse(encode("m", metadata: ["a.list": .array(elements)], maximumBytes: 4095))
    let list = try #require(object["a.list"] as? [Int])
    #expect(list.count > 100)
    #expect(list == Array(0..<list.count))
  }

  @Test("an identity of any length leaves room for the line")
  func longIdentity() throws {
    let long = String(repeating: "\u{1}", count: 100_000)
    let identity = ServiceIdentity(name: long, version: long, nodeName: long, dataset: long)
    let event = LogEvent(
      level: .info, message: "m", metadata: nil, source: "s", file: "f", function: "g", line: 1)
    let line = EncodingContext.withCurrent { threadID, line, timestamps in
      ECSEncoder(identity: identity, label: long).encode(
        event, metadata: MetadataLayers(event: nil, provider: nil, logger: [:]), at: 0, maximumBytes: 4095,
        threadID: threadID, line: &line, timestamps: &timestamps)
      return String(decoding: line.bytes, as: UTF8.self)
    }
    #expect(try parse(line)["message"] as? String == "m")
    #expect(line.utf8.count <= 4095)
  }
}
