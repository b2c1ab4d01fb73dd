import CDBServices
import CZlib
import Foundation
import Testing

@Suite("A recording of frames")
struct FrameRecordingTests {
  /// A file that goes away with the test.
  final class File {
    let path: String
    init(_ bytes: [UInt8]) throws {
      path = FileManager.default.temporaryDirectory.appending(path: "recording-\(UUID())").path
      try Data(bytes).write(to: URL(filePath: path))
    }
    convenience init(_ text: String) throws { try self.init(Array(text.utf8)) }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The same as gzip, by zlib.
    func compressed() throws -> File {
      let result = try File([])
      let file = try #require(gzopen(result.path, "wb"))
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
      _ = bytes.withUnsafeBytes { gzwrite(file, $0.baseAddress, UInt32($0.count)) }
      gzclose(file)
      return result
    }

    var bytes: [UInt8] { (try? Data(contentsOf: URL(filePath: path))).map(Array.init) ?? [] }
  }

  private func frames(
    _ recording: inout FrameRecording, batch maximum: Int = 3
  ) -> (frames: [String], error: RecordingError?) {
    var frames: [String] = []
    var buffer = FrameBuffer()
    do throws(RecordingError) {
      while try recording.read(maximum: maximum, into: &buffer) > 0 {
        buffer.forEach {
          frames.append("\($0.time)|\($0.source)|" + String(decoding: $0.bytes, as: UTF8.self))
        }
        #expect(buffer.count <= maximum)
        buffer.removeAll()
      }
      return (frames, nil)
    } catch {
      buffer.forEach { frames.append("\($0.time)|\($0.source)|" + String(decoding: $0.bytes, as: UTF8.self)) }
      return (frames, error)
    }
  }

  @Test("reads nanoseconds and cryptofeed's seconds, plain and gzip, the last line without its newline too")
  func formats() throws {
    let text = """
      1723161253937085768 {"a":1}
      1633998512.0633569: {"b":2}\r
      1633998512.5: {"c":3}
      1633998512: {"d":4}

      1633998512.06335691234: {}
      """
    let plain = try File(text)
    let expected = [
      #"1723161253937085768|7|{"a":1}"#, #"1633998512063356900|7|{"b":2}"#,
      #"1633998512500000000|7|{"c":3}"#, #"1633998512000000000|7|{"d":4}"#,
      "1633998512063356912|7|{}",
    ]
    for file in [plain, try plain.compressed()] {
      var recording = try FrameRecording(path: file.path, source: 7)
      let result = frames(&recording)
      #expect(result.frames == expected)
      #expect(result.error == nil)
      #expect(recording.statistics.frames == 5)
      #expect(recording.statistics.firstSkippedLine == nil)
    }
  }

  @Test("lines without a time and lines that are too long are counted, and the first is named")
  func skippedLines() throws {
    let long = String(repeating: "x", count: 900_000)
    let file = try File("1 {}\nwss://x {}\n2 \(long)\n{}\n99999999999999999999 {}\n-1 {}\n3 {}\n4 \(long)")
    var recording = try FrameRecording(path: file.path, source: 0, maximumLineBytes: 1_000)
    let result = frames(&recording)
    #expect(result.frames == ["1|0|{}", "3|0|{}"])
    #expect(recording.statistics.linesWithoutTime == 4)
    #expect(recording.statistics.linesTooLong == 2)
    #expect(recording.statistics.firstSkippedLine == 2)
  }

  @Test("lines longer than the first buffer are whole, up to the limit")
  func longLines() throws {
    let long = String(repeating: "y", count: 3_000_000)
    let file = try File("1 {}\n2 \(long)\n3 {}\n")
    var recording = try FrameRecording(path: file.path, source: 0)
    #expect(frames(&recording).frames == ["1|0|{}", "2|0|\(long)", "3|0|{}"])
  }

