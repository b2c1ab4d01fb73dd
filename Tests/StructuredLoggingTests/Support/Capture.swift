import Foundation
import Logging
import Testing

@testable import StructuredLogging

let testIdentity = ServiceIdentity(name: "shop", version: "2.1.0", nodeName: "node-7", dataset: "shop.log")

/// Encodes one event as a handler would, without a writer.
func encode(
  _ message: String,
  level: Logger.Level = .info,
  error: (any Error)? = nil,
  metadata: Logger.Metadata? = nil,
  provider: Logger.Metadata? = nil,
  logger: Logger.Metadata = [:],
  at nanoseconds: Int64 = 1_769_903_999_000_001_999,
  maximumBytes: Int = 65_535
) -> String {
  let event = LogEvent(
    level: level, message: "\(message)", error: error, metadata: metadata, source: "tests", file: #fileID,
    function: #function, line: #line)
  return EncodingContext.withCurrent { threadID, line, timestamps in
    ECSEncoder(identity: testIdentity, label: "orders").encode(
      event, metadata: MetadataLayers(event: metadata, provider: provider, logger: logger), at: nanoseconds,
      maximumBytes: maximumBytes, threadID: threadID, line: &line, timestamps: &timestamps)
    return String(decoding: line.bytes, as: UTF8.self)
  }
}

/// The line as Foundation reads it.
func parse(_ line: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> [String: Any] {
  let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
  return try #require(object as? [String: Any], sourceLocation: sourceLocation)
}

/// The keys of the outermost object, in order and with repetitions, which a JSON parser would hide.
func topLevelKeys(_ line: String) -> [String] {
  var keys: [String] = []
  var depth = 0
  var text: [UInt8]?
  var isEscaped = false
  var last: [UInt8] = []
  for byte in line.utf8 {
    if var open = text {
      if byte == UInt8(ascii: "\""), !isEscaped {
        last = open
        text = nil
        continue
      }
      isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
      open.append(byte)
      text = open
      continue
    }
    switch byte {
    case UInt8(ascii: "\""): text = []
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
    case UInt8(ascii: ":"): if depth == 1 { keys.append(String(decoding: last, as: UTF8.self)) }
    default: break
    }
  }
  return keys
}

/// A folder that goes with its owner.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "structured-logging-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func callAsFunction(_ name: String) -> String { path + "/" + name }
}

/// The complete lines of a file; a last part without a newline is returned apart.
func lines(ofFile path: String) throws -> (whole: [String], rest: String) {
  var parts = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  let rest = parts.removeLast()
  return (parts, rest)
}

/// Waits for a condition with a deadline.
func eventually(
  within limit: Duration = .seconds(300),
  _ condition: () throws -> Bool
) async rethrows -> Bool {
  let deadline = ContinuousClock.now + limit
  while ContinuousClock.now < deadline {
    if try condition() { return true }
    await Task.yield()
  }
  return try condition()
}

extension LogStatistics {
  var droppedTotal: UInt64 { linesDropped.values.reduce(0, +) }
}