  @Test("an empty file has no frames")
  func empty() throws {
    let file = try File("")
    for file in [file, try file.compressed()] {
      var recording = try FrameRecording(path: file.path, source: 0)
      let result = frames(&recording)
      #expect(result.frames.isEmpty && result.error == nil)
    }
  }

  @Test("gzip files that were joined are read through")
  func members() throws {
    let (one, two) = (try File("1 {}\n2 {").compressed(), try File("}\n3 {}\n").compressed())
    let file = try File(one.bytes + two.bytes)
    var recording = try FrameRecording(path: file.path, source: 0)
    #expect(frames(&recording).frames == ["1|0|{}", "2|0|{}", "3|0|{}"])
  }

  @Test("a truncated gzip file gives every whole line before its end, then its name and the offset")
  func truncated() throws {
    let lines = (0..<20_000).map { "\($0) {\"n\":\($0 &* 2_654_435_761 % 1_000_003)}" }
    let whole = try File(lines.joined(separator: "\n") + "\n").compressed()
    for length in [whole.bytes.count - 1, whole.bytes.count / 2, 20, 3] {
      let file = try File(Array(whole.bytes.prefix(length)))
      var recording = try FrameRecording(path: file.path, source: 0)
      let result = frames(&recording, batch: 1_000)
      #expect(result.error == .truncatedGzip(path: file.path, offset: Int64(length)))
      let complete = result.frames.count
      #expect(result.frames == lines.prefix(complete).map { $0.replacing(" ", with: "|0|") })
      if length > 1_000 { #expect(complete > 1_000) }
    }
  }

  @Test("a corrupt gzip file gives the lines before the damage, then an error that names the place")
  func corrupt() throws {
    let lines = (0..<20_000).map { "\($0) {\"n\":\($0 &* 2_654_435_761 % 1_000_003)}" }
    var bytes = try File(lines.joined(separator: "\n") + "\n").compressed().bytes
    let middle = bytes.count / 2
    for index in middle..<middle + 64 { bytes[index] = 0xFF }
    let file = try File(bytes)
    var recording = try FrameRecording(path: file.path, source: 0)
    let result = frames(&recording, batch: 1_000)
    guard case .corruptGzip(file.path, let offset, let detail)? = result.error else {
      Issue.record("corruption was expected, not \(String(describing: result.error))")
      return
    }
    #expect(offset >= Int64(middle) && offset <= Int64(bytes.count) && !detail.isEmpty)
    #expect(result.frames.count > 1_000)
    #expect(result.frames.prefix(1_000) == lines.prefix(1_000).map { $0.replacing(" ", with: "|0|") }[...])
  }

  @Test("garbage behind a gzip member is corruption, not an end")
  func trailingGarbage() throws {
    let file = try File(try File("1 {}\n").compressed().bytes + Array("garbage".utf8))
    var recording = try FrameRecording(path: file.path, source: 0)
    let result = frames(&recording)
    #expect(result.frames == ["1|0|{}"])
    guard case .corruptGzip? = result.error else {
      Issue.record("corruption was expected")
      return
    }
  }

  @Test("a file that is not there, or is a directory, is a typed error")
  func missing() throws {
    #expect(throws: RecordingError.cannotOpen(path: "/nowhere/x.gz", errno: ENOENT)) {
      _ = try FrameRecording(path: "/nowhere/x.gz", source: 0)
    }
    var directory = try FrameRecording(path: "/", source: 0)
    #expect(frames(&directory).error == .cannotRead(path: "/", offset: 0, errno: EISDIR))
  }

  @Test("whatever the bytes, reading ends")
  func hostileBytes() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<50 {
      var bytes = (0..<2_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
      if Bool.random() { bytes.replaceSubrange(0..<2, with: [0x1F, 0x8B]) }
      let file = try File(bytes)
      var recording = try FrameRecording(path: file.path, source: 0, maximumLineBytes: 64)
      _ = frames(&recording)
    }
  }
}
